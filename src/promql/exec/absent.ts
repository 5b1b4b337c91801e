/** absent() and absent_over_time(): one series where nothing is. */
import type { Kernel } from '../../base/kernel.ts';
import { type Labels, METRIC_NAME, makeLabels, NO_LABELS } from '../../model/labels.ts';
import { type RangeFunction, rangeFunction } from '../function/range-functions.ts';
import type { CallPlan, Plan } from '../plan/plan.ts';
import { vectorRows } from './evaluate.ts';
import { consumeRows, type Evaluation, type Row, type Rows } from './evaluation.ts';
import { rangeArgument, rangeCallRows } from './range-call.ts';
import type { StepGrid } from './result-sink.ts';
import { ABSENT, allocateColumn, FLOAT, presenceOf, valuesOf } from './step-column.ts';

export function* absentRows(evaluation: Evaluation, call: CallPlan, grid: StepGrid): Rows {
  const argument = call.args[0] as Plan;
  const rows = vectorRows(evaluation, argument, grid);
  yield* presenceInverted(evaluation, rows, grid, absentLabels(argument));
}

export function* absentOverTimeRows(evaluation: Evaluation, call: CallPlan, grid: StepGrid): Rows {
  const definition = rangeFunction(call.func) as RangeFunction;
  const rows = rangeCallRows(evaluation, call, definition, grid);
  yield* presenceInverted(evaluation, rows, grid, absentLabels(rangeArgument(call)));
}

function* presenceInverted(
  evaluation: Evaluation,
  rows: Rows,
  grid: StepGrid,
  labels: Labels,
): Rows {
  const { kernel } = evaluation;
  const seen = new Uint8Array(grid.steps);
  yield* consumeRows(rows, (row) => {
    const present = presenceOf(kernel, row.column, grid.steps);
    for (let k = 0; k < grid.steps; k++) if (present[k] !== ABSENT) seen[k] = FLOAT;
  });
  const row = rowWhereAbsent(kernel, seen, labels);
  if (row !== undefined) yield row;
}

function rowWhereAbsent(kernel: Kernel, seen: Uint8Array, labels: Labels): Row | undefined {
  if (!seen.includes(ABSENT)) return undefined;
  const column = allocateColumn(kernel, seen.length);
  valuesOf(kernel, column, seen.length).fill(1);
  const present = presenceOf(kernel, column, seen.length);
  for (let k = 0; k < seen.length; k++) present[k] = seen[k] === ABSENT ? FLOAT : ABSENT;
  return { labels, dropName: false, column };
}

/** What the selector asks for with `=`; a label that is asked for twice says nothing. */
function absentLabels(plan: Plan): Labels {
  const selector = plan.kind === 'range' ? plan.selector : plan;
  if (selector.kind !== 'select') return NO_LABELS;
  const pairs = new Map<string, string>();
  const asked = new Set<string>();
  for (const { type, name, value } of selector.matchers) {
    if (name === METRIC_NAME) continue;
    if (type === '=' && !asked.has(name)) {
      pairs.set(name, value);
      asked.add(name);
    } else pairs.delete(name);
  }
  return makeLabels(pairs);
}

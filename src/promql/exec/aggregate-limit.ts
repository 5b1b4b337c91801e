/** limitk: the first k series of each group; limit_ratio: a share of them, chosen by their labels' hash. */
import { OperationError } from '../../base/errors.ts';
import { labelsHashRatio } from '../function/labels-hash.ts';
import type { AggregatePlan, Plan } from '../plan/plan.ts';
import { countParameters } from './aggregate-parameter.ts';
import { drainRows, scalarValues, vectorRows } from './evaluate.ts';
import { type Evaluation, mapRows, type Row, type Rows } from './evaluation.ts';
import { grouper } from './grouping.ts';
import { REMARKS } from './query-annotations.ts';
import type { StepGrid } from './result-sink.ts';
import { ABSENT, allocateColumn, type OpenColumn, presenceOf, valuesOf } from './step-column.ts';

export function* limitRows(evaluation: Evaluation, plan: AggregatePlan, grid: StepGrid): Rows {
  const parameters = yield* scalarValues(evaluation, plan.param as Plan, grid);
  const limits = countParameters(parameters);
  if (limits === undefined) return yield* drainRows(vectorRows(evaluation, plan.expr, grid));
  const { keyOf } = grouper(plan.grouping, plan.without);
  const taken = new Map<string, Float64Array>();
  yield* filteredRows(evaluation, plan, grid, (row) => {
    const key = keyOf(row.labels);
    const counts = taken.get(key) ?? new Float64Array(grid.steps);
    taken.set(key, counts);
    return (k) => {
      if ((counts[k] as number) >= (limits[k] as number)) return false;
      counts[k] = (counts[k] as number) + 1;
      return true;
    };
  });
}

export function* limitRatioRows(evaluation: Evaluation, plan: AggregatePlan, grid: StepGrid): Rows {
  const param = plan.param as Plan;
  const ratios = yield* scalarValues(evaluation, param, grid);
  if (ratios.every((ratio) => ratio === 0)) {
    return yield* drainRows(vectorRows(evaluation, plan.expr, grid));
  }
  if (ratios.some(Number.isNaN)) throw new OperationError('execution', 'Ratio value is NaN');
  const most = ratios.reduce((a, b) => Math.max(a, b));
  const least = ratios.reduce((a, b) => Math.min(a, b));
  const { annotations } = evaluation;
  if (most > 1) annotations.warn(param.position, REMARKS.invalidRatio(most, 1));
  if (least < -1) annotations.warn(param.position, REMARKS.invalidRatio(least, -1));
  yield* filteredRows(evaluation, plan, grid, (row) => {
    const place = labelsHashRatio(row.labels);
    return (k) => {
      const ratio = Math.min(1, Math.max(-1, ratios[k] as number));
      // A negative ratio takes exactly what its positive complement leaves.
      return ratio >= 0 ? place < ratio : place >= 1 + ratio;
    };
  });
}

/** The rows at those steps that a condition, made for each row, takes; asked in ascending order. */
function* filteredRows(
  evaluation: Evaluation,
  plan: AggregatePlan,
  grid: StepGrid,
  conditionOf: (row: Row) => (step: number) => boolean,
): Rows {
  const { kernel } = evaluation;
  const column = allocateColumn(kernel, grid.steps);
  yield* mapRows(vectorRows(evaluation, plan.expr, grid), (row) => {
    const isAny = copyWhere(evaluation, row, column, grid.steps, conditionOf(row));
    return isAny ? { ...row, column } : undefined;
  });
}

function copyWhere(
  { kernel }: Evaluation,
  row: Row,
  column: OpenColumn,
  steps: number,
  takes: (step: number) => boolean,
): boolean {
  const present = presenceOf(kernel, column, steps);
  present.set(presenceOf(kernel, row.column, steps));
  valuesOf(kernel, column, steps).set(valuesOf(kernel, row.column, steps));
  column.histograms = row.column.histograms?.slice();
  let isAny = false;
  for (let k = 0; k < steps; k++) {
    if (present[k] === ABSENT) continue;
    if (takes(k)) isAny = true;
    else present[k] = ABSENT;
  }
  return isAny;
}

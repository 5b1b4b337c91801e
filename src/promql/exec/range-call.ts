/** Calls of range functions: one kernel call a series. Source: promql/engine.go, eval of Call (3.14). */
import { OperationError } from '../../base/errors.ts';
import { type Labels, labelValue, METRIC_NAME } from '../../model/labels.ts';
import {
  ANCHORED_FUNCTIONS,
  type RangeFunction,
  SMOOTHED_FUNCTIONS,
} from '../function/range-functions.ts';
import type { CallPlan, Plan, RangePlan, SubqueryPlan } from '../plan/plan.ts';
import { scalarValues } from './evaluate.ts';
import { type Evaluation, mapRows, type Row, type Rows } from './evaluation.ts';
import { sharesOneName } from './fragments.ts';
import { dropMetricName, UniqueLabels } from './metric-name.ts';
import { REMARKS } from './query-annotations.ts';
import { fillRange, type RangeFill, releaseWindow } from './range-fill.ts';
import { rangeRows } from './range-source.ts';
import type { StepGrid } from './result-sink.ts';
import { FLOAT, presenceOf, weighColumn } from './step-column.ts';

export function* rangeCallRows(
  evaluation: Evaluation,
  call: CallPlan,
  definition: RangeFunction,
  grid: StepGrid,
): Rows {
  const { budget, kernel, given } = evaluation;
  const fill = yield* resolveCall(evaluation, call, definition, grid);
  const source = rangeArgument(call);
  const isUnique = call.func === 'absent_over_time' || sharesOneName(source);
  const unique = isUnique ? undefined : new UniqueLabels(evaluation);
  let held = fill.parameters.length * grid.steps;
  budget.hold(held);
  const rows = rangeRows(evaluation, source, grid, (series, column) =>
    fillRange(fill, series, column),
  );
  yield* mapRows(rows, (row) => {
    const weight = weighColumn(kernel, row.column, grid.steps);
    budget.hold(weight);
    const { largestWindow: largest, heldWindow: last } = fill;
    given?.addRange(call, { largest, last, result: weight });
    releaseWindow(fill);
    if (weight === 0) return undefined;
    held += weight;
    if (call.func === 'rate' || call.func === 'increase') remarkOnName(fill, row);
    const dropName = definition.keepsName !== true || row.dropName;
    const labels = dropName ? dropMetricName(evaluation, row.labels) : row.labels;
    unique?.add(labels);
    return { labels, dropName, column: row.column };
  });
  budget.release(held);
}

export function rangeArgument(call: CallPlan): RangePlan | SubqueryPlan {
  return call.args.find((arg) => arg.kind === 'range' || arg.kind === 'subquery') as
    | RangePlan
    | SubqueryPlan;
}

function* resolveCall(
  evaluation: Evaluation,
  call: CallPlan,
  definition: RangeFunction,
  grid: StepGrid,
): Generator<undefined, RangeFill, undefined> {
  const source = rangeArgument(call);
  const parameters: Float64Array[] = [];
  for (const arg of call.args) {
    if (arg !== source) parameters.push(yield* scalarValues(evaluation, arg, grid));
  }
  if (call.func === 'double_exponential_smoothing') checkFactors(parameters);
  const extension = source.kind === 'range' ? source.selector.extended : undefined;
  if (extension !== undefined) checkExtension(call.func, extension);
  const { atMs, offsetMs } = source.kind === 'range' ? source.selector : source;
  const place = {
    endMs: (atMs ?? grid.startMs) - offsetMs,
    stepMs: atMs === undefined ? grid.stepMs : 0,
    rangeMs: source.rangeMs,
  };
  // What a subquery gave has no place in Prometheus' eyes.
  const first = call.args[0] as Plan;
  const position = first.kind === 'subquery' ? { start: 0, end: 0 } : first.position;
  const { func } = call;
  return {
    evaluation,
    func,
    definition,
    grid,
    ...place,
    parameters,
    extension,
    position,
    readsStorage: source.kind === 'range',
    heldWindow: 0,
    largestWindow: 0,
  };
}

function checkExtension(func: string, extension: 'anchored' | 'smoothed'): void {
  const allowed = extension === 'anchored' ? ANCHORED_FUNCTIONS : SMOOTHED_FUNCTIONS;
  if (allowed.includes(func)) return;
  throw new OperationError(
    'execution',
    `${extension} modifier can only be used with: ${allowed.join(', ')} - not with ${func}`,
  );
}

function checkFactors(parameters: readonly Float64Array[]): void {
  const [smoothing, trend] = parameters as readonly [Float64Array, Float64Array];
  for (let k = 0; k < smoothing.length; k++) {
    checkFactor('smoothing', 'sf', smoothing[k] as number);
    checkFactor('trend', 'tf', trend[k] as number);
  }
}

function checkFactor(name: string, short: string, value: number): void {
  if (!(value <= 0 || value >= 1)) return;
  throw new OperationError(
    'execution',
    `invalid ${name} factor. Expected: 0 < ${short} < 1, got: ${value.toFixed(6)}`,
  );
}

/** rate of something that does not look like a counter. */
function remarkOnName({ evaluation, position, grid }: RangeFill, row: Row): void {
  const name = labelValue(row.labels, METRIC_NAME);
  if (name === '') return;
  const isSuspect = evaluation.typeAndUnitLabels
    ? !['counter', 'histogram'].includes(labelValue(row.labels, '__type__'))
    : !/_(total|sum|count|bucket)$/.test(name);
  if (!isSuspect || !presenceOf(evaluation.kernel, row.column, grid.steps).includes(FLOAT)) return;
  evaluation.annotations.info(position, describeSuspect(evaluation, name, row.labels));
}

function describeSuspect(evaluation: Evaluation, name: string, labels: Labels): string {
  if (!evaluation.typeAndUnitLabels) return REMARKS.possibleNonCounter(name);
  return REMARKS.possibleNonCounterLabel(name, labelValue(labels, '__type__'));
}

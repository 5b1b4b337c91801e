/** Calls of functions over instant vectors. Source: promql/functions.go (3.14). */
import { BugError } from '../../base/assert.ts';
import { NO_LABELS } from '../../model/labels.ts';
import {
  type ElementFunction,
  elementFunction,
  isDateFunction,
} from '../function/element-functions.ts';
import { goMax, goMin } from '../function/go-math.ts';
import { rangeFunction } from '../function/range-functions.ts';
import type { CallPlan, Plan } from '../plan/plan.ts';
import { absentOverTimeRows, absentRows } from './absent.ts';
import { drainRows, heldRows, scalarValues, vectorRows } from './evaluate.ts';
import { type Evaluation, mapRows, type Row, type Rows, timeAt } from './evaluation.ts';
import { sharesOneName } from './fragments.ts';
import { histogramCallRows, isHistogramFunction } from './histogram-call.ts';
import { infoRows } from './info.ts';
import { labelJoinRows, labelReplaceRows } from './label-call.ts';
import { DisjointLabels, dropMetricName } from './metric-name.ts';
import { rangeCallRows } from './range-call.ts';
import type { StepGrid } from './result-sink.ts';
import { selectSampleTimes } from './select.ts';
import { isSortFunction, sortedRows } from './sort.ts';
import {
  ABSENT,
  allocateColumn,
  FLOAT,
  presenceOf,
  type StepColumn,
  valuesOf,
} from './step-column.ts';

export function* callRows(evaluation: Evaluation, call: CallPlan, grid: StepGrid): Rows {
  const range = rangeFunction(call.func);
  if (call.func === 'absent_over_time') {
    yield* heldRows(evaluation, absentOverTimeRows(evaluation, call, grid), grid);
  } else if (range !== undefined) yield* rangeCallRows(evaluation, call, range, grid);
  else yield* heldRows(evaluation, ownRows(evaluation, call, grid), grid);
}

function ownRows(evaluation: Evaluation, call: CallPlan, grid: StepGrid): Rows {
  const { func, args } = call;
  if (isSortFunction(func)) return sortedRows(evaluation, call, grid);
  if (isHistogramFunction(func)) return histogramCallRows(evaluation, call, grid);
  switch (func) {
    case 'absent':
      return absentRows(evaluation, call, grid);
    case 'clamp':
    case 'clamp_max':
    case 'clamp_min':
      return clampedRows(evaluation, call, grid);
    case 'info':
      return infoRows(evaluation, call, grid);
    case 'label_join':
      return labelJoinRows(evaluation, call, grid);
    case 'label_replace':
      return labelReplaceRows(evaluation, call, grid);
    case 'round':
      return roundedRows(evaluation, call, grid);
    case 'start_timestamp':
    case 'timestamp':
      return timestampRows(evaluation, call, grid);
    case 'vector':
      return scalarRow(evaluation, args[0] as Plan, grid);
    default:
      return elementRows(evaluation, call, grid);
  }
}

/** Fills the values of present floats; the function's own column starts without any. */
type Apply = (from: Float64Array, to: Float64Array, present: Uint8Array) => void;

/** Every float through a function; histograms are dropped, and the name. */
export function* floatRows(
  evaluation: Evaluation,
  argument: Plan,
  grid: StepGrid,
  apply: Apply,
): Rows {
  const { kernel } = evaluation;
  const { steps } = grid;
  const column = allocateColumn(kernel, steps);
  const rename = renamer(evaluation, argument, grid);
  yield* mapRows(vectorRows(evaluation, argument, grid), (row) => {
    const present = presenceOf(kernel, column, steps);
    present.set(presenceOf(kernel, row.column, steps));
    if (row.column.histograms !== undefined) {
      for (let k = 0; k < steps; k++) if (present[k] !== FLOAT) present[k] = ABSENT;
    }
    apply(valuesOf(kernel, row.column, steps), valuesOf(kernel, column, steps), present);
    return rename(row, column);
  });
}

/** Gives rows without their metric's name, and refuses those that become equal by it. */
export function renamer(
  evaluation: Evaluation,
  argument: Plan,
  grid: StepGrid,
): (row: Row, column: StepColumn) => Row {
  const isUnique = evaluation.delayedNameRemoval || sharesOneName(argument);
  const disjoint = isUnique ? undefined : new DisjointLabels(evaluation, grid.steps);
  return (row, column) => {
    const labels = dropMetricName(evaluation, row.labels);
    disjoint?.add(labels, column);
    return { labels, dropName: true, column };
  };
}

function* elementRows(evaluation: Evaluation, call: CallPlan, grid: StepGrid): Rows {
  const { func, args } = call;
  const change = elementFunction(func);
  if (change === undefined) throw new BugError(`function ${func} has no implementation`);
  const [argument] = args;
  if (argument !== undefined) {
    yield* floatRows(evaluation, argument, grid, (from, to) => {
      for (let k = 0; k < grid.steps; k++) to[k] = change(from[k] as number);
    });
  } else if (isDateFunction(func)) yield evaluationDateRow(evaluation, change, grid);
}

function evaluationDateRow(evaluation: Evaluation, show: ElementFunction, grid: StepGrid): Row {
  const column = allocateColumn(evaluation.kernel, grid.steps);
  presenceOf(evaluation.kernel, column, grid.steps).fill(FLOAT);
  const values = valuesOf(evaluation.kernel, column, grid.steps);
  for (let k = 0; k < grid.steps; k++) values[k] = show(timeAt(grid, k) / 1000);
  return { labels: NO_LABELS, dropName: false, column };
}

function* scalarRow(evaluation: Evaluation, argument: Plan, grid: StepGrid): Rows {
  const scalars = yield* scalarValues(evaluation, argument, grid);
  const column = allocateColumn(evaluation.kernel, grid.steps);
  presenceOf(evaluation.kernel, column, grid.steps).fill(FLOAT);
  valuesOf(evaluation.kernel, column, grid.steps).set(scalars);
  yield { labels: NO_LABELS, dropName: false, column };
}

function* clampedRows(evaluation: Evaluation, call: CallPlan, grid: StepGrid): Rows {
  const { func, args } = call;
  const least = func === 'clamp_max' ? undefined : args[1];
  const most = func === 'clamp' ? args[2] : func === 'clamp_max' ? args[1] : undefined;
  const everywhere = (value: number): Float64Array => new Float64Array(grid.steps).fill(value);
  const minima =
    least === undefined ? everywhere(-Infinity) : yield* scalarValues(evaluation, least, grid);
  const maxima =
    most === undefined ? everywhere(Infinity) : yield* scalarValues(evaluation, most, grid);
  yield* floatRows(evaluation, args[0] as Plan, grid, (from, to, present) => {
    for (let k = 0; k < grid.steps; k++) {
      const minimum = minima[k] as number;
      const maximum = maxima[k] as number;
      if (maximum < minimum) present[k] = ABSENT;
      to[k] = goMax(minimum, goMin(maximum, from[k] as number));
    }
  });
}

/** To the nearest multiple; ties go up. */
function* roundedRows(evaluation: Evaluation, call: CallPlan, grid: StepGrid): Rows {
  const [argument, nearest] = call.args as readonly [Plan, Plan | undefined];
  const steps =
    nearest === undefined
      ? new Float64Array(grid.steps).fill(1)
      : yield* scalarValues(evaluation, nearest, grid);
  yield* floatRows(evaluation, argument, grid, (from, to) => {
    for (let k = 0; k < grid.steps; k++) {
      const inverse = 1 / (steps[k] as number);
      to[k] = Math.floor((from[k] as number) * inverse + 0.5) / inverse;
    }
  });
}

/** Of a selector the samples' own times, of anything else the evaluation time. */
function* timestampRows(evaluation: Evaluation, call: CallPlan, grid: StepGrid): Rows {
  const argument = call.args[0] as Plan;
  const isStart = call.func === 'start_timestamp';
  const ofSelector = argument.kind === 'select';
  if (isStart && (!ofSelector || !evaluation.startTimestamps)) {
    return yield* drainRows(vectorRows(evaluation, argument, grid));
  }
  if (ofSelector) {
    const rename = renamer(evaluation, argument, grid);
    const which = isStart ? 'startTime' : 'time';
    const rows = selectSampleTimes(evaluation, argument, grid, which);
    return yield* mapRows(rows, (row) => rename(row, row.column));
  }
  const { kernel } = evaluation;
  const column = allocateColumn(kernel, grid.steps);
  const values = valuesOf(kernel, column, grid.steps);
  for (let k = 0; k < grid.steps; k++) values[k] = timeAt(grid, k) / 1000;
  const rename = renamer(evaluation, argument, grid);
  yield* mapRows(vectorRows(evaluation, argument, grid), (row) => {
    const present = presenceOf(kernel, column, grid.steps);
    presenceOf(kernel, row.column, grid.steps).forEach((kind, k) => {
      present[k] = kind === ABSENT ? ABSENT : FLOAT;
    });
    return rename(row, column);
  });
}

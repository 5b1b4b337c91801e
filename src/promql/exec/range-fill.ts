/** One series through a range function: the floats by a kernel, what kernels do not know in plain code. */
import type { Kernel } from '../../base/kernel.ts';
import type { WindowArguments } from '../../base/kernel-exports.ts';
import { windowScratchBytes } from '../../base/kernel-scratch.ts';
import { labelValue, METRIC_NAME } from '../../model/labels.ts';
import type { SampleColumns } from '../../model/sample.ts';
import type { RangeFunction, WindowKernel, WindowResult } from '../function/range-functions.ts';
import { floatCount, histogramCount, moveWindow, type Window } from '../function/window.ts';
import type { WindowContext } from '../function/window-context.ts';
import { anchoredStart, type Extension, extendedRate } from '../function/window-extended.ts';
import { countChanges, countResets } from '../function/window-over-time.ts';
import { extrapolatedRate, instantRate } from '../function/window-rate.ts';
import type { Position } from '../parse/ast.ts';
import type { Evaluation } from './evaluation.ts';
import { REMARKS } from './query-annotations.ts';
import type { RangeSeries } from './range-source.ts';
import type { StepGrid } from './result-sink.ts';
import {
  ABSENT,
  FLOAT,
  histogramWeight,
  type OpenColumn,
  presenceOf,
  putFloat,
  putHistogram,
} from './step-column.ts';
import { windowRemarks } from './window-remarks.ts';
import { sumWindows, type WindowSums } from './window-weights.ts';

/** A range function's call with everything resolved that its series share. */
export interface RangeFill {
  readonly evaluation: Evaluation;
  readonly func: string;
  readonly definition: RangeFunction;
  readonly grid: StepGrid;
  /** End of the first window, and how far each next one is ahead of it: 0 when `@` fixes it. */
  readonly endMs: number;
  readonly stepMs: number;
  readonly rangeMs: number;
  /** The call's scalar arguments. */
  readonly parameters: readonly Float64Array[];
  readonly extension: Extension | undefined;
  /** What remarks are about. */
  readonly position: Position;
  /** The samples are those of a selector, not of a subquery, which counts what it reads itself. */
  readonly readsStorage: boolean;
  /** Samples of the current series' last window: they are held until its result is. */
  heldWindow: number;
  /** Of the current series, where windows are counted. */
  largestWindow: number;
}

/** Writes all steps of the column; false when the series has no sample at all. */
export function fillRange(fill: RangeFill, series: RangeSeries, column: OpenColumn): boolean {
  const { columns } = series;
  if (columns.count === 0 && columns.histograms.length === 0) return false;
  countSamples(fill, columns);
  const kernel = needsCode(fill, columns) ? undefined : fill.definition.kernel;
  if (kernel === undefined) clearPresence(fill, column);
  else runKernel(fill, kernel, columns, column);
  if (kernel === undefined || columns.histograms.length > 0) runCode(fill, series, column);
  if (fill.func === 'quantile_over_time') remarkOnQuantile(fill, column);
  return true;
}

function needsCode(fill: RangeFill, columns: SampleColumns): boolean {
  return fill.extension !== undefined || seesStartTimes(fill, columns);
}

function seesStartTimes({ evaluation, definition }: RangeFill, columns: SampleColumns): boolean {
  if (!evaluation.startTimestamps || definition.seesStartTimes !== true) return false;
  return columns.startTimes !== 0 || columns.histograms.some(({ startTime }) => startTime !== 0);
}

function clearPresence({ evaluation, grid }: RangeFill, column: OpenColumn): void {
  presenceOf(evaluation.kernel, column, grid.steps).fill(ABSENT);
}

function runKernel(
  fill: RangeFill,
  name: WindowKernel,
  columns: SampleColumns,
  column: OpenColumn,
): void {
  const { kernel } = fill.evaluation;
  const { steps } = fill.grid;
  const scratch = kernel.arena.alloc(windowScratchBytes(columns.count));
  const [parameter] = fill.parameters;
  if (parameter === undefined || isConstant(parameter)) {
    const { values, present } = column;
    callKernel(fill, name, columns, { scratch, first: 0, steps, values, present });
    return;
  }
  for (let k = 0; k < steps; k++) {
    const target = { values: column.values + 8 * k, present: column.present + k };
    callKernel(fill, name, columns, { scratch, first: k, steps: 1, ...target });
  }
}

function isConstant(values: Float64Array): boolean {
  const first = values[0];
  for (let k = 1; k < values.length; k++) if (!Object.is(values[k], first)) return false;
  return true;
}

interface KernelTarget {
  readonly scratch: number;
  readonly first: number;
  readonly steps: number;
  readonly values: number;
  readonly present: number;
}

function callKernel(
  fill: RangeFill,
  name: WindowKernel,
  columns: SampleColumns,
  { scratch, first, steps, values, present }: KernelTarget,
): void {
  const { grid, endMs, stepMs, rangeMs } = fill;
  const { exports } = fill.evaluation.kernel;
  const startMs = endMs + first * stepMs;
  const parameter = fill.parameters[0]?.[first] ?? 0;
  const window: WindowArguments = [
    columns.times,
    columns.values,
    columns.count,
    startMs,
    stepMs,
    steps,
    rangeMs,
    values,
    present,
    scratch,
  ];
  if (name === 'windowPredictLinear') {
    const evaluationMs = grid.startMs + first * grid.stepMs;
    exports.windowPredictLinear(...window, parameter, evaluationMs, grid.stepMs);
  } else if (name === 'windowQuantileOverTime') exports[name](...window, parameter);
  else exports[name](...window);
}

function runCode(fill: RangeFill, series: RangeSeries, column: OpenColumn): void {
  const { evaluation, grid, definition } = fill;
  const { kernel } = evaluation;
  const beyond = beyondWindow(fill);
  const window = windowOver(kernel, series.columns, seesStartTimes(fill, series.columns));
  const name = labelValue(series.labels, METRIC_NAME);
  const remarks = windowRemarks(evaluation.annotations, fill.position, name, fill.rangeMs);
  const present = presenceOf(kernel, column, grid.steps);
  const hasKernel = definition.kernel !== undefined && !needsCode(fill, series.columns);
  for (let k = 0; k < grid.steps; k++) {
    const endMs = fill.endMs + k * fill.stepMs;
    moveWindow(window, endMs - fill.rangeMs, endMs, beyond);
    if (histogramCount(window) === 0 && (hasKernel || floatCount(window) === 0)) continue;
    const known = present[k] === FLOAT ? kernel.f64[(column.values >>> 3) + k] : undefined;
    const float = hasKernel ? known : floatsByCode(fill, window, k);
    const result = evaluateWindow(fill, remarks, window, float);
    if (result === undefined) present[k] = ABSENT;
    else if (typeof result === 'number') putFloat(kernel, column, k, result);
    else putHistogram(kernel, column, k, result);
  }
}

/** How far beyond its window a function looks. */
function beyondWindow({ evaluation, extension }: RangeFill): {
  readonly beforeMs: number;
  readonly afterMs: number;
} {
  const { lookbackMs } = evaluation;
  return {
    beforeMs: extension === undefined ? 0 : lookbackMs,
    afterMs: extension === 'smoothed' ? lookbackMs : 0,
  };
}

function floatsByCode(
  { definition, parameters }: RangeFill,
  window: Window,
  k: number,
): WindowResult {
  if (definition.floats === undefined || floatCount(window) === 0) return undefined;
  return definition.floats(
    window,
    parameters.map((values) => values[k] as number),
  );
}

function evaluateWindow(
  fill: RangeFill,
  remarks: WindowContext,
  window: Window,
  float: WindowResult,
): WindowResult {
  const { definition, func, extension } = fill;
  const { rate } = definition;
  if (extension !== undefined) {
    if (rate !== undefined) return extendedRate(remarks, window, rate, extension);
    const start = anchoredStart(window);
    if (start === undefined) return undefined;
    return func === 'changes' ? countChanges(window, start) : countResets(window, start);
  }
  if (window.usesStartTimes) {
    if (rate !== undefined) return extrapolatedRate(remarks, window, rate);
    if (func === 'irate') return instantRate(remarks, window, true);
    return countResets(window, { float: window.first, histogram: window.firstHistogram });
  }
  return histogramCount(window) > 0
    ? definition.mixed(remarks, window, float as number | undefined)
    : float;
}

export function windowOver(
  kernel: Kernel,
  columns: SampleColumns,
  usesStartTimes: boolean,
): Window {
  const { times, values, startTimes, count, histograms } = columns;
  const view = (address: number): Float64Array =>
    kernel.f64.subarray(address >>> 3, (address >>> 3) + count);
  return {
    times: view(times),
    values: view(values),
    usesStartTimes,
    startTimes: startTimes === 0 ? undefined : view(startTimes),
    histograms,
    first: 0,
    last: 0,
    firstHistogram: 0,
    lastHistogram: 0,
    startMs: 0,
    endMs: 0,
  };
}

function remarkOnQuantile(fill: RangeFill, column: OpenColumn): void {
  const { evaluation, grid, position } = fill;
  const quantiles = fill.parameters[0] as Float64Array;
  const present = presenceOf(evaluation.kernel, column, grid.steps);
  for (let k = 0; k < grid.steps; k++) {
    const q = quantiles[k] as number;
    if ((q >= 0 && q <= 1) || present[k] !== FLOAT) continue;
    evaluation.annotations.warn(position, REMARKS.invalidQuantile(q));
  }
}

/**
 * Counts a series' samples. Only a window is held at a time, and each sample counts as read for every step
 * that sees it; both are computed when statistics are wanted or the limit is near. Else all count once.
 */
function countSamples(fill: RangeFill, columns: SampleColumns): void {
  const { evaluation, grid, readsStorage } = fill;
  const { budget, reads } = evaluation;
  let weight = columns.count;
  for (const { histogram } of columns.histograms) weight += histogramWeight(histogram);
  if (!evaluation.countsWindows && budget.hasRoomFor(weight + grid.steps)) {
    budget.hold(weight);
    budget.release(weight);
    reads.addOnce(weight, readsStorage ? weight : 0);
    return;
  }
  const { seen, fresh, largest, last } = sumSteps(fill, columns);
  budget.hold(largest);
  budget.release(largest - last);
  fill.heldWindow = last;
  fill.largestWindow = largest;
  if (evaluation.countsWindows) reads.addWindows(seen, readsStorage ? fresh : 0);
  else reads.addOnce(weight, readsStorage ? weight : 0);
}

function sumSteps(fill: RangeFill, { times, count, histograms }: SampleColumns): WindowSums {
  const { evaluation, grid, endMs, stepMs, rangeMs, readsStorage } = fill;
  const { kernel, reads } = evaluation;
  const windows = { steps: grid.steps, endMs, stepMs, rangeMs, ...beyondWindow(fill) };
  const floatTimes = kernel.f64.subarray(times >>> 3, (times >>> 3) + count);
  const visit = (k: number, seen: number, fresh: number): void =>
    reads.addAt(k, seen, readsStorage ? fresh : 0);
  return sumWindows(windows, floatTimes, histograms, reads.keepsSteps ? visit : undefined);
}

/** After a series' result has been counted. */
export function releaseWindow(fill: RangeFill): void {
  fill.evaluation.budget.release(fill.heldWindow);
  fill.heldWindow = 0;
}

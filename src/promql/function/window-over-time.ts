/** The `…_over_time` family, changes and resets over windows with native histograms. Source: promql/functions.go. */
import type { FloatHistogram } from '../../model/histogram.ts';
import { equalHistograms, isCounterReset } from './histogram-compare.ts';
import { divideHistogram, HistogramSum, type SumOutcome } from './histogram-sum.ts';
import { isStartTimeReset } from './start-time.ts';
import { floatCount, histogramAt, histogramCount, startTimeAt, type Window } from './window.ts';
import type { WindowContext } from './window-context.ts';

type Result = number | FloatHistogram | undefined;

/** sum_over_time and avg_over_time. */
export function sumHistograms(context: WindowContext, window: Window): Result {
  return foldHistograms(
    context,
    window,
    (sum, histogram) => sum.add(histogram),
    (sum) => sum,
  );
}

export function averageHistograms(context: WindowContext, window: Window): Result {
  const average = new HistogramAverage();
  return foldHistograms(
    context,
    window,
    (sum, histogram) => average.add(sum, histogram),
    (sum) => average.finish(sum),
  );
}

function foldHistograms(
  context: WindowContext,
  window: Window,
  add: (sum: HistogramSum, histogram: FloatHistogram) => SumOutcome,
  finish: (sum: HistogramSum) => HistogramSum,
): Result {
  if (floatCount(window) > 0) {
    context.warnMixed();
    return undefined;
  }
  const first = histogramAt(window, window.firstHistogram).histogram;
  const sum = new HistogramSum(first);
  const hints = new Set([first.counterResetHint]);
  let reconciled = false;
  for (let i = window.firstHistogram + 1; i < window.lastHistogram; i++) {
    const { histogram } = histogramAt(window, i);
    hints.add(histogram.counterResetHint);
    const outcome = add(sum, histogram);
    if (!outcome.compatible) {
      context.warnMixedSchemas();
      return undefined;
    }
    reconciled ||= outcome.reconciled;
  }
  if (hints.has('reset') && hints.has('not_reset')) context.warnCounterResetCollision();
  if (reconciled) context.infoReconciled('aggregation');
  return finish(sum).toHistogram();
}

/** A mean of histograms: their sum divided, or a running mean once the sum would overflow. */
export class HistogramAverage {
  #count = 1;
  #mean: HistogramSum | undefined;

  /** Adds to the sum, or to the mean if that has taken over. */
  add(sum: HistogramSum, histogram: FloatHistogram): SumOutcome {
    this.#count++;
    if (this.#mean === undefined) {
      const before = sum.mayOverflowWith(histogram) ? sum.clone() : undefined;
      const outcome = sum.add(histogram);
      if (before === undefined || !outcome.compatible || !sum.hasOverflow) return outcome;
      this.#mean = before;
      this.#mean.divide(this.#count - 1);
    }
    this.#mean.scale((this.#count - 1) / this.#count);
    return this.#mean.add(divideHistogram(histogram, this.#count));
  }

  finish(sum: HistogramSum): HistogramSum {
    if (this.#mean !== undefined) return this.#mean;
    sum.divide(this.#count);
    return sum;
  }
}

/** Functions that look at floats alone, where their window has histograms too. */
export function floatsOnly(
  context: WindowContext,
  window: Window,
  float: number | undefined,
): Result {
  if (floatCount(window) > 0) context.infoIgnoredHistograms();
  return float;
}

export function firstSample(window: Window): Result {
  const hasFloats = floatCount(window) > 0;
  const histogram = histogramAt(window, window.firstHistogram);
  if (hasFloats && (window.times[window.first] as number) < histogram.time) {
    return window.values[window.first];
  }
  return histogram.histogram;
}

export function lastSample(window: Window): Result {
  const hasFloats = floatCount(window) > 0;
  const histogram = histogramAt(window, window.lastHistogram - 1);
  if (hasFloats && (window.times[window.last - 1] as number) > histogram.time) {
    return window.values[window.last - 1];
  }
  return histogram.histogram;
}

/** Seconds of the first or last sample of any kind. */
export function timeOfFirst(window: Window): number {
  const float = floatCount(window) > 0 ? (window.times[window.first] as number) : Infinity;
  const other =
    histogramCount(window) > 0 ? histogramAt(window, window.firstHistogram).time : Infinity;
  return Math.min(float, other) / 1000;
}

export function timeOfLast(window: Window): number {
  const float = floatCount(window) > 0 ? (window.times[window.last - 1] as number) : 0;
  const other = histogramCount(window) > 0 ? histogramAt(window, window.lastHistogram - 1).time : 0;
  return Math.max(float, other) / 1000;
}

interface AnySample {
  readonly time: number;
  readonly startTime: number;
  readonly value: number | FloatHistogram;
}

/** How often neighbours differ; going from floats to histograms or back counts. */
export function countChanges(window: Window, from: WindowStart): number {
  return countNeighbours(window, from, (before, now) => {
    if (typeof before.value === 'number' || typeof now.value === 'number') {
      if (typeof before.value !== typeof now.value) return true;
      const bothNaN = Number.isNaN(before.value) && Number.isNaN(now.value);
      return before.value !== now.value && !bothNaN;
    }
    return !equalHistograms(now.value, before.value);
  });
}

/** How often a counter began anew; going from floats to histograms or back counts. */
export function countResets(window: Window, from: WindowStart): number {
  return countNeighbours(window, from, (before, now) => {
    if (typeof before.value !== typeof now.value) return true;
    if (isStartTimeReset(before.startTime, before.time, now.startTime, now.time)) return true;
    if (typeof before.value === 'number' || typeof now.value === 'number') {
      return now.value < before.value;
    }
    return isCounterReset(now.value, before.value);
  });
}

/** Entries to begin with, when it is not the window's first ones. */
export interface WindowStart {
  readonly float: number;
  readonly histogram: number;
}

function countNeighbours(
  window: Window,
  from: WindowStart,
  counts: (before: AnySample, now: AnySample) => boolean,
): number {
  let float = from.float;
  let other = from.histogram;
  let before: AnySample | undefined;
  let found = 0;
  while (float < window.last || other < window.lastHistogram) {
    const now = isFloatNext(window, float, other)
      ? floatSample(window, float++)
      : histogramSample(window, other++);
    if (before !== undefined && counts(before, now)) found++;
    before = now;
  }
  return found;
}

function isFloatNext(window: Window, float: number, other: number): boolean {
  if (other >= window.lastHistogram) return true;
  return float < window.last && (window.times[float] as number) < histogramAt(window, other).time;
}

function floatSample(window: Window, i: number): AnySample {
  const time = window.times[i] as number;
  return { time, startTime: startTimeAt(window, i), value: window.values[i] as number };
}

function histogramSample(window: Window, i: number): AnySample {
  const { time, startTime, histogram } = histogramAt(window, i);
  return { time, startTime: window.usesStartTimes ? startTime : 0, value: histogram };
}

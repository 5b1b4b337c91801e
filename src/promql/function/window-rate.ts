/**
 * rate, increase, delta, irate and idelta where the kernels do not serve: native histograms, and counters
 * with start timestamps. Source: promql/functions.go (3.14).
 */
import type { FloatHistogram } from '../../model/histogram.ts';
import type { HistogramSample } from '../../model/sample.ts';
import { extrapolationFactor } from './extrapolate.ts';
import { usesCustomBuckets } from './histogram-buckets.ts';
import { isCounterReset } from './histogram-compare.ts';
import {
  compactHistogram,
  divideHistogram,
  emptyHistogramLike,
  HistogramSum,
  scaleHistogram,
} from './histogram-sum.ts';
import { isStartTimeReset, overlapsStartTime } from './start-time.ts';
import { floatCount, histogramAt, histogramCount, startTimeAt, type Window } from './window.ts';
import type { WindowContext } from './window-context.ts';

export interface RateKind {
  readonly isCounter: boolean;
  readonly isRate: boolean;
}

/** rate, increase, delta of a window with histograms, or of floats with start timestamps. */
export function extrapolatedRate(
  context: WindowContext,
  window: Window,
  kind: RateKind,
): number | FloatHistogram | undefined {
  if (histogramCount(window) === 0) return floatRate(context, window, kind);
  if (floatCount(window) > 0) {
    context.warnMixed();
    return undefined;
  }
  return histogramRate(context, window, kind);
}

function floatRate(context: WindowContext, window: Window, kind: RateKind): number | undefined {
  const { times, values, first, last } = window;
  if (last === first) return undefined;
  let increase = (values[last - 1] as number) - (values[first] as number);
  if (kind.isCounter) increase += floatResets(context, window);
  const startedMs = startInside(window, startTimeAt(window, first), times[first] as number, kind);
  if (startedMs !== undefined) increase += values[first] as number;
  const factor = extrapolationFactor({
    rangeStartMs: window.startMs,
    rangeEndMs: window.endMs,
    firstMs: times[first] as number,
    lastMs: times[last - 1] as number,
    intervals: last - first - 1,
    startedMs,
    isCounter: kind.isCounter,
    increase,
    first: values[first] as number,
  });
  if (factor === undefined) return undefined;
  return increase * (kind.isRate ? factor / context.rangeSeconds : factor);
}

/** Sum of the values before each reset. */
function floatResets(context: WindowContext, window: Window): number {
  const { times, values } = window;
  let correction = 0;
  let overlaps = false;
  for (let i = window.first + 1; i < window.last; i++) {
    const previousStart = startTimeAt(window, i - 1);
    const previousTime = times[i - 1] as number;
    const start = startTimeAt(window, i);
    overlaps ||= overlapsStartTime(previousStart, previousTime, start);
    const isReset =
      (values[i] as number) < (values[i - 1] as number) ||
      isStartTimeReset(previousStart, previousTime, start, times[i] as number);
    if (isReset) correction += values[i - 1] as number;
  }
  if (overlaps) context.warnStartTimeOverlap();
  return correction;
}

function startInside(
  window: Window,
  startTime: number,
  firstMs: number,
  { isCounter }: RateKind,
): number | undefined {
  const isInside = startTime !== 0 && startTime > window.startMs && startTime < firstMs;
  return isCounter && isInside && window.usesStartTimes ? startTime : undefined;
}

function histogramRate(
  context: WindowContext,
  window: Window,
  kind: RateKind,
): FloatHistogram | undefined {
  const points = window.histograms.slice(window.firstHistogram, window.lastHistogram);
  const first = points[0] as HistogramSample;
  const last = points.at(-1) as HistogramSample;
  const { usesStartTimes } = window;
  let increase =
    points.length > 1 ? histogramIncrease(context, points, kind, usesStartTimes) : undefined;
  if (points.length > 1 && increase === undefined) return undefined;
  const startedMs = startInside(window, first.startTime, first.time, kind);
  const factor = extrapolationFactor({
    rangeStartMs: window.startMs,
    rangeEndMs: window.endMs,
    firstMs: first.time,
    lastMs: last.time,
    intervals: points.length - 1,
    startedMs,
    isCounter: kind.isCounter,
    increase: increase?.count ?? 0,
    first: first.histogram.count,
  });
  if (factor === undefined) return undefined;
  if (startedMs !== undefined) {
    increase =
      increase === undefined ? first.histogram : context.addHistograms(increase, first.histogram);
  }
  if (increase === undefined) return undefined;
  return scaleHistogram(increase, kind.isRate ? factor / context.rangeSeconds : factor);
}

/** Last less first plus what was counted before each reset; a gauge. Undefined when they do not fit. */
function histogramIncrease(
  context: WindowContext,
  points: readonly HistogramSample[],
  kind: RateKind,
  usesStartTimes: boolean,
): FloatHistogram | undefined {
  const { isCounter } = kind;
  const last = (points.at(-1) as HistogramSample).histogram;
  const first = (points[0] as HistogramSample).histogram;
  // What came before a reset need not fit the rest.
  const resetsFirst =
    isCounter && isResetBetween(points, 1, first, usesStartTimes)
      ? points[1]?.histogram
      : undefined;
  const previous = resetsFirst === undefined ? first : emptyHistogramLike(resetsFirst);
  const isCustom = usesCustomBuckets(previous);
  const middle = isCounter ? points.slice(1, -1) : [];
  const isMixed = middle.some(({ histogram }) => usesCustomBuckets(histogram) !== isCustom);
  if (!isMixed || usesCustomBuckets(last) !== isCustom) {
    const checked = [first, last, ...middle.map(({ histogram }) => histogram)];
    if (isCounter && checked.some(isGauge)) context.warnNotCounter();
  }
  if (isMixed || usesCustomBuckets(last) !== isCustom) {
    context.warnMixedSchemas();
    return undefined;
  }
  const sum = new HistogramSum(last);
  sum.reduceTo(Math.min(previous.schema, ...middle.map(({ histogram }) => histogram.schema)));
  if (sum.addPlain(previous, -1).reconciled) context.infoReconciled('subtraction');
  if (!isCounter) {
    if (!isGauge(first) || !isGauge(last)) context.warnNotGauge();
  } else if (!addResets(context, sum, points, previous, usesStartTimes)) return undefined;
  return compactHistogram({ ...sum.toHistogram(), counterResetHint: 'gauge' });
}

function addResets(
  context: WindowContext,
  sum: HistogramSum,
  points: readonly HistogramSample[],
  beginning: FloatHistogram,
  usesStartTimes: boolean,
): boolean {
  let previous = beginning;
  let overlaps = false;
  for (let i = 1; i < points.length; i++) {
    const before = points[i - 1] as HistogramSample;
    const point = points[i] as HistogramSample;
    overlaps ||=
      usesStartTimes && overlapsStartTime(before.startTime, before.time, point.startTime);
    if (isResetBetween(points, i, previous, usesStartTimes)) {
      const { compatible, reconciled } = sum.addPlain(previous, 1);
      if (!compatible) {
        context.warnMixedSchemas();
        return false;
      }
      if (reconciled) context.infoReconciled('addition');
    }
    previous = point.histogram;
  }
  if (overlaps) context.warnStartTimeOverlap();
  return true;
}

function isResetBetween(
  points: readonly HistogramSample[],
  i: number,
  previous: FloatHistogram,
  usesStartTimes: boolean,
): boolean {
  const before = points[i - 1] as HistogramSample;
  const point = points[i] as HistogramSample;
  return (
    (usesStartTimes &&
      isStartTimeReset(before.startTime, before.time, point.startTime, point.time)) ||
    isCounterReset(point.histogram, previous)
  );
}

function isGauge({ counterResetHint }: FloatHistogram): boolean {
  return counterResetHint === 'gauge';
}

interface Point {
  readonly time: number;
  readonly startTime: number;
  readonly value: number | FloatHistogram;
}

/** irate and idelta: from the last two samples, whatever they are. */
export function instantRate(
  context: WindowContext,
  window: Window,
  isRate: boolean,
): number | FloatHistogram | undefined {
  const [before, last] = lastTwo(window);
  if (before === undefined || last === undefined) return undefined;
  const elapsedMs = last.time - before.time;
  if (elapsedMs === 0) return undefined;
  const isReset = isStartTimeReset(before.startTime, before.time, last.startTime, last.time);
  if (typeof last.value === 'number' && typeof before.value === 'number') {
    const restarts = isRate && (last.value < before.value || isReset);
    const difference = restarts ? last.value : last.value - before.value;
    return isRate ? difference / (elapsedMs / 1000) : difference;
  }
  if (typeof last.value === 'number' || typeof before.value === 'number') {
    context.warnMixed();
    return undefined;
  }
  return histogramDifference(context, before as HistogramPoint, last as HistogramPoint, isRate);
}

type HistogramPoint = Point & { readonly value: FloatHistogram };

function histogramDifference(
  context: WindowContext,
  before: HistogramPoint,
  last: HistogramPoint,
  isRate: boolean,
): FloatHistogram | undefined {
  const elapsedMs = last.time - before.time;
  const isReset = isStartTimeReset(before.startTime, before.time, last.startTime, last.time);
  const gauges = isGauge(last.value) && isGauge(before.value);
  if (isRate && (isGauge(last.value) || isGauge(before.value))) context.warnNotCounter();
  if (!isRate && !gauges) context.warnNotGauge();
  const restarts = isRate && (isReset || isCounterReset(last.value, before.value));
  const difference = new HistogramSum(last.value);
  if (!restarts) {
    const { compatible, reconciled } = difference.addPlain(before.value, -1);
    if (!compatible) {
      context.warnMixedSchemas();
      return undefined;
    }
    if (reconciled) context.infoReconciled('subtraction');
  }
  const result = compactHistogram({ ...difference.toHistogram(), counterResetHint: 'gauge' });
  return isRate ? divideHistogram(result, elapsedMs / 1000) : result;
}

function lastTwo(window: Window): readonly Point[] {
  const points: Point[] = [];
  for (let i = Math.max(window.first, window.last - 2); i < window.last; i++) {
    const time = window.times[i] as number;
    points.push({ time, startTime: startTimeAt(window, i), value: window.values[i] as number });
  }
  const from = Math.max(window.firstHistogram, window.lastHistogram - 2);
  for (let i = from; i < window.lastHistogram; i++) {
    const { time, startTime, histogram } = histogramAt(window, i);
    const known = window.usesStartTimes ? startTime : 0;
    points.push({ time, startTime: known, value: histogram });
  }
  return points.sort((a, b) => a.time - b.time).slice(-2);
}

/**
 * rate, increase, delta, changes and resets of `anchored` and `smoothed` selectors. Their windows hold samples
 * beyond the range: anchored ones take the last value at or before the range's start as the value there,
 * smoothed ones interpolate at both edges. Source: promql/functions.go, extendedRate (3.14).
 */
import type { FloatHistogram } from '../../model/histogram.ts';
import type { HistogramSample } from '../../model/sample.ts';
import { usesCustomBuckets } from './histogram-buckets.ts';
import { isCounterReset } from './histogram-compare.ts';
import {
  compactHistogram,
  divideHistogram,
  HistogramSum,
  scaleHistogram,
} from './histogram-sum.ts';
import { floatCount, histogramAt, histogramCount, type Window } from './window.ts';
import type { WindowContext } from './window-context.ts';
import type { WindowStart } from './window-over-time.ts';
import type { RateKind } from './window-rate.ts';

export type Extension = 'anchored' | 'smoothed';

export function extendedRate(
  context: WindowContext,
  window: Window,
  kind: RateKind,
  extension: Extension,
): number | FloatHistogram | undefined {
  if (histogramCount(window) > 0 && floatCount(window) > 0) {
    context.warnMixed();
    return undefined;
  }
  if (histogramCount(window) > 0) return extendedHistogramRate(context, window, kind, extension);
  return floatCount(window) > 0 ? extendedFloatRate(context, window, kind, extension) : undefined;
}

/** The samples that stand for the range's edges, as entries of the window. */
interface Edges {
  readonly first: number;
  readonly last: number;
}

/** Undefined when there is nothing inside the range to measure. */
function findEdges(
  timeAt: (i: number) => number,
  from: number,
  to: number,
  { startMs, endMs, isSmoothed }: { startMs: number; endMs: number; isSmoothed: boolean },
): Edges | undefined {
  let last = to - 1;
  const afterStart = firstWhere(from, last, (i) => timeAt(i) > startMs);
  const first = Math.max(from, afterStart - 1);
  if (isSmoothed) last = firstWhere(from, last, (i) => timeAt(i) >= endMs);
  if (timeAt(last) <= startMs || (isSmoothed && timeAt(first) > endMs)) return undefined;
  return { first, last };
}

/** The first entry below `limit` that fulfils the condition, else `limit`. */
function firstWhere(from: number, limit: number, holds: (i: number) => boolean): number {
  let i = from;
  while (i < limit && !holds(i)) i++;
  return i;
}

function edgesOfFloats(window: Window, isSmoothed: boolean): Edges | undefined {
  const { startMs, endMs, times } = window;
  return findEdges((i) => times[i] as number, window.first, window.last, {
    startMs,
    endMs,
    isSmoothed,
  });
}

function extendedFloatRate(
  context: WindowContext,
  window: Window,
  { isCounter, isRate }: RateKind,
  extension: Extension,
): number | undefined {
  const isSmoothed = extension === 'smoothed';
  const edges = edgesOfFloats(window, isSmoothed);
  if (edges === undefined) return undefined;
  const { left, right } = edgeValues(window, edges, isSmoothed, isCounter);
  let increase = right - left;
  if (isCounter) {
    const { from, to } = insideRange(window, edges);
    let previous = left;
    for (let i = from; i <= to; i++) {
      const value = window.values[i] as number;
      if (value < previous) increase += previous;
      previous = value;
    }
    if (right < previous) increase += previous;
  }
  return isRate ? increase / context.rangeSeconds : increase;
}

function edgeValues(
  { times, values, startMs, endMs, first: floor }: Window,
  { first, last }: Edges,
  isSmoothed: boolean,
  isCounter: boolean,
): { readonly left: number; readonly right: number } {
  const between = (i: number, timeMs: number): number => {
    const before = values[i] as number;
    const after = values[i + 1] as number;
    const begin = times[i] as number;
    return interpolate(before, after, timeMs - begin, (times[i + 1] as number) - begin, isCounter);
  };
  const left =
    isSmoothed && (times[first] as number) < startMs ? between(first, startMs) : values[first];
  const right =
    isSmoothed && last > floor && (times[last] as number) > endMs
      ? between(last - 1, endMs)
      : values[last];
  return { left: left as number, right: right as number };
}

/** On the line through two values; a counter that fell is taken to have begun from zero. */
function interpolate(
  before: number,
  after: number,
  elapsed: number,
  distance: number,
  isCounter: boolean,
): number {
  const base = isCounter && after < before ? 0 : before;
  return base + ((after - base) * elapsed) / distance;
}

/** Entries strictly between the range's edges, both inclusive. */
function insideRange(
  { times, startMs, endMs }: Window,
  { first, last }: Edges,
): { readonly from: number; readonly to: number } {
  return {
    from: (times[first] as number) <= startMs ? first + 1 : first,
    to: (times[last] as number) >= endMs ? last - 1 : last,
  };
}

/** What an instant query shows of an extended range selector: the range's samples with its edges put on. */
export function extendFloats(
  window: Window,
  extension: Extension,
): { readonly times: readonly number[]; readonly values: readonly number[] } {
  const isSmoothed = extension === 'smoothed';
  if (floatCount(window) === 0) return { times: [], values: [] };
  const edges = edgesOfFloats(window, isSmoothed);
  if (edges === undefined) return { times: [], values: [] };
  const { left, right } = edgeValues(window, edges, isSmoothed, false);
  const { from, to } = insideRange(window, edges);
  const inside = {
    times: window.times.slice(from, to + 1),
    values: window.values.slice(from, to + 1),
  };
  return {
    times: [window.startMs, ...inside.times, window.endMs],
    values: [left, ...inside.values, right],
  };
}

/** Between two floats at a time, for an instant selector. */
export function interpolateFloats(
  before: { readonly time: number; readonly value: number },
  after: { readonly time: number; readonly value: number },
  timeMs: number,
): number {
  const elapsed = timeMs - before.time;
  return interpolate(before.value, after.value, elapsed, after.time - before.time, false);
}

/** Undefined when they do not fit. Remarks on custom bounds that had to be reconciled. */
export function interpolateHistograms(
  context: WindowContext,
  before: HistogramSample,
  after: HistogramSample,
  timeMs: number,
  isCounter: boolean,
): FloatHistogram | undefined {
  if (timeMs === before.time) return before.histogram;
  if (timeMs === after.time) return after.histogram;
  const fraction = (timeMs - before.time) / (after.time - before.time);
  if (isCounter && isCounterReset(after.histogram, before.histogram)) {
    return scaleHistogram(after.histogram, fraction);
  }
  const result = new HistogramSum(after.histogram);
  const difference = result.addPlain(before.histogram, -1);
  if (!difference.compatible) {
    context.warnMixedSchemas();
    return undefined;
  }
  if (difference.reconciled) context.infoReconciled('subtraction');
  result.scale(fraction);
  if (result.addPlain(before.histogram, 1).reconciled) context.infoReconciled('addition');
  return result.toHistogram();
}

function extendedHistogramRate(
  context: WindowContext,
  window: Window,
  { isCounter, isRate }: RateKind,
  extension: Extension,
): FloatHistogram | undefined {
  const isSmoothed = extension === 'smoothed';
  const { startMs, endMs, firstHistogram, lastHistogram } = window;
  const timeAt = (i: number): number => histogramAt(window, i).time;
  const range = { startMs, endMs, isSmoothed };
  const edges = findEdges(timeAt, firstHistogram, lastHistogram, range);
  if (edges === undefined) return undefined;
  if (!checkHistograms(context, window, edges, isCounter)) return undefined;
  const at = (i: number): HistogramSample => histogramAt(window, i);
  const { first, last } = edges;
  const left =
    isSmoothed && timeAt(first) < startMs
      ? interpolateHistograms(context, at(first), at(first + 1), startMs, isCounter)
      : at(first).histogram;
  const right =
    isSmoothed && last > firstHistogram && timeAt(last) > endMs
      ? interpolateHistograms(context, at(last - 1), at(last), endMs, isCounter)
      : at(last).histogram;
  if (left === undefined || right === undefined) return undefined;
  if (!isCounter && (left.counterResetHint !== 'gauge' || right.counterResetHint !== 'gauge')) {
    context.warnNotGauge();
  }
  const increase = new HistogramSum(right);
  if (!add(context, increase, left, -1)) return undefined;
  if (isCounter) {
    const correction = correctionOfResets(context, window, edges, { left, right, isSmoothed });
    if (correction === 'incompatible') return undefined;
    if (correction !== undefined && !add(context, increase, correction.toHistogram(), 1)) {
      return undefined;
    }
  }
  const total = increase.toHistogram();
  const result = isRate ? divideHistogram(total, context.rangeSeconds) : total;
  return compactHistogram({ ...result, counterResetHint: 'gauge' });
}

function add(
  context: WindowContext,
  sum: HistogramSum,
  histogram: FloatHistogram,
  sign: 1 | -1,
): boolean {
  const { compatible, reconciled } = sum.addPlain(histogram, sign);
  if (!compatible) context.warnMixedSchemas();
  if (reconciled) context.infoReconciled(sign > 0 ? 'addition' : 'subtraction');
  return compatible;
}

function checkHistograms(
  context: WindowContext,
  window: Window,
  { first, last }: Edges,
  isCounter: boolean,
): boolean {
  const isCustom = usesCustomBuckets(histogramAt(window, first).histogram);
  for (let i = first; i <= last; i++) {
    const { histogram } = histogramAt(window, i);
    if (usesCustomBuckets(histogram) !== isCustom) {
      context.warnMixedSchemas();
      return false;
    }
    if (isCounter && histogram.counterResetHint === 'gauge') context.warnNotCounter();
  }
  return true;
}

/** What was counted before each reset between the edges; the edges' own samples are left and right. */
function correctionOfResets(
  context: WindowContext,
  window: Window,
  { first, last }: Edges,
  { left, right, isSmoothed }: { left: FloatHistogram; right: FloatHistogram; isSmoothed: boolean },
): HistogramSum | undefined | 'incompatible' {
  const at = (i: number): HistogramSample => histogramAt(window, i);
  let from = first + 1;
  let previous = left;
  const spansReset =
    isSmoothed &&
    at(first).time < window.startMs &&
    isCounterReset(at(first + 1).histogram, at(first).histogram);
  if (spansReset) {
    // The interpolation at the left edge has accounted for this reset already.
    previous = at(first + 1).histogram;
    from++;
  }
  if (from > last) return undefined;
  let correction: HistogramSum | undefined;
  for (let i = from; i <= last; i++) {
    const now = i === last ? right : at(i).histogram;
    if (isCounterReset(now, previous)) {
      if (correction === undefined) correction = new HistogramSum(previous);
      else if (!add(context, correction, previous, 1)) return 'incompatible';
    }
    previous = now;
  }
  return correction;
}

/**
 * Where changes and resets of an anchored selector begin: at the newest sample at or before the range's
 * start, of any kind. Undefined when no sample lies inside the range.
 */
export function anchoredStart(window: Window): WindowStart | undefined {
  const { first, last, firstHistogram, lastHistogram, startMs, times } = window;
  const float = firstWhere(first, last, (i) => (times[i] as number) > startMs);
  const other = firstWhere(
    firstHistogram,
    lastHistogram,
    (i) => histogramAt(window, i).time > startMs,
  );
  if (float === last && other === lastHistogram) return undefined;
  const hasFloat = float > first;
  const hasOther = other > firstHistogram;
  if (!hasFloat && !hasOther) return { float, histogram: other };
  const floatTime = hasFloat ? (times[float - 1] as number) : -Infinity;
  const otherTime = hasOther ? histogramAt(window, other - 1).time : -Infinity;
  return floatTime >= otherTime
    ? { float: float - 1, histogram: other }
    : { float, histogram: other - 1 };
}

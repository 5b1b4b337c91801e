/** Comparing native histograms: equality and counter resets. Source: model/histogram (3.14). */

import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, type Span } from '../../model/histogram.ts';
import { bucketIndices } from '../../model/histogram-spans.ts';
import { exponentialBound, sameBounds, usesCustomBuckets } from './histogram-buckets.ts';
import { commonBounds } from './histogram-custom.ts';
import {
  type BucketSide,
  dropBucketsBelow,
  plainSide,
  reduceSide,
  sameSpans,
} from './histogram-side.ts';
import { countInZeroBucket } from './histogram-sum.ts';

/** Whether all numbers have the same bits and all buckets the same place; hints do not matter. */
export function equalHistograms(a: FloatHistogram, b: FloatHistogram): boolean {
  return (
    a.schema === b.schema &&
    Object.is(a.count, b.count) &&
    Object.is(a.sum, b.sum) &&
    (!usesCustomBuckets(a) || sameBounds(a.customValues, b.customValues)) &&
    a.zeroThreshold === b.zeroThreshold &&
    Object.is(a.zeroCount, b.zeroCount) &&
    sameIndices(a.negativeSpans, b.negativeSpans) &&
    sameNumbers(a.negativeBuckets, b.negativeBuckets) &&
    sameIndices(a.positiveSpans, b.positiveSpans) &&
    sameNumbers(a.positiveBuckets, b.positiveBuckets)
  );
}

function sameIndices(a: readonly Span[], b: readonly Span[]): boolean {
  if (sameSpans(a, b)) return true;
  const indicesA = bucketIndices(a);
  const indicesB = bucketIndices(b);
  return indicesA.length === indicesB.length && indicesA.every((index, i) => index === indicesB[i]);
}

function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}

/**
 * Whether a counter was reset between two histograms of a series. An explicit hint decides; otherwise any
 * count that went down does, and any change of layout that a growing counter cannot make.
 */
export function isCounterReset(current: FloatHistogram, previous: FloatHistogram): boolean {
  if (current.counterResetHint === 'reset') return true;
  if (current.counterResetHint === 'not_reset') return false;
  if (current.count < previous.count) return true;
  if (usesCustomBuckets(current)) {
    if (!usesCustomBuckets(previous)) return true;
    if (!sameBounds(current.customValues, previous.customValues)) {
      return isResetInCommonBounds(current, previous);
    }
  }
  if (current.schema > previous.schema) return true;
  if (current.zeroThreshold < previous.zeroThreshold) return true;
  if (!usesCustomBuckets(current) && usesCustomBuckets(previous)) return true;
  const zero = countInZeroBucket(previous, current.zeroThreshold);
  if (zero.threshold !== current.zeroThreshold || current.zeroCount < zero.count) return true;
  return (
    lostObservations(sideOf(current, true, current), sideOf(previous, true, current)) ||
    lostObservations(sideOf(current, false, current), sideOf(previous, false, current))
  );
}

/** The buckets beyond the target's zero bucket, in the target's schema. */
function sideOf(
  histogram: FloatHistogram,
  isPositive: boolean,
  target: FloatHistogram,
): BucketSide {
  const own = isPositive
    ? plainSide(histogram.positiveSpans, histogram.positiveBuckets)
    : plainSide(histogram.negativeSpans, histogram.negativeBuckets);
  const { schema, zeroThreshold } = target;
  const side = histogram.schema === schema ? own : reduceSide(own, histogram.schema, schema, false);
  if (schema === CUSTOM_BUCKETS_SCHEMA || zeroThreshold === 0) return side;
  return dropBucketsBelow(side, (index) => exponentialBound(index, schema) <= zeroThreshold);
}

function lostObservations(current: BucketSide, previous: BucketSide): boolean {
  if (sameSpans(current.spans, previous.spans)) {
    const { counts } = previous;
    return current.counts.some((count, i) => count < (counts[i] as number));
  }
  const indices = bucketIndices(current.spans);
  let at = 0;
  return bucketIndices(previous.spans).some((index, i) => {
    const count = previous.counts[i] as number;
    while (at < indices.length && (indices[at] as number) < index) at++;
    const now = indices[at] === index ? (current.counts[at] as number) : undefined;
    return now === undefined ? count !== 0 : now < count;
  });
}

function isResetInCommonBounds(current: FloatHistogram, previous: FloatHistogram): boolean {
  const bounds = [...commonBounds(current.customValues, previous.customValues), Infinity];
  const now = sumsBetween(current, bounds);
  const before = sumsBetween(previous, bounds);
  return bounds.some((_, i) => (now[i] as number) < (before[i] as number));
}

function sumsBetween(histogram: FloatHistogram, bounds: readonly number[]): number[] {
  const sums = bounds.map(() => 0);
  let at = 0;
  bucketIndices(histogram.positiveSpans).forEach((index, i) => {
    const upper = histogram.customValues[index] ?? Infinity;
    while ((bounds[at] as number) < upper) at++;
    sums[at] = (sums[at] as number) + (histogram.positiveBuckets[i] as number);
  });
  return sums;
}

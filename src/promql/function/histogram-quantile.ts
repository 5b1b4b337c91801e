/** Quantiles, fractions and variance of native histograms. Source: promql/quantile.go (3.14). */
import type { FloatHistogram } from '../../model/histogram.ts';
import { allBuckets, type Bucket, fractionBelow, usesCustomBuckets } from './histogram-buckets.ts';
import { KahanSum } from './kahan.ts';

export interface Estimate {
  readonly value: number;
  /** NaN observations lie in no bucket. */
  readonly remark: 'nan-result' | 'nan-skew' | 'nan-excluded' | undefined;
}

function plain(value: number): Estimate {
  return { value, remark: undefined };
}

export function histogramQuantile(q: number, histogram: FloatHistogram): Estimate {
  if (q < 0) return plain(-Infinity);
  if (q > 1) return plain(Infinity);
  if (histogram.count === 0 || Number.isNaN(q)) return plain(Number.NaN);
  return q < 0.5 || Number.isNaN(histogram.sum)
    ? quantileFrom(q * histogram.count, histogram, true)
    : quantileFrom((1 - q) * histogram.count, histogram, false);
}

/** Counts observations from the lower (forward) or the upper end until the rank is reached. */
function quantileFrom(wanted: number, histogram: FloatHistogram, isForward: boolean): Estimate {
  const hasNaN = Number.isNaN(histogram.sum);
  let rank = wanted;
  const buckets = allBuckets(histogram);
  if (!isForward) buckets.reverse();
  let count = 0;
  let bucket: Bucket = { lower: 0, upper: 0, count: 0 };
  let next = 0;
  while (next < buckets.length) {
    bucket = buckets[next++] as Bucket;
    if (bucket.count === 0) continue;
    count += bucket.count;
    if (count >= rank) break;
  }
  if (usesCustomBuckets(histogram)) {
    const edge = edgeOfOpenBucket(bucket);
    if (edge !== undefined) return plain(edge);
    if (bucket.lower === -Infinity) bucket = { ...bucket, lower: 0 };
  } else if (bucket.lower < 0 && bucket.upper > 0) bucket = halvedZeroBucket(bucket, histogram);
  // Adding up in another order may exceed the count by a rounding error.
  count = Math.min(count, histogram.count);
  if (count < rank) {
    return hasNaN ? { value: Number.NaN, remark: 'nan-result' } : plain(bucket.upper);
  }
  rank = isForward ? rank - (count - bucket.count) : count - rank;
  let seen = count;
  if (hasNaN) for (; next < buckets.length; next++) seen += (buckets[next] as Bucket).count;
  const remark = hasNaN && seen < histogram.count ? 'nan-skew' : undefined;
  return { value: interpolate(bucket, rank / bucket.count, usesCustomBuckets(histogram)), remark };
}

/** What stands for the values in an outermost custom bucket, which is open to infinity. */
function edgeOfOpenBucket(bucket: Bucket): number | undefined {
  if (bucket.lower === -Infinity) return bucket.upper <= 0 ? bucket.upper : undefined;
  return bucket.upper === Infinity ? bucket.lower : undefined;
}

function interpolate({ lower, upper }: Bucket, fraction: number, isCustom: boolean): number {
  if (isCustom || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * fraction;
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  if (lower > 0) return 2 ** (logLower + (logUpper - logLower) * fraction);
  return -(2 ** (logUpper + (logLower - logUpper) * (1 - fraction)));
}

/** The share of observations between two values. */
export function histogramFraction(
  lower: number,
  upper: number,
  histogram: FloatHistogram,
): Estimate {
  if (histogram.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return plain(Number.NaN);
  if (lower >= upper) return plain(0);
  const isCustom = usesCustomBuckets(histogram);
  const buckets = allBuckets(histogram);
  let rank = 0;
  let lowerRank: number | undefined;
  let upperRank: number | undefined;
  for (const found of buckets) {
    const touchesZero = found.lower <= 0 && found.upper >= 0;
    const bucket = touchesZero ? halvedZeroBucket(found, histogram) : found;
    const rankOf = (value: number): number | undefined => {
      if (bucket.lower >= value) return rank;
      if (bucket.upper <= value) return undefined;
      const isLinear = isCustom || touchesZero;
      if (isLinear && bucket.lower === -Infinity) return bucket.count;
      return rank + bucket.count * fractionBelow(bucket, value, isLinear);
    };
    lowerRank ??= rankOf(lower);
    upperRank ??= rankOf(upper);
    if (lowerRank !== undefined && upperRank !== undefined) break;
    rank += bucket.count;
  }
  let count = histogram.count;
  let remark: Estimate['remark'];
  if (Number.isNaN(histogram.sum)) {
    count = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
    if (count < histogram.count) remark = 'nan-excluded';
  }
  const from = Math.min(lowerRank ?? count, count);
  const to = Math.min(upperRank ?? count, count);
  return { value: (to - from) / histogram.count, remark };
}

/** Observations of one sign alone leave the other half of the zero bucket empty. */
function halvedZeroBucket(bucket: Bucket, histogram: FloatHistogram): Bucket {
  const negatives = histogram.negativeBuckets.length;
  const positives = histogram.positiveBuckets.length;
  if (negatives === 0 && positives > 0) return { ...bucket, lower: 0 };
  if (positives === 0 && negatives > 0) return { ...bucket, upper: 0 };
  return bucket;
}

/** Estimated from the middle of each bucket: arithmetic for custom ones, else geometric. */
export function histogramVariance(histogram: FloatHistogram): number {
  const mean = histogram.sum / histogram.count;
  const variance = new KahanSum();
  for (const { lower, upper, count } of allBuckets(histogram)) {
    if (count === 0) continue;
    let middle = 0;
    if (usesCustomBuckets(histogram)) middle = (upper + lower) / 2;
    else if (lower > 0 || upper < 0) middle = Math.sqrt(upper * lower) * (upper < 0 ? -1 : 1);
    const difference = middle - mean;
    variance.add(count * difference * difference);
  }
  return variance.total / histogram.count;
}

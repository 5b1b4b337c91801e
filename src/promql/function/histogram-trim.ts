/** `histogram </ x` and `histogram >/ x`: observations above or below a value cut off. */
import type { FloatHistogram } from '../../model/histogram.ts';
import {
  type Bucket,
  fractionBelow,
  negativeBuckets,
  positiveBuckets,
  usesCustomBuckets,
  zeroBucket,
} from './histogram-buckets.ts';
import { compactHistogram } from './histogram-sum.ts';

interface Kept {
  readonly count: number;
  /** What stands for the kept observations in the new sum. */
  readonly middle: number;
}

interface Trim {
  readonly limit: number;
  /** Keeps what lies below the limit (true) or above it. */
  readonly keepsBelow: boolean;
  readonly isCustom: boolean;
}

/** Count and sum are estimated anew from the buckets, unless nothing had to be cut. */
export function trimHistogram(
  histogram: FloatHistogram,
  limit: number,
  keepsBelow: boolean,
): FloatHistogram {
  const trim = { limit, keepsBelow, isCustom: usesCustomBuckets(histogram) };
  const positive = trimSide(positiveBuckets(histogram), true, trim);
  const negative = trimSide(negativeBuckets(histogram), false, trim);
  let { count, sum } = positive;
  count += negative.count;
  sum += negative.sum;
  let zeroCount = histogram.zeroCount;
  if (zeroCount > 0) {
    const signs = { hasNegative: negative.hasAny, hasPositive: positive.hasAny };
    const kept = trimZeroBucket(zeroBucket(histogram), trim, signs);
    zeroCount = kept.count;
    count += kept.count;
    sum += kept.middle * kept.count;
  }
  const isCut = positive.isCut || negative.isCut || zeroCount !== histogram.zeroCount;
  if (!isCut) return histogram;
  const { counts: positiveCounts } = positive;
  const { counts: negativeCounts } = negative;
  return compactHistogram({
    ...histogram,
    zeroCount,
    count,
    sum,
    positiveBuckets: positiveCounts,
    negativeBuckets: negativeCounts,
  });
}

function trimSide(
  buckets: readonly Bucket[],
  isPositive: boolean,
  trim: Trim,
): {
  readonly counts: Float64Array;
  readonly count: number;
  readonly sum: number;
  readonly isCut: boolean;
  readonly hasAny: boolean;
} {
  const counts = Float64Array.from(buckets, (bucket) => bucket.count);
  let count = 0;
  let sum = 0;
  let isCut = false;
  let hasAny = false;
  buckets.forEach((bucket, i) => {
    if (bucket.count === 0) return;
    hasAny = true;
    const kept = trimBucket(bucket, isPositive, trim);
    counts[i] = kept?.count ?? 0;
    isCut ||= kept === undefined || kept.count !== bucket.count;
    count += kept?.count ?? 0;
    sum += (kept?.middle ?? 0) * (kept?.count ?? 0);
  });
  return { counts, count, sum, isCut, hasAny };
}

/** Undefined: all of the bucket is cut off. */
function trimBucket(bucket: Bucket, isPositive: boolean, trim: Trim): Kept | undefined {
  const { lower, upper, count } = bucket;
  const { limit, keepsBelow, isCustom } = trim;
  if (keepsBelow ? upper <= limit : lower >= limit) {
    return { count, middle: middleOf(lower, upper, isPositive, isCustom) };
  }
  if (keepsBelow ? lower >= limit : upper <= limit) return undefined;
  if (!(keepsBelow ? lower < limit : upper > limit)) return undefined;
  if (lower === -Infinity || upper === Infinity) return trimOpenBucket(bucket, limit, keepsBelow);
  const below = count * fractionBelow(bucket, limit, isCustom);
  return keepsBelow
    ? { count: below, middle: middleOf(lower, limit, isPositive, isCustom) }
    : { count: count - below, middle: middleOf(limit, upper, isPositive, isCustom) };
}

/** Buckets that are open to infinity have no width to share out: they are kept or cut whole. */
function trimOpenBucket({ lower, upper, count }: Bucket, limit: number, keepsBelow: boolean): Kept {
  const finite = (value: number): number => (Number.isFinite(value) ? value : 0);
  if (lower === -Infinity) {
    if (keepsBelow) {
      if (limit >= upper) return { count, middle: 0 };
      if (limit > 0 && upper > 0 && upper !== Infinity) {
        return { count: (count * limit) / upper, middle: limit / 2 };
      }
      return upper <= 0 ? { count, middle: limit } : { count: 0, middle: finite(upper) };
    }
    if (limit <= lower) return { count, middle: 0 };
    if (limit >= 0 && upper > limit && upper !== Infinity) {
      return { count: count * (1 - limit / upper), middle: (limit + upper) / 2 };
    }
    return { count: 0, middle: finite(upper) };
  }
  if (keepsBelow) return { count: 0, middle: finite(lower) };
  return limit >= lower ? { count, middle: limit } : { count: 0, middle: finite(lower) };
}

function trimZeroBucket(
  zero: Bucket,
  { limit, keepsBelow }: Trim,
  { hasNegative, hasPositive }: { readonly hasNegative: boolean; readonly hasPositive: boolean },
): Kept {
  const upper = hasNegative && !hasPositive ? 0 : zero.upper;
  const lower = hasPositive && !hasNegative ? 0 : zero.lower;
  const whole = { count: zero.count, middle: (lower + upper) / 2 };
  const none = { count: 0, middle: 0 };
  if (limit <= lower) return keepsBelow ? none : whole;
  if (limit >= upper) return keepsBelow ? whole : none;
  const share = (keepsBelow ? limit - lower : upper - limit) / (upper - lower);
  const middle = keepsBelow ? (lower + limit) / 2 : (limit + upper) / 2;
  return { count: zero.count * share, middle };
}

function middleOf(lower: number, upper: number, isPositive: boolean, isLinear: boolean): number {
  if (!Number.isFinite(lower) && !Number.isNaN(lower)) {
    if (!Number.isFinite(upper) && !Number.isNaN(upper)) return 0;
    return upper > 0 ? upper / 2 : upper;
  }
  if (upper === Infinity || upper === -Infinity) return lower;
  if (isLinear) return (lower + upper) / 2;
  const middle = Math.sqrt(Math.abs(lower * upper));
  return isPositive ? middle : -middle;
}

/** Quantiles and fractions of classic histograms (`le` buckets). Source: promql/quantile.go (3.14). */

/** Cumulative counts by ascending upper bound, one bucket a bound. */
export interface ClassicBuckets {
  readonly bounds: Float64Array;
  readonly counts: Float64Array;
  /** How many of the columns' entries are buckets. */
  length: number;
}

export interface MonotonicityFix {
  readonly minBucket: number;
  readonly maxBucket: number;
  readonly maxDifference: number;
}

export interface ClassicEstimate {
  readonly value: number;
  /** Counts that fell where they must not and were raised. */
  readonly fix: MonotonicityFix | undefined;
}

/** Relative difference below which a falling count is a rounding error. */
const SMALL_DIFFERENCE = 1e-12;
const SMALLEST_NORMAL = 2 ** -1022;

/** Changes the buckets: merges equal bounds, raises falling counts. Bounds must be sorted. */
export function classicQuantile(q: number, buckets: ClassicBuckets): ClassicEstimate {
  if (Number.isNaN(q)) return { value: Number.NaN, fix: undefined };
  if (q < 0) return { value: -Infinity, fix: undefined };
  if (q > 1) return { value: Infinity, fix: undefined };
  const { bounds, counts } = buckets;
  if (bounds[buckets.length - 1] !== Infinity) return { value: Number.NaN, fix: undefined };
  mergeEqualBounds(buckets);
  const fix = raiseFallingCounts(buckets);
  const last = buckets.length - 1;
  const observations = counts[last] as number;
  if (last < 1 || observations === 0) return { value: Number.NaN, fix };
  return { value: interpolateRank(q * observations, buckets), fix };
}

function interpolateRank(rank: number, { bounds, counts, length }: ClassicBuckets): number {
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((counts[middle] as number) >= rank) high = middle;
    else low = middle + 1;
  }
  const upper = bounds[low] as number;
  if (low === length - 1) return bounds[length - 2] as number;
  if (low === 0 && upper <= 0) return upper;
  const lower = low > 0 ? (bounds[low - 1] as number) : 0;
  const before = low > 0 ? (counts[low - 1] as number) : 0;
  return lower + (upper - lower) * ((rank - before) / ((counts[low] as number) - before));
}

/** The share of observations between two values. Changes the buckets: merges equal bounds. */
export function classicFraction(lower: number, upper: number, buckets: ClassicBuckets): number {
  if (buckets.bounds[buckets.length - 1] !== Infinity) return Number.NaN;
  mergeEqualBounds(buckets);
  const { bounds, counts, length } = buckets;
  const count = counts[length - 1] as number;
  if (count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (lower >= upper) return 0;
  let rank = 0;
  let lowerRank: number | undefined;
  let upperRank: number | undefined;
  for (let i = 0; i < length; i++) {
    const above = bounds[i] as number;
    const own = counts[i] as number;
    const below = i > 0 ? (bounds[i - 1] as number) : above <= 0 ? -Infinity : 0;
    const rankOf = (value: number): number | undefined => {
      if (below >= value) return rank;
      if (above <= value) return undefined;
      if (below === -Infinity) return own;
      return rank + ((own - rank) * (value - below)) / (above - below);
    };
    lowerRank ??= rankOf(lower);
    upperRank ??= rankOf(upper);
    if (lowerRank !== undefined && upperRank !== undefined) break;
    rank = own;
  }
  return (Math.min(upperRank ?? count, count) - Math.min(lowerRank ?? count, count)) / count;
}

function mergeEqualBounds(buckets: ClassicBuckets): void {
  const { bounds, counts } = buckets;
  let kept = 0;
  for (let i = 1; i < buckets.length; i++) {
    if (bounds[i] === bounds[kept]) {
      counts[kept] = (counts[kept] as number) + (counts[i] as number);
      continue;
    }
    kept++;
    bounds[kept] = bounds[i] as number;
    counts[kept] = counts[i] as number;
  }
  buckets.length = kept + 1;
}

function raiseFallingCounts(buckets: ClassicBuckets): MonotonicityFix | undefined {
  const { bounds, counts, length } = buckets;
  let minBucket = Infinity;
  let maxBucket = -Infinity;
  let maxDifference = 0;
  let wasForced = false;
  let previous = counts[0] as number;
  for (let i = 1; i < length; i++) {
    const count = counts[i] as number;
    if (count === previous) continue;
    if (almostEqual(previous, count)) {
      counts[i] = previous;
    } else if (count < previous) {
      counts[i] = previous;
      wasForced = true;
      minBucket = Math.min(minBucket, bounds[i] as number);
      maxBucket = Math.max(maxBucket, bounds[i] as number);
      maxDifference = Math.max(maxDifference, previous - count);
    } else previous = count;
  }
  return wasForced ? { minBucket, maxBucket, maxDifference } : undefined;
}

function almostEqual(a: number, b: number): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < SMALLEST_NORMAL) {
    return difference < SMALL_DIFFERENCE * SMALLEST_NORMAL;
  }
  return difference / Math.min(sum, Number.MAX_VALUE) < SMALL_DIFFERENCE;
}

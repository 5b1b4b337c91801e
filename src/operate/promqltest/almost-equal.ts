/** When a script takes two values for the same. Source: promqltest's comparison of Prometheus (3.14). */
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, type Span } from '../../model/histogram.ts';
import { allBuckets } from '../../promql/function/histogram-buckets.ts';
import { compactHistogram } from '../../promql/function/histogram-sum.ts';
import type { ListedHistogram } from './script-result.ts';

const TOLERANCE = 1e-6;
const SMALLEST_NORMAL = 2 ** -1022;

/** Equal, both not a number, or apart by less than a millionth of their sum. */
export function almostEqual(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true;
  if (a === b) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < SMALLEST_NORMAL) {
    return difference < TOLERANCE * SMALLEST_NORMAL;
  }
  return difference / Math.min(sum, Number.MAX_VALUE) < TOLERANCE;
}

/**
 * Layouts are the same once compacted, numbers almost; the reset hint matters only if the script gives one. Of a
 * listed histogram only what it lists is compared.
 */
export function almostEqualHistograms(
  expected: FloatHistogram,
  actual: FloatHistogram | ListedHistogram,
  comparesHint: boolean,
): boolean {
  if ('kind' in actual) return almostEqualLists(listHistogram(expected), actual);
  const a = compactHistogram(expected);
  const b = compactHistogram(actual);
  return (
    a.schema === b.schema &&
    a.zeroThreshold === b.zeroThreshold &&
    almostEqual(a.count, b.count) &&
    almostEqual(a.sum, b.sum) &&
    almostEqual(a.zeroCount, b.zeroCount) &&
    (a.schema !== CUSTOM_BUCKETS_SCHEMA || haveSameBounds(a, b)) &&
    haveSameSpans(a.positiveSpans, b.positiveSpans) &&
    haveSameSpans(a.negativeSpans, b.negativeSpans) &&
    areAlmostEqual(a.positiveBuckets, b.positiveBuckets) &&
    areAlmostEqual(a.negativeBuckets, b.negativeBuckets) &&
    (!comparesHint || a.counterResetHint === b.counterResetHint)
  );
}

function listHistogram(histogram: FloatHistogram): ListedHistogram {
  const { count, sum } = histogram;
  const buckets = allBuckets(histogram).filter((bucket) => bucket.count !== 0);
  return { kind: 'listed', count, sum, buckets };
}

function almostEqualLists(a: ListedHistogram, b: ListedHistogram): boolean {
  return (
    almostEqual(a.count, b.count) &&
    almostEqual(a.sum, b.sum) &&
    a.buckets.length === b.buckets.length &&
    a.buckets.every(({ lower, upper, count }, i) => {
      const other = b.buckets[i];
      return lower === other?.lower && upper === other.upper && almostEqual(count, other.count);
    })
  );
}

function haveSameBounds(a: FloatHistogram, b: FloatHistogram): boolean {
  return (
    a.customValues.length === b.customValues.length &&
    a.customValues.every((bound, i) => bound === b.customValues[i])
  );
}

function haveSameSpans(a: readonly Span[], b: readonly Span[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ offset, length }, i) => offset === b[i]?.offset && length === b[i]?.length)
  );
}

function areAlmostEqual(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => almostEqual(value, b[i] as number));
}

/** When a script takes two values for the same. Source: promqltest's comparison of Prometheus (3.14). */
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, type Span } from '../../model/histogram.ts';
import { compactHistogram } from '../../promql/function/histogram-sum.ts';

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

/** Layouts are the same once compacted, numbers almost; the reset hint matters only if the script gives one. */
export function almostEqualHistograms(
  expected: FloatHistogram,
  actual: FloatHistogram,
  comparesHint: boolean,
): boolean {
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

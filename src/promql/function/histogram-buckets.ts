/**
 * Buckets of native histograms: bounds and iteration. Bucket i of an exponential histogram of schema s covers
 * (2^((i−1)/2^s), 2^(i/2^s)], mirrored for negative ones; bucket i of one with custom bounds covers
 * (bound i−1, bound i], from −Inf to +Inf. Source: model/histogram (3.14).
 */
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram } from '../../model/histogram.ts';
import { bucketIndices } from '../../model/histogram-spans.ts';
import { BOUND_FRACTIONS } from './histogram-bounds.data.ts';

export interface Bucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

export function usesCustomBuckets(histogram: FloatHistogram): boolean {
  return histogram.schema === CUSTOM_BUCKETS_SCHEMA;
}

/** Upper bound of an exponential bucket on the positive side. */
export function exponentialBound(index: number, schema: number): number {
  if (schema < 0) {
    const exponent = index * 2 ** -schema;
    return exponent === 1024 ? Number.MAX_VALUE : powerOfTwo(1, exponent);
  }
  const buckets = 2 ** schema;
  const power = Math.floor(index / buckets);
  const fraction = BOUND_FRACTIONS[(index - power * buckets) * (256 / buckets)] as number;
  // The last bucket before the one that catches infinite observations ends at the largest double.
  if (fraction === 0.5 && power === 1024) return Number.MAX_VALUE;
  return powerOfTwo(2 * fraction, power);
}

/** mantissa · 2^exponent, rounded once even where the result is subnormal. */
function powerOfTwo(mantissa: number, exponent: number): number {
  if (exponent < -1000) return mantissa * 2 ** -500 * 2 ** (exponent + 500);
  return exponent > 1023 ? mantissa * 2 ** 1023 * 2 ** (exponent - 1023) : mantissa * 2 ** exponent;
}

function upperBound(index: number, schema: number, customValues: Float64Array): number {
  if (schema !== CUSTOM_BUCKETS_SCHEMA) return exponentialBound(index, schema);
  if (index < 0) return -Infinity;
  return index >= customValues.length ? Infinity : (customValues[index] as number);
}

/** In ascending order of bounds. */
export function positiveBuckets(histogram: FloatHistogram): Bucket[] {
  const { schema, customValues } = histogram;
  return bucketIndices(histogram.positiveSpans).map((index, i) => ({
    lower: upperBound(index - 1, schema, customValues),
    upper: upperBound(index, schema, customValues),
    count: histogram.positiveBuckets[i] as number,
  }));
}

/** From the bucket next to zero outwards. */
export function negativeBuckets(histogram: FloatHistogram): Bucket[] {
  return bucketIndices(histogram.negativeSpans).map((index, i) => ({
    lower: -exponentialBound(index, histogram.schema),
    upper: -exponentialBound(index - 1, histogram.schema),
    count: histogram.negativeBuckets[i] as number,
  }));
}

export function zeroBucket({ zeroThreshold, zeroCount }: FloatHistogram): Bucket {
  return { lower: -zeroThreshold, upper: zeroThreshold, count: zeroCount };
}

/** All buckets in ascending order, none reaching into the zero bucket; that one only if it is populated. */
export function allBuckets(histogram: FloatHistogram): Bucket[] {
  const clip = (bucket: Bucket): Bucket => clipToZeroBucket(bucket, histogram.zeroThreshold);
  return [
    ...negativeBuckets(histogram).reverse().map(clip),
    ...(histogram.zeroCount > 0 ? [zeroBucket(histogram)] : []),
    ...positiveBuckets(histogram).map(clip),
  ];
}

function clipToZeroBucket(bucket: Bucket, zeroThreshold: number): Bucket {
  const { lower, upper } = bucket;
  if (upper < 0 && upper > -zeroThreshold) return { ...bucket, upper: -zeroThreshold };
  if (lower > 0 && lower < zeroThreshold) return { ...bucket, lower: zeroThreshold };
  return bucket;
}

/** Share of a bucket's observations at or below a value inside it. */
export function fractionBelow({ lower, upper }: Bucket, value: number, isLinear: boolean): number {
  if (isLinear) return (value - lower) / (upper - lower);
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  const logValue = Math.log2(Math.abs(value));
  if (value > 0) return (logValue - logLower) / (logUpper - logLower);
  return 1 - (logValue - logUpper) / (logLower - logUpper);
}

export function sameBounds(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((bound, i) => bound === b[i]);
}

import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram } from '../model/histogram.ts';
import { printSample } from '../model/number-text.ts';

export interface JsonBucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/** How to tell the buckets of a histogram with their bounds. */
export interface JsonBucketReader {
  /** Ascending. */
  readonly positiveBuckets: (histogram: FloatHistogram) => readonly JsonBucket[];
  /** From the one next to zero outwards. */
  readonly negativeBuckets: (histogram: FloatHistogram) => readonly JsonBucket[];
}

/** Which of a bucket's bounds belong to it, as the API numbers them. */
const OPEN_LEFT = 0;
const OPEN_RIGHT = 1;
const CLOSED = 3;

/**
 * {"count":"42","sum":"1.5","buckets":[[3,"-0.25","0.25","3"],…]} with the buckets that are not empty in
 * ascending order; no key `buckets` when all are. Source: util/jsonutil of Prometheus 3.14.
 */
export function histogramJson(histogram: FloatHistogram, reader: JsonBucketReader): string {
  const { count, sum, schema, zeroThreshold, zeroCount } = histogram;
  const isCustom = schema === CUSTOM_BUCKETS_SCHEMA;
  const zero = { lower: -zeroThreshold, upper: zeroThreshold, count: zeroCount };
  const buckets = [
    ...reader
      .negativeBuckets(histogram)
      .map((bucket) => bucketJson(outsideZero(bucket, zeroThreshold), OPEN_RIGHT))
      .reverse(),
    // Go's iterator leaves out a zero bucket that subtraction has made negative.
    zeroCount > 0 ? bucketJson(zero, CLOSED) : '',
    ...reader
      .positiveBuckets(histogram)
      .map((bucket) =>
        bucketJson(
          outsideZero(bucket, zeroThreshold),
          isCustom && bucket.lower === -Infinity ? CLOSED : OPEN_LEFT,
        ),
      ),
  ].filter((text) => text !== '');
  const list = buckets.length === 0 ? '' : `,"buckets":[${buckets.join(',')}]`;
  return `{"count":"${printSample(count)}","sum":"${printSample(sum)}"${list}}`;
}

/** The part of a bucket that does not lie in the zero bucket. */
function outsideZero(bucket: JsonBucket, zeroThreshold: number): JsonBucket {
  const { lower, upper } = bucket;
  if (upper < 0 && upper > -zeroThreshold) return { ...bucket, upper: -zeroThreshold };
  return lower > 0 && lower < zeroThreshold ? { ...bucket, lower: zeroThreshold } : bucket;
}

function bucketJson({ lower, upper, count }: JsonBucket, bounds: number): string {
  if (count === 0) return '';
  return `[${bounds},"${printSample(lower)}","${printSample(upper)}","${printSample(count)}"]`;
}

/** A native histogram as text: `{count:3, sum:4.5, [-0.001,0.001]:1, (1,2]:2}`. */
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram } from '../../model/histogram.ts';
import { printGeneral } from '../../model/number-text.ts';
import { type Bucket, negativeBuckets, positiveBuckets, zeroBucket } from './histogram-buckets.ts';

/** Source: FloatHistogram.String of Prometheus' model/histogram. Empty buckets are left out. */
export function printHistogram(histogram: FloatHistogram): string {
  const isCustom = histogram.schema === CUSTOM_BUCKETS_SCHEMA;
  const parts = [`count:${printGeneral(histogram.count)}`, `sum:${printGeneral(histogram.sum)}`];
  const add = (bucket: Bucket, opens: boolean, closes: boolean): void => {
    if (bucket.count === 0) return;
    const range = `${printGeneral(bucket.lower)},${printGeneral(bucket.upper)}`;
    const text = `${opens ? '[' : '('}${range}${closes ? ']' : ')'}`;
    parts.push(`${text}:${printGeneral(bucket.count)}`);
  };
  for (const bucket of negativeBuckets(histogram).reverse()) add(bucket, true, false);
  if (histogram.zeroCount !== 0) add(zeroBucket(histogram), true, true);
  for (const bucket of positiveBuckets(histogram)) {
    add(bucket, isCustom && bucket.lower === -Infinity, true);
  }
  return `{${parts.join(', ')}}`;
}

/** The part of a histogram chunk that all its samples share: schema, zero threshold, spans, custom bounds. */
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, type Span } from '../model/histogram.ts';
import type { BitReader } from './bit-reader.ts';

export interface Layout {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly positiveSpans: readonly Span[];
  readonly negativeSpans: readonly Span[];
  readonly positiveCount: number;
  readonly negativeCount: number;
  readonly customValues: Float64Array;
}

const SCHEMA_MIN = -9;
const SCHEMA_MAX = 52;
/** Finest schema that we calculate with; finer ones are reduced to it. */
const SCHEMA_SUPPORTED_MAX = 8;

export function readLayout(reader: BitReader): Layout {
  const zeroThreshold = readZeroThreshold(reader);
  const schema = reader.varbitInt();
  const known = schema >= SCHEMA_MIN && schema <= SCHEMA_MAX;
  if (!known && schema !== CUSTOM_BUCKETS_SCHEMA) {
    throw reader.corrupt(`unknown histogram schema ${schema}`);
  }
  const positiveSpans = readSpans(reader);
  const negativeSpans = readSpans(reader);
  const customValues =
    schema === CUSTOM_BUCKETS_SCHEMA ? readCustomValues(reader) : new Float64Array(0);
  const positiveCount = countBuckets(reader, positiveSpans);
  const negativeCount = countBuckets(reader, negativeSpans);
  return {
    schema,
    zeroThreshold,
    positiveSpans,
    negativeSpans,
    positiveCount,
    negativeCount,
    customValues,
  };
}

/** One byte for 0 and the powers of two from 2^−243 to 2^10; 255 announces a double. */
function readZeroThreshold(reader: BitReader): number {
  const code = reader.bits(8);
  if (code === 0) return 0;
  return code === 255 ? reader.double() : 0.5 * 2 ** (code - 243);
}

function readSpans(reader: BitReader): readonly Span[] {
  const count = reader.varbitUint();
  const spans: Span[] = [];
  for (let i = 0; i < count; i++) {
    const length = reader.varbitUint();
    const offset = reader.varbitInt();
    if (i > 0 && offset < 0) throw reader.corrupt(`a span that starts ${-offset} too early`);
    spans.push({ offset, length });
  }
  return spans;
}

/** A bucket takes at least one bit: more buckets than bits cannot be. */
function countBuckets(reader: BitReader, spans: readonly Span[]): number {
  const count = spans.reduce((sum, { length }) => sum + length, 0);
  if (count > reader.bitsLeft) throw reader.corrupt(`spans of ${count} buckets`);
  return count;
}

/** A whole number of thousandths up to 33554.43 plus one, or 0 and a double. */
function readCustomValues(reader: BitReader): Float64Array {
  const count = reader.varbitUint();
  const values: number[] = [];
  for (let i = 0; i < count; i++) {
    const code = reader.varbitUint();
    values.push(code === 0 ? reader.double() : (code - 1) / 1000);
  }
  return Float64Array.from(values);
}

/** The histogram itself, or, of schemas 9 to 52, with neighbouring buckets added up to schema 8. */
export function toSupportedSchema(histogram: FloatHistogram): FloatHistogram {
  const { schema } = histogram;
  if (schema <= SCHEMA_SUPPORTED_MAX) return histogram;
  const shift = schema - SCHEMA_SUPPORTED_MAX;
  const positive = reduce(histogram.positiveSpans, histogram.positiveBuckets, shift);
  const negative = reduce(histogram.negativeSpans, histogram.negativeBuckets, shift);
  return {
    ...histogram,
    schema: SCHEMA_SUPPORTED_MAX,
    positiveSpans: positive.spans,
    positiveBuckets: positive.buckets,
    negativeSpans: negative.spans,
    negativeBuckets: negative.buckets,
  };
}

function reduce(
  spans: readonly Span[],
  buckets: Float64Array,
  shift: number,
): { readonly spans: readonly Span[]; readonly buckets: Float64Array } {
  const merged: Span[] = [];
  const counts: number[] = [];
  let index = 0;
  let last = 0;
  let i = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let k = 0; k < length; k++, i++, index++) {
      const target = Math.floor((index - 1) / 2 ** shift) + 1;
      const count = buckets[i] as number;
      const span = merged.at(-1);
      if (span !== undefined && target === last) {
        counts.push((counts.pop() as number) + count);
        continue;
      }
      const gap = span === undefined ? target : target - last - 1;
      if (span !== undefined && gap === 0) {
        merged[merged.length - 1] = { offset: span.offset, length: span.length + 1 };
      } else merged.push({ offset: gap, length: 1 });
      counts.push(count);
      last = target;
    }
  }
  return { spans: merged, buckets: Float64Array.from(counts) };
}

/**
 * Decoder of histogram chunks: encodings 2, 3, 5 and 6. Source: docs/formats/chunks.md; reset hints are those
 * that Prometheus' chunk iterators give.
 */
import { OperationError } from '../base/errors.ts';
import type { CounterResetHint, FloatHistogram, Span } from '../model/histogram.ts';
import type { HistogramSample } from '../model/sample.ts';
import { STALE_HIGH, STALE_LOW } from '../model/stale.ts';
import { BitReader, XorValue } from './bit-reader.ts';
import { FLOAT_HISTOGRAM, FLOAT_HISTOGRAM_ST, HISTOGRAM_ST, sampleCount } from './encoding.ts';
import { type Layout, readLayout, toSupportedSchema } from './histogram-layout.ts';
import { StartTimeReader } from './start-time.ts';

const GAUGE_HEADER = 0b11;

/** Throws OperationError 'corrupt' saying at which byte the chunk is damaged. */
export function decodeHistograms(encoding: number, data: Uint8Array): HistogramSample[] {
  if (data.length < 3) throw new OperationError('corrupt', `the chunk has ${data.length} bytes`);
  const withStart = encoding === HISTOGRAM_ST || encoding === FLOAT_HISTOGRAM_ST;
  const isFloat = encoding === FLOAT_HISTOGRAM || encoding === FLOAT_HISTOGRAM_ST;
  const count = sampleCount(encoding, data[0] as number, data[1] as number);
  const header = (data[withStart ? 0 : 2] as number) >>> 6;
  const reader = new BitReader(data, 3);
  const start = withStart ? new StartTimeReader(data[2] as number) : undefined;
  const samples: HistogramSample[] = [];
  if (count === 0) return samples;
  const layout = readLayout(reader);
  const body = isFloat ? new FloatBody(reader, layout) : new IntegerBody(reader, layout);
  let time = 0;
  let delta = 0;
  for (let i = 0; i < count; i++) {
    const before = time;
    if (i === 0) time = reader.varbitInt();
    else time += delta += reader.varbitInt();
    if (i > 0 && time <= before) throw reader.corrupt(`time ${time} after ${before}`);
    body.read(i === 0);
    const startTime = start?.read(reader, i, i === 0 ? time : before) ?? 0;
    const hint = header === GAUGE_HEADER ? 'gauge' : i > 0 ? 'not_reset' : 'unknown';
    samples.push({ time, startTime, histogram: histogramOf(body, layout, hint) });
  }
  return samples;
}

/** What changes from sample to sample. */
interface Body {
  readonly count: number;
  readonly zeroCount: number;
  readonly sum: XorValue;
  read(first: boolean): void;
  /** Absolute counts, newly made. */
  buckets(negative: boolean): Float64Array;
}

function histogramOf(body: Body, layout: Layout, hint: CounterResetHint): FloatHistogram {
  if (isStale(body.sum)) return STALE_HISTOGRAM;
  return toSupportedSchema({
    counterResetHint: hint,
    schema: layout.schema,
    zeroThreshold: layout.zeroThreshold,
    zeroCount: body.zeroCount,
    count: body.count,
    sum: body.sum.number,
    stale: false,
    positiveSpans: layout.positiveSpans,
    negativeSpans: layout.negativeSpans,
    positiveBuckets: body.buckets(false),
    negativeBuckets: body.buckets(true),
    customValues: layout.customValues,
  });
}

const NO_SPANS: readonly Span[] = [];
const NO_NUMBERS = new Float64Array(0);

const STALE_HISTOGRAM: FloatHistogram = {
  counterResetHint: 'unknown',
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 0,
  sum: Number.NaN,
  stale: true,
  positiveSpans: NO_SPANS,
  negativeSpans: NO_SPANS,
  positiveBuckets: NO_NUMBERS,
  negativeBuckets: NO_NUMBERS,
  customValues: NO_NUMBERS,
};

function isStale({ high, low }: XorValue): boolean {
  return high === STALE_HIGH && low === STALE_LOW;
}

/** A number stored as delta of deltas over time; the first sample's value is absolute. */
class Counted {
  value = 0;
  #delta = 0;

  first(value: number): void {
    this.value = value;
  }

  next(change: number): void {
    this.#delta += change;
    this.value += this.#delta;
  }
}

/** Counts are integers; a bucket's is stored as the difference from the bucket before it. */
class IntegerBody implements Body {
  readonly sum = new XorValue(0, 0);
  readonly #reader: BitReader;
  readonly #count = new Counted();
  readonly #zeroCount = new Counted();
  readonly #positive: readonly Counted[];
  readonly #negative: readonly Counted[];

  constructor(reader: BitReader, layout: Layout) {
    this.#reader = reader;
    this.#positive = Array.from({ length: layout.positiveCount }, () => new Counted());
    this.#negative = Array.from({ length: layout.negativeCount }, () => new Counted());
  }

  get count(): number {
    return this.#count.value;
  }

  get zeroCount(): number {
    return this.#zeroCount.value;
  }

  read(first: boolean): void {
    const reader = this.#reader;
    if (first) {
      this.#count.first(reader.varbitUint());
      this.#zeroCount.first(reader.varbitUint());
      this.sum.high = reader.bits(32);
      this.sum.low = reader.bits(32);
      for (const bucket of this.#positive) bucket.first(reader.varbitInt());
      for (const bucket of this.#negative) bucket.first(reader.varbitInt());
      return;
    }
    this.#count.next(reader.varbitInt());
    this.#zeroCount.next(reader.varbitInt());
    this.sum.read(reader);
    if (isStale(this.sum)) return;
    for (const bucket of this.#positive) bucket.next(reader.varbitInt());
    for (const bucket of this.#negative) bucket.next(reader.varbitInt());
  }

  buckets(negative: boolean): Float64Array {
    let count = 0;
    return Float64Array.from(
      negative ? this.#negative : this.#positive,
      ({ value }) => (count += value),
    );
  }
}

/** Every number is a double with its own window of significant bits. */
class FloatBody implements Body {
  readonly sum = new XorValue(0, 0);
  readonly #reader: BitReader;
  readonly #count = new XorValue(0, 0);
  readonly #zeroCount = new XorValue(0, 0);
  readonly #positive: readonly XorValue[];
  readonly #negative: readonly XorValue[];

  constructor(reader: BitReader, layout: Layout) {
    this.#reader = reader;
    this.#positive = Array.from({ length: layout.positiveCount }, () => new XorValue(0, 0));
    this.#negative = Array.from({ length: layout.negativeCount }, () => new XorValue(0, 0));
  }

  get count(): number {
    return this.#count.number;
  }

  get zeroCount(): number {
    return this.#zeroCount.number;
  }

  read(first: boolean): void {
    for (const value of [this.#count, this.#zeroCount, this.sum]) this.#readValue(value, first);
    if (!first && isStale(this.sum)) return;
    for (const bucket of this.#positive) this.#readValue(bucket, first);
    for (const bucket of this.#negative) this.#readValue(bucket, first);
  }

  #readValue(value: XorValue, first: boolean): void {
    if (first) {
      value.high = this.#reader.bits(32);
      value.low = this.#reader.bits(32);
    } else value.read(this.#reader);
  }

  buckets(negative: boolean): Float64Array {
    return Float64Array.from(negative ? this.#negative : this.#positive, ({ number }) => number);
  }
}

/**
 * Encoder of histogram chunks: encodings 2 (whole counts) and 3. A chunk has one layout; a sample with other buckets is
 * fitted to it, or makes the chunk be written again with the buckets of both. Which histograms belong into one chunk is
 * for others to say. Source: docs/formats/chunks.md.
 */
import { assert } from '../base/assert.ts';
import {
  type CounterResetHint,
  CUSTOM_BUCKETS_SCHEMA,
  type FloatHistogram,
  type Span,
} from '../model/histogram.ts';
import { STALE_HIGH, STALE_LOW } from '../model/stale.ts';
import { BitWriter, XorWindow } from './bit-writer.ts';
import { FLOAT_HISTOGRAM, HISTOGRAM } from './encoding.ts';
import { decodeHistograms } from './histogram.ts';

/** What a chunk says about a reset before its first sample; the two upper bits of its third byte. */
const RESET_HEADERS: readonly CounterResetHint[] = ['unknown', 'not_reset', 'reset', 'gauge'];

const THOUSANDTHS_MAX = 33_554_430;

export class HistogramChunkWriter {
  readonly isInteger: boolean;
  readonly #header: CounterResetHint;
  #layout: FloatHistogram;
  #writer: BitWriter;
  #body: Body;
  #count = 0;
  #time = 0;
  #delta = 0;

  /** `first` gives the layout; it is not appended yet. It is not stale, unless the chunk takes nothing else. */
  constructor(first: FloatHistogram, isInteger: boolean, header: CounterResetHint) {
    this.isInteger = isInteger;
    this.#header = header;
    this.#layout = first.stale ? EMPTY : first;
    [this.#writer, this.#body] = this.#begin();
  }

  get count(): number {
    return this.#count;
  }

  /** Buckets of the layout. */
  get buckets(): number {
    return countOf(this.#layout.positiveSpans) + countOf(this.#layout.negativeSpans);
  }

  get sizeBytes(): number {
    return this.#count === 0 ? 0 : this.#writer.length;
  }

  get encoding(): number {
    return this.isInteger ? HISTOGRAM : FLOAT_HISTOGRAM;
  }

  /** Times ascend; schema, zero threshold and custom bounds are those of the first one. */
  append(time: number, histogram: FloatHistogram): void {
    assert(this.#count < 65_535, 'a histogram chunk is full');
    if (histogram.stale) {
      this.#write(time, histogram);
      return;
    }
    const positive = joinSpans(this.#layout.positiveSpans, histogram.positiveSpans);
    const negative = joinSpans(this.#layout.negativeSpans, histogram.negativeSpans);
    if (positive !== this.#layout.positiveSpans || negative !== this.#layout.negativeSpans) {
      this.#recode(positive, negative);
    }
    this.#write(time, fitTo(histogram, positive, negative));
  }

  /** The chunk's data so far, without length, encoding and CRC. */
  bytes(): Uint8Array {
    this.#writer.setByte(0, this.#count >>> 8);
    this.#writer.setByte(1, this.#count & 255);
    return this.#writer.finish();
  }

  #begin(): [BitWriter, Body] {
    const writer = new BitWriter(512);
    writer.bits(0, 16);
    writer.bits(RESET_HEADERS.indexOf(this.#header) << 6, 8);
    writeLayout(writer, this.#layout);
    const { buckets } = this;
    const body = this.isInteger ? new IntegerBody(writer, buckets) : new FloatBody(writer, buckets);
    return [writer, body];
  }

  #recode(positiveSpans: readonly Span[], negativeSpans: readonly Span[]): void {
    const samples = this.#count === 0 ? [] : decodeHistograms(this.encoding, this.bytes());
    this.#layout = { ...this.#layout, positiveSpans, negativeSpans };
    [this.#writer, this.#body] = this.#begin();
    this.#count = 0;
    for (const { time, histogram } of samples) {
      this.#write(
        time,
        histogram.stale ? histogram : fitTo(histogram, positiveSpans, negativeSpans),
      );
    }
  }

  #write(time: number, histogram: FloatHistogram): void {
    const writer = this.#writer;
    if (this.#count === 0) writer.varbitInt(time);
    else {
      const delta = time - this.#time;
      writer.varbitInt(this.#count === 1 ? delta : delta - this.#delta);
      this.#delta = delta;
    }
    this.#time = time;
    this.#body.write(histogram, this.#count);
    this.#count++;
  }
}

/** Writes samples whose buckets are those of the layout. */
interface Body {
  write(histogram: FloatHistogram, sample: number): void;
}

/** Numbers as differences of differences over time; a bucket as its difference to the one before it. */
class IntegerBody implements Body {
  readonly #writer: BitWriter;
  readonly #sum = new XorWindow();
  readonly #values: Float64Array;
  readonly #deltas: Float64Array;

  constructor(writer: BitWriter, buckets: number) {
    this.#writer = writer;
    this.#values = new Float64Array(2 + buckets);
    this.#deltas = new Float64Array(2 + buckets);
  }

  write(histogram: FloatHistogram, sample: number): void {
    const { positiveBuckets, negativeBuckets, stale } = histogram;
    this.#count(0, stale ? 0 : histogram.count, sample);
    this.#count(1, stale ? 0 : histogram.zeroCount, sample);
    writeSum(this.#writer, this.#sum, histogram, sample);
    if (stale) return;
    let at = 2;
    for (const buckets of [positiveBuckets, negativeBuckets]) {
      let before = 0;
      for (const bucket of buckets) {
        this.#bucket(at++, bucket - before, sample);
        before = bucket;
      }
    }
  }

  #count(at: number, value: number, sample: number): void {
    if (sample === 0) {
      this.#values[at] = value;
      this.#writer.varbitUint(value);
    } else this.#next(at, value);
  }

  #bucket(at: number, value: number, sample: number): void {
    if (sample === 0) {
      this.#values[at] = value;
      this.#writer.varbitInt(value);
    } else this.#next(at, value);
  }

  #next(at: number, value: number): void {
    const delta = value - (this.#values[at] as number);
    this.#writer.varbitInt(delta - (this.#deltas[at] as number));
    this.#values[at] = value;
    this.#deltas[at] = delta;
  }
}

class FloatBody implements Body {
  readonly #writer: BitWriter;
  readonly #sum = new XorWindow();
  readonly #values: readonly XorWindow[];

  constructor(writer: BitWriter, buckets: number) {
    this.#writer = writer;
    this.#values = Array.from({ length: 2 + buckets }, () => new XorWindow());
  }

  write(histogram: FloatHistogram, sample: number): void {
    const { positiveBuckets, negativeBuckets, stale } = histogram;
    this.#value(0, stale ? 0 : histogram.count, sample);
    this.#value(1, stale ? 0 : histogram.zeroCount, sample);
    writeSum(this.#writer, this.#sum, histogram, sample);
    if (stale) return;
    let at = 2;
    for (const bucket of positiveBuckets) this.#value(at++, bucket, sample);
    for (const bucket of negativeBuckets) this.#value(at++, bucket, sample);
  }

  #value(at: number, value: number, sample: number): void {
    const window = this.#values[at] as XorWindow;
    if (sample === 0) window.firstDouble(this.#writer, value);
    else window.nextDouble(this.#writer, value);
  }
}

function writeSum(
  writer: BitWriter,
  window: XorWindow,
  { sum, stale }: FloatHistogram,
  sample: number,
): void {
  if (!stale) {
    if (sample === 0) window.firstDouble(writer, sum);
    else window.nextDouble(writer, sum);
  } else if (sample === 0) window.first(writer, STALE_HIGH, STALE_LOW);
  else window.next(writer, STALE_HIGH, STALE_LOW);
}

// ── layout ──

function writeLayout(writer: BitWriter, layout: FloatHistogram): void {
  writeZeroThreshold(writer, layout.zeroThreshold);
  writer.varbitInt(layout.schema);
  for (const spans of [layout.positiveSpans, layout.negativeSpans]) {
    writer.varbitUint(spans.length);
    for (const { offset, length } of spans) {
      writer.varbitUint(length);
      writer.varbitInt(offset);
    }
  }
  if (layout.schema !== CUSTOM_BUCKETS_SCHEMA) return;
  writer.varbitUint(layout.customValues.length);
  for (const bound of layout.customValues) writeCustomValue(writer, bound);
}

/** One byte for 0 and the powers of two from 2^−243 to 2^10; 255 announces a double. */
function writeZeroThreshold(writer: BitWriter, threshold: number): void {
  const exponent = Math.round(Math.log2(threshold));
  if (threshold === 0) writer.bits(0, 8);
  else if (2 ** exponent === threshold && exponent >= -243 && exponent <= 10) {
    writer.bits(exponent + 244, 8);
  } else {
    writer.bits(255, 8);
    writer.double(threshold);
  }
}

function writeCustomValue(writer: BitWriter, bound: number): void {
  const thousandths = bound * 1000;
  const isShort =
    thousandths >= 0 &&
    thousandths <= THOUSANDTHS_MAX &&
    Number.isInteger(thousandths) &&
    thousandths / 1000 === bound;
  if (isShort) writer.varbitUint(thousandths + 1);
  else {
    writer.bits(0, 1);
    writer.double(bound);
  }
}

function countOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { length }) => sum + length, 0);
}

/** Spans with the buckets of both; `a` itself if it has all of them. */
function joinSpans(a: readonly Span[], b: readonly Span[]): readonly Span[] {
  if (sameSpans(a, b)) return a;
  const indexes = new Set(bucketIndexes(a));
  const before = indexes.size;
  for (const index of bucketIndexes(b)) indexes.add(index);
  if (indexes.size === before) return a;
  const spans: { offset: number; length: number }[] = [];
  let next = 0;
  for (const index of [...indexes].sort((x, y) => x - y)) {
    const last = spans.at(-1);
    if (last !== undefined && index === next) last.length++;
    else spans.push({ offset: index - next, length: 1 });
    next = index + 1;
  }
  return spans;
}

function sameSpans(a: readonly Span[], b: readonly Span[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ offset, length }, i) => offset === b[i]?.offset && length === b[i]?.length)
  );
}

function bucketIndexes(spans: readonly Span[]): number[] {
  const indexes: number[] = [];
  let index = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++) indexes.push(index++);
  }
  return indexes;
}

/** The histogram with the buckets of other spans, which contain its own. */
function fitTo(
  histogram: FloatHistogram,
  positive: readonly Span[],
  negative: readonly Span[],
): FloatHistogram {
  return {
    ...histogram,
    positiveBuckets: spread(histogram.positiveSpans, histogram.positiveBuckets, positive),
    negativeBuckets: spread(histogram.negativeSpans, histogram.negativeBuckets, negative),
  };
}

function spread(spans: readonly Span[], counts: Float64Array, to: readonly Span[]): Float64Array {
  if (sameSpans(spans, to)) return counts;
  const byIndex = new Map(bucketIndexes(spans).map((index, i) => [index, counts[i] as number]));
  return Float64Array.from(bucketIndexes(to), (index) => byIndex.get(index) ?? 0);
}

const EMPTY: FloatHistogram = {
  counterResetHint: 'unknown',
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 0,
  sum: 0,
  stale: false,
  positiveSpans: [],
  negativeSpans: [],
  positiveBuckets: new Float64Array(0),
  negativeBuckets: new Float64Array(0),
  customValues: new Float64Array(0),
};

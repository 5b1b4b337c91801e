/** Encodes the records of a log that are not columns. Source: docs/formats/wal.md. */
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, type Span } from '../../model/histogram.ts';
import { STALE_HIGH, STALE_LOW } from '../../model/stale.ts';
import { putUvarint, putVarint } from '../byte-sink.ts';
import {
  CUSTOM_FLOAT_HISTOGRAMS,
  CUSTOM_HISTOGRAMS,
  EXEMPLARS,
  type ExemplarRecord,
  FLOAT_HISTOGRAMS,
  HISTOGRAMS,
  type HistogramRecord,
  METADATA,
  METADATA_TYPES,
  type MetadataRecord,
  SERIES,
  type SeriesRecord,
  TOMBSTONES,
  type TombstoneRecord,
} from './wal-records.ts';

const HINTS: readonly FloatHistogram['counterResetHint'][] = [
  'unknown',
  'reset',
  'not_reset',
  'gauge',
];
const NUMBER_BYTES_MAX = 10;

/** A record at a time: its bytes are valid until the next one is begun. */
export class RecordWriter {
  #buffer = Buffer.allocUnsafeSlow(1 << 16);
  #at = 0;

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#at);
  }

  /** Begins a record. */
  begin(type: number): this {
    this.#at = 0;
    return this.u8(type);
  }

  u8(value: number): this {
    this.#room(1);
    this.#buffer[this.#at++] = value;
    return this;
  }

  /** Big endian. */
  u32(value: number): this {
    this.#room(4);
    this.#at = this.#buffer.writeUInt32BE(value, this.#at);
    return this;
  }

  /** Big endian, two's complement. */
  i64(value: number): this {
    const high = Math.floor(value / 4294967296);
    return this.u32(high >>> 0).u32(value - high * 4294967296);
  }

  f64(value: number): this {
    this.#room(8);
    this.#at = this.#buffer.writeDoubleBE(value, this.#at);
    return this;
  }

  uvarint(value: number): this {
    this.#room(NUMBER_BYTES_MAX);
    this.#at = putUvarint(this.#buffer, this.#at, value);
    return this;
  }

  /** Zigzag. */
  varint(value: number): this {
    this.#room(NUMBER_BYTES_MAX);
    this.#at = putVarint(this.#buffer, this.#at, value);
    return this;
  }

  text(text: string): this {
    const longest = 3 * text.length;
    this.#room(longest + NUMBER_BYTES_MAX);
    if (longest < 128) {
      const length = this.#buffer.write(text, this.#at + 1);
      this.#buffer[this.#at] = length;
      this.#at += 1 + length;
    } else {
      this.uvarint(Buffer.byteLength(text));
      this.#at += this.#buffer.write(text, this.#at);
    }
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.#room(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * Math.max(this.#buffer.length, bytes));
    larger.set(this.bytes);
    this.#buffer = larger;
  }
}

export function writeSeries(writer: RecordWriter, records: readonly SeriesRecord[]): void {
  writer.begin(SERIES);
  for (const { ref, labels } of records) {
    writer.i64(ref);
    writeLabels(writer, labels);
  }
}

export function writeTombstones(writer: RecordWriter, records: readonly TombstoneRecord[]): void {
  writer.begin(TOMBSTONES);
  for (const { ref, minTime, maxTime } of records) writer.i64(ref).varint(minTime).varint(maxTime);
}

export function writeMetadata(writer: RecordWriter, records: readonly MetadataRecord[]): void {
  writer.begin(METADATA);
  for (const { ref, type, help, unit } of records) {
    writer.uvarint(ref).u8(METADATA_TYPES.indexOf(type)).uvarint(2);
    writer.text('UNIT').text(unit).text('HELP').text(help);
  }
}

export function writeExemplars(writer: RecordWriter, records: readonly ExemplarRecord[]): void {
  writer.begin(EXEMPLARS);
  const place = new PlaceWriter(writer);
  for (const { ref, exemplar } of records) {
    place.write(ref, exemplar.time);
    writer.f64(exemplar.value);
    writeLabels(writer, exemplar.labels);
  }
}

/** The kinds of histograms go into records of their own: calls back for each that there are any of. */
export function writeHistograms(
  writer: RecordWriter,
  records: readonly HistogramRecord[],
  take: () => void,
): void {
  for (const type of [HISTOGRAMS, CUSTOM_HISTOGRAMS, FLOAT_HISTOGRAMS, CUSTOM_FLOAT_HISTOGRAMS]) {
    const own = records.filter((record) => histogramType(record) === type);
    if (own.length === 0) continue;
    writer.begin(type);
    const place = new PlaceWriter(writer);
    for (const { ref, timeMs, histogram, isInteger } of own) {
      place.write(ref, timeMs);
      writeHistogram(writer, histogram, isInteger);
    }
    take();
  }
}

function histogramType({ histogram, isInteger }: HistogramRecord): number {
  if (histogram.schema === CUSTOM_BUCKETS_SCHEMA) {
    return isInteger ? CUSTOM_HISTOGRAMS : CUSTOM_FLOAT_HISTOGRAMS;
  }
  return isInteger ? HISTOGRAMS : FLOAT_HISTOGRAMS;
}

/** Refs and times as differences to the first of the record. */
export class PlaceWriter {
  readonly #writer: RecordWriter;
  #first: { readonly ref: number; readonly time: number } | undefined;

  constructor(writer: RecordWriter) {
    this.#writer = writer;
  }

  write(ref: number, time: number): void {
    if (this.#first === undefined) {
      this.#first = { ref, time };
      this.#writer.i64(ref).i64(time);
    }
    this.#writer.varint(ref - this.#first.ref).varint(time - this.#first.time);
  }
}

function writeLabels(writer: RecordWriter, labels: readonly string[]): void {
  writer.uvarint(labels.length / 2);
  for (const text of labels) writer.text(text);
}

function writeHistogram(writer: RecordWriter, histogram: FloatHistogram, isInteger: boolean): void {
  if (histogram.stale) {
    writeStale(writer, isInteger);
    return;
  }
  const { zeroCount, count, positiveBuckets, negativeBuckets } = histogram;
  writer.u8(HINTS.indexOf(histogram.counterResetHint)).varint(histogram.schema);
  writer.f64(histogram.zeroThreshold);
  if (isInteger) writer.uvarint(zeroCount).uvarint(count);
  else writer.f64(zeroCount).f64(count);
  writer.f64(histogram.sum);
  writeSpans(writer, histogram.positiveSpans);
  writeSpans(writer, histogram.negativeSpans);
  for (const buckets of [positiveBuckets, negativeBuckets])
    writeBuckets(writer, buckets, isInteger);
  if (histogram.schema !== CUSTOM_BUCKETS_SCHEMA) return;
  writer.uvarint(histogram.customValues.length);
  for (const bound of histogram.customValues) writer.f64(bound);
}

/** Nothing but the marker in the sum. */
function writeStale(writer: RecordWriter, isInteger: boolean): void {
  writer.u8(0).varint(0).f64(0);
  if (isInteger) writer.uvarint(0).uvarint(0);
  else writer.f64(0).f64(0);
  writer.u32(STALE_HIGH).u32(STALE_LOW);
  for (let i = 0; i < 4; i++) writer.uvarint(0);
}

function writeSpans(writer: RecordWriter, spans: readonly Span[]): void {
  writer.uvarint(spans.length);
  for (const { offset, length } of spans) writer.varint(offset).uvarint(length);
}

/** Whole counts as differences to the bucket before. */
function writeBuckets(writer: RecordWriter, buckets: Float64Array, isInteger: boolean): void {
  writer.uvarint(buckets.length);
  let before = 0;
  for (const count of buckets) {
    if (isInteger) writer.varint(count - before);
    else writer.f64(count);
    before = count;
  }
}

/** The hint that a byte stands for. */
export function hintOf(byte: number): FloatHistogram['counterResetHint'] {
  return HINTS[byte] ?? 'unknown';
}

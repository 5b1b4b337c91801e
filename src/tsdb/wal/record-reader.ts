/**
 * Decodes the records of a log that are not columns; all throw OperationError 'corrupt' saying what is wrong. Rows of
 * histograms and exemplars can be had undecoded, so that a checkpoint keeps their bytes. Source: docs/formats/wal.md.
 */
import { OperationError } from '../../base/errors.ts';
import { toSupportedSchema } from '../../chunk/histogram-layout.ts';
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, type Span } from '../../model/histogram.ts';
import { STALE_HIGH, STALE_LOW } from '../../model/stale.ts';
import type { ByteCursor } from '../byte-cursor.ts';
import { hintOf } from './record-writer.ts';
import {
  CUSTOM_FLOAT_HISTOGRAMS,
  type ExemplarRecord,
  FLOAT_HISTOGRAMS,
  FLOAT_HISTOGRAMS_ST,
  HISTOGRAMS_ST,
  type HistogramRecord,
  METADATA_TYPES,
  type MetadataRecord,
  type TombstoneRecord,
} from './wal-records.ts';

const SCHEMA_MIN = -9;
const SCHEMA_MAX = 52;
const ST_NONE = 0;
const ST_SAME = 1;

/** Where something of a series stands in a record. */
export interface Row {
  readonly ref: number;
  readonly time: number;
  /** Behind ref and time; exclusive end. */
  readonly from: number;
  readonly to: number;
}

export interface HistogramRow extends Row {
  readonly schema: number;
}

export function readTombstones(cursor: ByteCursor): TombstoneRecord[] {
  const records: TombstoneRecord[] = [];
  while (cursor.left > 0) {
    const ref = cursor.i64();
    records.push({ ref, minTime: cursor.nearVarint(), maxTime: cursor.nearVarint() });
  }
  return records;
}

export function readMetadata(cursor: ByteCursor): MetadataRecord[] {
  const records: MetadataRecord[] = [];
  while (cursor.left > 0) {
    const ref = cursor.nearUvarint();
    const type = METADATA_TYPES[cursor.u8()] ?? 'unknown';
    const fields = new Map<string, string>();
    for (let i = cursor.uvarint(); i > 0; i--) fields.set(cursor.text(), cursor.text());
    records.push({ ref, type, help: fields.get('HELP') ?? '', unit: fields.get('UNIT') ?? '' });
  }
  return records;
}

export function readExemplars(cursor: ByteCursor): ExemplarRecord[] {
  const records: ExemplarRecord[] = [];
  const place = new PlaceReader(cursor);
  while (cursor.left > 0) {
    const { ref, time } = place.read();
    const value = cursor.f64();
    const labels: string[] = [];
    for (let i = 2 * cursor.uvarint(); i > 0; i--) labels.push(cursor.text());
    records.push({ ref, exemplar: { labels, value, time } });
  }
  return records;
}

export function exemplarRows(cursor: ByteCursor): Row[] {
  const rows: Row[] = [];
  const place = new PlaceReader(cursor);
  while (cursor.left > 0) {
    const { ref, time } = place.read();
    const from = cursor.at;
    cursor.f64();
    for (let i = 2 * cursor.uvarint(); i > 0; i--) cursor.skipText();
    rows.push({ ref, time, from, to: cursor.at });
  }
  return rows;
}

/** Samples with start times, which are left out. The cursor stands behind the type. */
export function readSamplesWithStart(
  cursor: ByteCursor,
  take: (ref: number, time: number, low: number, high: number) => void,
): void {
  const place = new StartedPlaceReader(cursor);
  while (cursor.left > 0) {
    const { ref, time } = place.read();
    const high = cursor.u32();
    take(ref, time, cursor.u32(), high);
  }
}

export function isFloatType(type: number): boolean {
  return [FLOAT_HISTOGRAMS, CUSTOM_FLOAT_HISTOGRAMS, FLOAT_HISTOGRAMS_ST].includes(type);
}

/** Histograms of a schema that nobody knows are left out. */
export function readHistograms(cursor: ByteCursor, type: number): HistogramRecord[] {
  const isInteger = !isFloatType(type);
  const records: HistogramRecord[] = [];
  eachHistogram(cursor, type, ({ ref, time }, histogram) => {
    if (isKnown(histogram.schema)) {
      records.push({ ref, timeMs: time, histogram: toSupportedSchema(histogram), isInteger });
    }
  });
  return records;
}

export function histogramRows(cursor: ByteCursor, type: number): HistogramRow[] {
  const rows: HistogramRow[] = [];
  eachHistogram(cursor, type, (row, { schema }) => {
    if (isKnown(schema)) rows.push({ ...row, schema });
  });
  return rows;
}

function eachHistogram(
  cursor: ByteCursor,
  type: number,
  take: (row: Row, histogram: FloatHistogram) => void,
): void {
  const withStart = type === HISTOGRAMS_ST || type === FLOAT_HISTOGRAMS_ST;
  const place = withStart ? new StartedPlaceReader(cursor) : new PlaceReader(cursor);
  while (cursor.left > 0) {
    const { ref, time } = place.read();
    const from = cursor.at;
    const histogram = readHistogram(cursor, isFloatType(type));
    take({ ref, time, from, to: cursor.at }, histogram);
  }
}

function isKnown(schema: number): boolean {
  return schema === CUSTOM_BUCKETS_SCHEMA || (schema >= SCHEMA_MIN && schema <= SCHEMA_MAX);
}

interface Place {
  readonly ref: number;
  readonly time: number;
}

class PlaceReader {
  readonly #cursor: ByteCursor;
  #first: Place | undefined;

  constructor(cursor: ByteCursor) {
    this.#cursor = cursor;
  }

  read(): Place {
    const cursor = this.#cursor;
    this.#first ??= { ref: cursor.i64(), time: cursor.i64() };
    const { ref, time } = this.#first;
    return { ref: ref + cursor.nearVarint(), time: time + cursor.nearVarint() };
  }
}

class StartedPlaceReader {
  readonly #cursor: ByteCursor;
  #firstTime: number | undefined;
  #ref = 0;

  constructor(cursor: ByteCursor) {
    this.#cursor = cursor;
  }

  read(): Place {
    const cursor = this.#cursor;
    this.#ref += cursor.nearVarint();
    const time = (this.#firstTime ?? 0) + cursor.nearVarint();
    const marker = this.#firstTime === undefined ? undefined : cursor.u8();
    if (marker !== ST_NONE && marker !== ST_SAME) cursor.nearVarint();
    this.#firstTime ??= time;
    return { ref: this.#ref, time };
  }
}

function readHistogram(cursor: ByteCursor, isFloat: boolean): FloatHistogram {
  const counterResetHint = hintOf(cursor.u8());
  const schema = cursor.nearVarint();
  const zeroThreshold = cursor.f64();
  const zeroCount = isFloat ? cursor.f64() : cursor.nearUvarint();
  const count = isFloat ? cursor.f64() : cursor.nearUvarint();
  const sumAt = cursor.at;
  const sum = cursor.f64();
  const stale =
    cursor.bytes.readUInt32BE(sumAt) === STALE_HIGH &&
    cursor.bytes.readUInt32BE(sumAt + 4) === STALE_LOW;
  const positiveSpans = readSpans(cursor);
  const negativeSpans = readSpans(cursor);
  const positiveBuckets = readBuckets(cursor, positiveSpans, isFloat);
  const negativeBuckets = readBuckets(cursor, negativeSpans, isFloat);
  const bounds = schema === CUSTOM_BUCKETS_SCHEMA ? readLength(cursor, 8) : 0;
  const customValues = new Float64Array(bounds).map(() => cursor.f64());
  return {
    counterResetHint,
    schema,
    zeroThreshold,
    zeroCount,
    count,
    sum,
    stale,
    positiveSpans,
    negativeSpans,
    positiveBuckets,
    negativeBuckets,
    customValues,
  };
}

function readSpans(cursor: ByteCursor): Span[] {
  const spans: Span[] = [];
  for (let i = readLength(cursor, 2); i > 0; i--) {
    spans.push({ offset: cursor.nearVarint(), length: cursor.uvarint() });
  }
  return spans;
}

function readBuckets(cursor: ByteCursor, spans: readonly Span[], isFloat: boolean): Float64Array {
  const buckets = new Float64Array(readLength(cursor, isFloat ? 8 : 1));
  const want = spans.reduce((sum, { length }) => sum + length, 0);
  if (want !== buckets.length) {
    const message = `a histogram has ${buckets.length} buckets where its spans say ${want}`;
    throw new OperationError('corrupt', message);
  }
  let before = 0;
  for (let i = 0; i < buckets.length; i++) {
    before = isFloat ? cursor.f64() : before + cursor.nearVarint();
    buckets[i] = before;
  }
  return buckets;
}

/** A number of items, which cannot be more than there is room for. */
function readLength(cursor: ByteCursor, itemBytes: number): number {
  const length = cursor.uvarint();
  if (length * itemBytes > cursor.left) {
    throw new OperationError('corrupt', `${length} items are said to be in ${cursor.left} bytes`);
  }
  return length;
}

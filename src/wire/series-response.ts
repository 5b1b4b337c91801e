/**
 * thanos.SeriesResponse by hand (proto/thanos/store.proto): the message that carries nearly all bytes of a query.
 * Decoding leaves chunks where they are; encoding writes single series or batches of them.
 */
import { OperationError } from '../base/errors.ts';
import type { Labels } from '../model/labels.ts';
import { ChunkRows } from './chunk-rows.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { ReverseWriter } from './reverse-writer.ts';
import type { TextCache } from './text-cache.ts';
import type { WireChunk, WireSeries } from './wire-series.ts';
import { AGGREGATES, readLabel, readText, toLabels } from './wire-series.ts';

export type SeriesFrame =
  | { readonly kind: 'series'; readonly series: readonly WireSeries[] }
  | { readonly kind: 'warning'; readonly warning: string }
  /** An encoded google.protobuf.Any. */
  | { readonly kind: 'hints'; readonly hints: Uint8Array }
  /** An empty message, or a kind that is not known yet: to be passed over. */
  | { readonly kind: 'empty' };

/** Which field of SeriesResponse comes first, without decoding it; 'empty' for anything else. */
export function seriesFrameKind(message: Uint8Array): SeriesFrame['kind'] {
  const tag = message[0];
  if (tag === 0x0a || tag === 0x22) return 'series';
  if (tag === 0x12) return 'warning';
  return tag === 0x1a ? 'hints' : 'empty';
}

/** The series of one message: labels, and the rows of the chunks of all of them, one series after another. */
export interface SeriesTable {
  readonly labels: Labels[];
  /** For each series where its rows end. */
  readonly ends: number[];
  readonly rows: ChunkRows;
}

export function createSeriesTable(): SeriesTable {
  return { labels: [], ends: [], rows: new ChunkRows() };
}

/**
 * Fills the table with the message's series; a message of another kind has none.
 * @throws OperationError 'corrupt' with the offset; the table is then of no use.
 */
export function readSeriesTable(message: Uint8Array, texts: TextCache, table: SeriesTable): void {
  readFrame(message, texts, table);
}

/** @throws OperationError 'corrupt' with the offset. Chunks refer to the message's bytes. */
export function decodeSeriesResponse(message: Uint8Array, texts: TextCache): SeriesFrame {
  const table = createSeriesTable();
  const frame = readFrame(message, texts, table);
  if (frame !== undefined) return frame;
  const { labels, ends, rows } = table;
  const series = labels.map((own, i): WireSeries => {
    const chunks: WireChunk[] = [];
    for (let row = ends[i - 1] ?? 0; row < (ends[i] as number); row++) {
      chunks.push(rows.chunk(row, message));
    }
    return { labels: own, chunks };
  });
  return { kind: 'series', series };
}

/** Undefined when the last field was series, which are in the table; else the table is empty. */
function readFrame(
  message: Uint8Array,
  texts: TextCache,
  table: SeriesTable,
): SeriesFrame | undefined {
  const reader = new ProtobufReader('thanos.SeriesResponse', message);
  let frame: SeriesFrame | undefined = { kind: 'empty' };
  clear(table);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field > 4) {
      reader.skip();
      continue;
    }
    clear(table);
    frame = undefined;
    if (field === 1) readSeries(reader, texts, table);
    else if (field === 2) frame = { kind: 'warning', warning: readText(reader, texts) };
    else if (field === 3) frame = { kind: 'hints', hints: reader.range() };
    else readBatch(reader, texts, table);
  }
  return frame;
}

function clear(table: SeriesTable): void {
  table.labels.length = 0;
  table.ends.length = 0;
  table.rows.count = 0;
}

function readBatch(reader: ProtobufReader, texts: TextCache, table: SeriesTable): void {
  const outer = reader.enter();
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) readSeries(reader, texts, table);
    else reader.skip();
  }
  reader.leave(outer);
}

function readSeries(reader: ProtobufReader, texts: TextCache, table: SeriesTable): void {
  const { rows } = table;
  const outer = reader.enter();
  const pairs: string[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) readLabel(reader, texts, pairs);
    else if (field === 2) {
      const chunkOuter = reader.enter();
      if (!readUsualChunk(reader.bytes, reader.at, reader.end, rows)) readAggrChunk(reader, rows);
      reader.leave(chunkOuter);
    } else reader.skip();
  }
  reader.leave(outer);
  table.labels.push(toLabels(pairs));
  table.ends.push(rows.count);
}

/** Keys, two times of at most 8 bytes, the lengths, the encoding. */
const USUAL_HEAD_BYTES = 30;

/**
 * The form in which raw chunks are written, several times faster than field by field; false for any other.
 *
 *   08 min 10 max 1a length ( 08 type  12 length data  18 hash )      type and hash may be left out
 */
function readUsualChunk(bytes: Uint8Array, start: number, end: number, rows: ChunkRows): boolean {
  let at = start;
  if (end - at < USUAL_HEAD_BYTES || bytes[at++] !== 0x08) return false;
  const minEnd = timeEnd(bytes, at);
  if (minEnd < 0 || bytes[minEnd] !== 0x10) return false;
  const maxEnd = timeEnd(bytes, minEnd + 1);
  if (maxEnd < 0 || bytes[maxEnd] !== 0x1a) return false;
  const minTime = timeOf(bytes, at, minEnd);
  const maxTime = timeOf(bytes, minEnd + 1, maxEnd);
  at = maxEnd + 1;
  let low = bytes[at++] as number;
  let length = low < 0x80 ? low : (low & 0x7f) | ((bytes[at++] as number) << 7);
  if (length >= 0x4000 || at + length !== end) return false;
  let encoding = 1;
  if (bytes[at] === 0x08) {
    encoding = (bytes[at + 1] as number) + 1;
    at += 2;
  }
  if (bytes[at++] !== 0x12) return false;
  low = bytes[at++] as number;
  length = low < 0x80 ? low : (low & 0x7f) | ((bytes[at++] as number) << 7);
  const hash = at + length;
  const isEnd =
    hash === end || (hash < end - 1 && bytes[hash] === 0x18 && varintEnds(bytes, hash + 1, end));
  if (length >= 0x4000 || encoding > 0x80 || !isEnd) return false;
  const row = rows.add();
  rows.minTimes[row] = minTime;
  rows.maxTimes[row] = maxTime;
  rows.offsets[row] = at;
  rows.lengths[row] = length;
  rows.encodings[row] = encoding;
  rows.aggregates[row] = 0;
  return true;
}

/** Where the varint that begins here ends, if it has 5 to 8 bytes; else -1. */
function timeEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  while ((bytes[at++] as number) >= 0x80);
  return at - start > 4 && at - start <= 8 ? at : -1;
}

function timeOf(bytes: Uint8Array, start: number, end: number): number {
  const low =
    ((bytes[start] as number) & 0x7f) |
    (((bytes[start + 1] as number) & 0x7f) << 7) |
    (((bytes[start + 2] as number) & 0x7f) << 14) |
    (((bytes[start + 3] as number) & 0x7f) << 21);
  let high = 0;
  for (let at = end - 1; at >= start + 4; at--) high = high * 128 + ((bytes[at] as number) & 0x7f);
  return high * 0x10000000 + low;
}

/** Whether one varint fills the bytes. */
function varintEnds(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && (bytes[at] as number) >= 0x80) at++;
  return at === end - 1 && end - start <= 10;
}

/** Times may follow the data they belong to: rows are completed when the message has been read. */
function readAggrChunk(reader: ProtobufReader, rows: ChunkRows): void {
  const first = rows.count;
  let minTime = 0;
  let maxTime = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) minTime = reader.int64();
    else if (field === 2) maxTime = reader.int64();
    else if (field >= 3 && field <= 8) readChunk(reader, field - 3, rows);
    else reader.skip();
  }
  rows.minTimes.fill(minTime, first, rows.count);
  rows.maxTimes.fill(maxTime, first, rows.count);
}

function readChunk(reader: ProtobufReader, aggregate: number, rows: ChunkRows): void {
  const outer = reader.enter();
  const row = rows.add();
  rows.aggregates[row] = aggregate;
  rows.encodings[row] = 1;
  rows.offsets[row] = reader.at;
  rows.lengths[row] = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) {
      // The wire counts encodings from 0, chunk files from 1.
      reader.expect(0);
      rows.encodings[row] = reader.uint32() + 1;
    } else if (field === 2) {
      const chunkOuter = reader.enter();
      rows.offsets[row] = reader.at;
      rows.lengths[row] = reader.end - reader.at;
      reader.leave(chunkOuter);
    } else reader.skip();
  }
  reader.leave(outer);
}

/** Encoder of one stream; it keeps its buffer from message to message. */
export class SeriesResponseEncoder {
  readonly #writer = new ReverseWriter();

  /**
   * One message: a single series as `series`, several as `batch`. Chunks of one series that follow each other
   * with the same times and ascending aggregates become one AggrChunk.
   */
  series(list: readonly WireSeries[]): Uint8Array<ArrayBuffer> {
    const writer = this.#writer;
    for (let i = list.length - 1; i >= 0; i--) {
      const before = writer.length;
      writeSeries(writer, list[i] as WireSeries);
      writer.header(0x0a, before);
    }
    if (list.length !== 1) writer.header(0x22, 0);
    return writer.take();
  }

  warning(text: string): Uint8Array<ArrayBuffer> {
    this.#writer.text(text);
    this.#writer.header(0x12, 0);
    return this.#writer.take();
  }

  /** @param any an encoded google.protobuf.Any. */
  hints(any: Uint8Array): Uint8Array<ArrayBuffer> {
    this.#writer.raw(any);
    this.#writer.header(0x1a, 0);
    return this.#writer.take();
  }
}

function writeSeries(writer: ReverseWriter, series: WireSeries): void {
  const { labels, chunks } = series;
  for (let last = chunks.length - 1; last >= 0; ) {
    const before = writer.length;
    last = writeAggrChunk(writer, chunks, last);
    writer.header(0x12, before);
  }
  writeLabels(writer, labels);
}

function writeLabels(writer: ReverseWriter, labels: Labels): void {
  for (let i = labels.length - 2; i >= 0; i -= 2) {
    const before = writer.length;
    writeText(writer, 0x12, labels[i + 1] as string);
    writeText(writer, 0x0a, labels[i] as string);
    writer.header(0x0a, before);
  }
}

function writeText(writer: ReverseWriter, tag: number, text: string): void {
  const before = writer.length;
  writer.text(text);
  writer.header(tag, before);
}

/** Writes the chunk and those before it that belong to the same AggrChunk; returns the index before them. */
function writeAggrChunk(writer: ReverseWriter, chunks: readonly WireChunk[], last: number): number {
  const { minTime, maxTime } = chunks[last] as WireChunk;
  let i = last;
  let field = 9;
  for (; i >= 0; i--) {
    const chunk = chunks[i] as WireChunk;
    const own = AGGREGATES.indexOf(chunk.aggregate) + 3;
    if (own >= field || chunk.minTime !== minTime || chunk.maxTime !== maxTime) break;
    field = own;
    writeChunk(writer, chunk, field);
  }
  if (maxTime !== 0) writeTime(writer, 0x10, maxTime);
  if (minTime !== 0) writeTime(writer, 0x08, minTime);
  return i;
}

function writeTime(writer: ReverseWriter, tag: number, time: number): void {
  writer.int64(time);
  writer.varint(tag);
}

function writeChunk(writer: ReverseWriter, chunk: WireChunk, field: number): void {
  const { encoding, bytes, offset, length } = chunk;
  if (encoding < 1 || encoding > 3) {
    throw new OperationError(
      'internal',
      `cannot send a chunk of encoding ${encoding}: 1 to 3 exist`,
    );
  }
  const before = writer.length;
  writer.raw(bytes.subarray(offset, offset + length));
  writer.header(0x12, before);
  if (encoding !== 1) {
    writer.varint(encoding - 1);
    writer.varint(0x08);
  }
  writer.header((field << 3) | 2, before);
}

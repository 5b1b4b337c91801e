/**
 * thanos.SeriesResponse by hand (proto/thanos/store.proto): the message that carries nearly all bytes of a query.
 * Decoding leaves chunks where they are; encoding writes single series or batches of them.
 */
import { OperationError } from '../base/errors.ts';
import type { Labels } from '../model/labels.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { ReverseWriter } from './reverse-writer.ts';
import type { TextCache } from './text-cache.ts';
import type { Aggregate, WireChunk, WireSeries } from './wire-series.ts';
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

/** @throws OperationError 'corrupt' with the offset. Chunks refer to the message's bytes. */
export function decodeSeriesResponse(message: Uint8Array, texts: TextCache): SeriesFrame {
  const reader = new ProtobufReader('thanos.SeriesResponse', message);
  let frame: SeriesFrame = { kind: 'empty' };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) frame = { kind: 'series', series: [readSeries(reader, texts)] };
    else if (field === 2) frame = { kind: 'warning', warning: readText(reader, texts) };
    else if (field === 3) frame = { kind: 'hints', hints: reader.range() };
    else if (field === 4) frame = { kind: 'series', series: readBatch(reader, texts) };
    else reader.skip();
  }
  return frame;
}

function readBatch(reader: ProtobufReader, texts: TextCache): WireSeries[] {
  const outer = reader.enter();
  const batch: WireSeries[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) batch.push(readSeries(reader, texts));
    else reader.skip();
  }
  reader.leave(outer);
  return batch;
}

function readSeries(reader: ProtobufReader, texts: TextCache): WireSeries {
  const outer = reader.enter();
  const pairs: string[] = [];
  const chunks: WireChunk[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) readLabel(reader, texts, pairs);
    else if (field === 2) readAggrChunk(reader, chunks);
    else reader.skip();
  }
  reader.leave(outer);
  return { labels: toLabels(pairs), chunks };
}

/** Times may follow the data they belong to: chunks are completed when the message has been read. */
function readAggrChunk(reader: ProtobufReader, chunks: WireChunk[]): void {
  const outer = reader.enter();
  const first = chunks.length;
  let minTime = 0;
  let maxTime = 0;
  let areTimesLate = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) minTime = reader.int64();
    else if (field === 2) maxTime = reader.int64();
    else if (field >= 3 && field <= 8) {
      chunks.push(readChunk(reader, AGGREGATES[field - 3] as Aggregate, { minTime, maxTime }));
      continue;
    } else reader.skip();
    areTimesLate = chunks.length > first;
  }
  reader.leave(outer);
  if (!areTimesLate) return;
  for (let i = first; i < chunks.length; i++) {
    chunks[i] = { ...(chunks[i] as WireChunk), minTime, maxTime };
  }
}

function readChunk(
  reader: ProtobufReader,
  aggregate: Aggregate,
  times: { readonly minTime: number; readonly maxTime: number },
): WireChunk {
  const outer = reader.enter();
  let encoding = 1;
  let offset = reader.at;
  let length = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) {
      // The wire counts encodings from 0, chunk files from 1.
      reader.expect(0);
      encoding = reader.uint32() + 1;
    } else if (field === 2) {
      const chunkOuter = reader.enter();
      offset = reader.at;
      length = reader.end - offset;
      reader.leave(chunkOuter);
    } else reader.skip();
  }
  reader.leave(outer);
  const { minTime, maxTime } = times;
  return { minTime, maxTime, aggregate, encoding, bytes: reader.bytes, offset, length };
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

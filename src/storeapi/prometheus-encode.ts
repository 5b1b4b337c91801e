/**
 * Writes a series of remote read as one of StoreAPI. Times keep their bytes, for Chunk and AggrChunk have the
 * same fields 1 and 2; data is copied once, from where it was received into the message.
 *
 *   Chunk      08 min 10 max 18 type 22 length data
 *   AggrChunk  08 min 10 max 1a length ( 08 type−1  12 length data )      type−1 is left out for XOR
 */
import { OperationError } from '../base/errors.ts';
import type { ChunkedSeries } from '../remote/chunked-series.ts';
import { CHUNK_WORDS } from '../remote/chunked-series.ts';
import { varintBytes, writeVarint } from '../wire/varint.ts';
import type { OwnLabels } from './prometheus-labels.ts';

const CHUNKS = 0x12;
const RAW = 0x1a;
const TYPE = 0x08;
const DATA = 0x12;
const XOR = 1;

/** Size of the encoded thanos.Series. Throws OperationError 'corrupt' for a chunk without a known type. */
export function seriesBytes(series: ChunkedSeries, labels: OwnLabels): number {
  let size = labels.encodedBytes;
  const { chunks } = series;
  for (let word = 0; word < series.chunkCount * CHUNK_WORDS; word += CHUNK_WORDS) {
    const aggregate = aggregateBytes(chunks, word);
    size += 1 + varintBytes(aggregate) + aggregate;
  }
  return size;
}

/** Writes what seriesBytes measured. */
export function writeSeries(
  source: { readonly bytes: Uint8Array; readonly series: ChunkedSeries },
  labels: OwnLabels,
  target: Uint8Array,
  offset: number,
): void {
  const { bytes, series } = source;
  const { chunks } = series;
  let at = labels.write(target, offset);
  for (let word = 0; word < series.chunkCount * CHUNK_WORDS; word += CHUNK_WORDS) {
    target[at] = CHUNKS;
    at = writeVarint(target, at + 1, aggregateBytes(chunks, word));
    const minEnd = chunks[word + 1] as number;
    for (let i = chunks[word] as number; i < minEnd; i++) target[at++] = bytes[i] as number;
    const maxEnd = chunks[word + 3] as number;
    for (let i = chunks[word + 2] as number; i < maxEnd; i++) target[at++] = bytes[i] as number;
    target[at] = RAW;
    at = writeVarint(target, at + 1, chunkBytes(chunks, word));
    const type = chunks[word + 4] as number;
    if (type !== XOR) {
      target[at++] = TYPE;
      target[at++] = type - 1;
    }
    const dataStart = chunks[word + 5] as number;
    const dataEnd = chunks[word + 6] as number;
    target[at] = DATA;
    at = writeVarint(target, at + 1, dataEnd - dataStart);
    target.set(bytes.subarray(dataStart, dataEnd), at);
    at += dataEnd - dataStart;
  }
}

function aggregateBytes(chunks: Int32Array, word: number): number {
  const minBytes = (chunks[word + 1] as number) - (chunks[word] as number);
  const maxBytes = (chunks[word + 3] as number) - (chunks[word + 2] as number);
  const chunk = chunkBytes(chunks, word);
  return minBytes + maxBytes + 1 + varintBytes(chunk) + chunk;
}

function chunkBytes(chunks: Int32Array, word: number): number {
  const type = chunks[word + 4] as number;
  if (type < 1 || type > 127) {
    throw new OperationError('corrupt', `a chunk has the encoding ${type}, which does not exist`);
  }
  const data = (chunks[word + 6] as number) - (chunks[word + 5] as number);
  return (type === XOR ? 0 : 2) + 1 + varintBytes(data) + data;
}

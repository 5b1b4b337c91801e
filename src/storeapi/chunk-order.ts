/**
 * Chunks of one series from several stores: put in order, identical ones once, and distributed to replicas that do
 * not overlap in themselves. Order and distribution decide which samples deduplication prefers: they are Thanos'.
 */
import type { WireChunk } from '../wire/wire-series.ts';
import { AGGREGATES } from '../wire/wire-series.ts';

export interface SourcedChunk {
  readonly chunk: WireChunk;
  /** Other aggregates of the same samples. */
  readonly more: readonly WireChunk[];
  /** Which of the stores sent it, as named in warnings. */
  readonly store: string;
}

const NONE: readonly WireChunk[] = [];

/** Chunks of one message as they lie in it; aggregates of the same samples follow each other. */
export function addChunks(
  target: SourcedChunk[],
  chunks: readonly WireChunk[],
  store: string,
): void {
  for (let i = 0; i < chunks.length; i++) {
    const chunk = chunks[i] as WireChunk;
    let more = NONE;
    while (i + 1 < chunks.length && belongs(chunks[i] as WireChunk, chunks[i + 1] as WireChunk)) {
      more = [...more, chunks[++i] as WireChunk];
    }
    target.push({ chunk, more, store });
  }
}

/** Whether the chunk after another one came in the same AggrChunk. */
function belongs(before: WireChunk, after: WireChunk): boolean {
  return (
    after.aggregate !== 'raw' &&
    before.minTime === after.minTime &&
    before.maxTime === after.maxTime &&
    AGGREGATES.indexOf(before.aggregate) < AGGREGATES.indexOf(after.aggregate)
  );
}

/** By (minTime, maxTime); where these are equal, by encoding, then the greater bytes first. */
export function orderChunks(chunks: SourcedChunk[]): SourcedChunk[] {
  if (chunks.length < 2) return chunks;
  chunks.sort(compareChunks);
  return chunks.filter((one, i) => i === 0 || !isIdentical(chunks[i - 1] as SourcedChunk, one));
}

/** Each chunk goes to the first replica that ends before it begins. The chunks are in order. */
export function splitOverlaps(chunks: readonly SourcedChunk[]): SourcedChunk[][] {
  const replicas: SourcedChunk[][] = [];
  const ends: number[] = [];
  for (const sourced of chunks) {
    const { minTime, maxTime } = sourced.chunk;
    let i = 0;
    while (i < ends.length && (ends[i] as number) >= minTime) i++;
    if (i === ends.length) replicas.push([]);
    (replicas[i] as SourcedChunk[]).push(sourced);
    ends[i] = maxTime;
  }
  return replicas;
}

export function overlap(chunks: readonly SourcedChunk[]): boolean {
  return chunks.some(
    ({ chunk }, i) => i > 0 && (chunks[i - 1] as SourcedChunk).chunk.maxTime >= chunk.minTime,
  );
}

function compareChunks({ chunk: a }: SourcedChunk, { chunk: b }: SourcedChunk): number {
  return (
    a.minTime - b.minTime ||
    a.maxTime - b.maxTime ||
    AGGREGATES.indexOf(a.aggregate) - AGGREGATES.indexOf(b.aggregate) ||
    a.encoding - b.encoding ||
    compareBytes(b, a)
  );
}

function isIdentical(a: SourcedChunk, b: SourcedChunk): boolean {
  return (
    isSame(a.chunk, b.chunk) &&
    a.more.length === b.more.length &&
    a.more.every((part, i) => isSame(part, b.more[i] as WireChunk))
  );
}

function isSame(a: WireChunk, b: WireChunk): boolean {
  return (
    a.length === b.length &&
    a.minTime === b.minTime &&
    a.maxTime === b.maxTime &&
    a.aggregate === b.aggregate &&
    a.encoding === b.encoding &&
    compareBytes(a, b) === 0
  );
}

/** Lexicographic, then the shorter first. */
function compareBytes(a: WireChunk, b: WireChunk): number {
  return Buffer.compare(bytesOf(a), bytesOf(b));
}

function bytesOf({ bytes, offset, length }: WireChunk): Uint8Array {
  return bytes.subarray(offset, offset + length);
}

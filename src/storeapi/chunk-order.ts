/**
 * Chunks of one series from several stores: put in order, identical ones once, and distributed to replicas that do
 * not overlap in themselves. Order and distribution decide which samples deduplication prefers: they are Thanos'.
 */
import type { WireChunk } from '../wire/wire-series.ts';

export interface SourcedChunk {
  readonly chunk: WireChunk;
  /** Which of the stores sent it, as named in warnings. */
  readonly store: string;
}

/** By (minTime, maxTime); where these are equal, by encoding, then the greater bytes first. */
export function orderChunks(chunks: SourcedChunk[]): SourcedChunk[] {
  if (chunks.length < 2) return chunks;
  chunks.sort(compareChunks);
  return chunks.filter(
    ({ chunk }, i) => i === 0 || !isIdentical((chunks[i - 1] as SourcedChunk).chunk, chunk),
  );
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
    a.minTime - b.minTime || a.maxTime - b.maxTime || a.encoding - b.encoding || compareBytes(b, a)
  );
}

function isIdentical(a: WireChunk, b: WireChunk): boolean {
  return (
    a.length === b.length &&
    a.minTime === b.minTime &&
    a.maxTime === b.maxTime &&
    a.encoding === b.encoding &&
    compareBytes(a, b) === 0
  );
}

/** Lexicographic. */
function compareBytes(a: WireChunk, b: WireChunk): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = (a.bytes[a.offset + i] as number) - (b.bytes[b.offset + i] as number);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

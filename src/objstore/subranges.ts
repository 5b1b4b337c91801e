/** Ranges of an object in pieces of one size, as a cache keeps them. */
import type { ByteRange } from './bucket.ts';

export interface Subrange {
  readonly start: number;
  readonly end: number;
}

/** The pieces that a range touches; the last of an object is shorter. */
export function subrangesOf(
  { offset, length }: ByteRange,
  sizeBytes: number,
  pieceBytes: number,
): readonly Subrange[] {
  const end = Math.min(offset + length, sizeBytes);
  const pieces: Subrange[] = [];
  if (offset >= end) return pieces;
  for (let at = offset - (offset % pieceBytes); at < end; at += pieceBytes) {
    pieces.push({ start: at, end: Math.min(at + pieceBytes, sizeBytes) });
  }
  return pieces;
}

/** Ascending pieces as at most so many ranges; the smallest gaps between them are filled first. */
export function joinSubranges(
  pieces: readonly Subrange[],
  pieceBytes: number,
  rangesMax: number,
): readonly Subrange[] {
  let ranges = joinWithin(pieces, 0);
  for (let gap = pieceBytes; rangesMax > 0 && ranges.length > rangesMax; gap *= 2) {
    ranges = joinWithin(ranges, gap);
  }
  return ranges;
}

function joinWithin(pieces: readonly Subrange[], gapBytes: number): readonly Subrange[] {
  const joined: Subrange[] = [];
  for (const { start, end } of pieces) {
    const last = joined.at(-1);
    if (last !== undefined && start - last.end <= gapBytes) {
      joined[joined.length - 1] = { start: last.start, end };
    } else joined.push({ start, end });
  }
  return joined;
}

/**
 * What readers in other threads ask the owner of a head, and the bytes of series that they get, in slices of at most a
 * MiB. All of a slice is of one moment: no batch of samples is in it by half.
 *
 *   series   u32 bytes of all this │ u32 bytes of the labels │ u32 deleted intervals │ u32 encoding of the open chunk
 *            │ labels: u16 length, name, u16 length, value, … │ up to a multiple of 8 │ intervals: float64 min and max time
 *            │ chunks, as kernel/head-chunks.ts (headCopyChunks) writes them │ entries that are in no file yet: their
 *            places have the file 0 and an offset from the start of the series
 */
import type { Matcher } from '../../model/matcher.ts';

/** Which series: those with chunks that overlap the times. */
export interface HeadScope {
  readonly matchers: readonly Matcher[];
  readonly minTime: number;
  readonly maxTime: number;
}

export type HeadRequest =
  /** Finds series and gives the first slice of them. */
  | {
      readonly kind: 'select';
      readonly scope: HeadScope;
      readonly shard: { readonly index: number; readonly count: number } | undefined;
      readonly content: SeriesContent;
    }
  /** Gives a slice of series that are found already. */
  | {
      readonly kind: 'read';
      readonly handles: Float64Array<ArrayBuffer>;
      readonly minTime: number;
      readonly maxTime: number;
      readonly content: SeriesContent;
    }
  /** Sorts at most SORT_SERIES series by their labels; those that have ended are left out. */
  | { readonly kind: 'sort'; readonly handles: Float64Array<ArrayBuffer> }
  /** Merges two sorted lists of at most MERGE_SERIES series until one of them is used up. */
  | {
      readonly kind: 'merge';
      readonly left: Float64Array<ArrayBuffer>;
      readonly right: Float64Array<ArrayBuffer>;
    }
  | { readonly kind: 'names'; readonly scope: HeadScope }
  | { readonly kind: 'values'; readonly name: string; readonly scope: HeadScope };

export type SeriesContent = 'labels' | 'chunks';

export interface HeadSlice {
  readonly series: Uint8Array<ArrayBuffer>;
  /** Series in it. */
  readonly count: number;
  /** What has still to be read. */
  readonly rest: Float64Array<ArrayBuffer>;
  /**
   * Whether all is in label order. So many series that sorting them would stop the owner for long are not, and come
   * neither read nor limited: the reader has them sorted piece by piece.
   */
  readonly isSorted: boolean;
}

export interface HeadMerge {
  readonly merged: Float64Array<ArrayBuffer>;
  /** How many of each list are in it; those that have ended are left out of it. */
  readonly left: number;
  readonly right: number;
}

/** What the owner sorts, and of each list merges, in one step of some ten milliseconds. */
export const SORT_SERIES = 16_384;
export const MERGE_SERIES = 16_384;

export interface HeadTexts {
  readonly values: readonly string[];
}

/** Instead of the number of a file: the entry lies with the series. */
export const INLINE_FILE = 0;
export const SERIES_HEAD_BYTES = 16;
/** Of a full chunk: u32 file, offset, bytes, encoding, float64 min and max time. */
export const PLACE_BYTES = 32;

export function align8(length: number): number {
  return (length + 7) & ~7;
}

/** Of series in label order, those of a shard. */
export function shardOf(
  handles: Float64Array<ArrayBuffer>,
  shard: { readonly index: number; readonly count: number } | undefined,
): Float64Array<ArrayBuffer> {
  if (shard === undefined) return handles;
  return handles.filter((_, i) => i % shard.count === shard.index);
}

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
      /** Most series; 0 is all. */
      readonly limit: number;
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
  | { readonly kind: 'names'; readonly scope: HeadScope }
  | { readonly kind: 'values'; readonly name: string; readonly scope: HeadScope };

export type SeriesContent = 'labels' | 'chunks';

export interface HeadSlice {
  readonly series: Uint8Array<ArrayBuffer>;
  /** What has still to be read, in label order. */
  readonly rest: Float64Array<ArrayBuffer>;
}

export interface HeadTexts {
  readonly values: readonly string[];
}

/** Instead of the number of a file: the entry lies with the series. */
export const INLINE_FILE = 0;
export const SERIES_HEAD_BYTES = 16;
export const PLACE_BYTES = 32;

export function align8(length: number): number {
  return (length + 7) & ~7;
}

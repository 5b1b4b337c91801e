/** Reads the series of slices that the owner of a head has given. Layout: head-protocol.ts. */
import { type Labels, NO_LABELS } from '../../model/labels.ts';
import type { EncodedChunk } from '../../storage/chunk-queryable.ts';
import type { TextCache } from '../../wire/text-cache.ts';
import type { Interval } from '../block/tombstones.ts';
import { align8, INLINE_FILE, PLACE_BYTES, SERIES_HEAD_BYTES } from './head-protocol.ts';

/** A full chunk: its entry in a file of chunks_head. */
export interface ChunkFileEntry {
  readonly file: number;
  readonly offset: number;
  readonly length: number;
  readonly encoding: number;
  readonly minTime: number;
  readonly maxTime: number;
  /** Of an entry that is in no file yet: the chunk. */
  readonly data: Uint8Array | undefined;
}

/** Of an entry: before the length of the data, and behind the data. */
const ENTRY_HEAD_BYTES = 25;
const CRC_BYTES = 4;
const NO_INTERVALS: readonly Interval[] = [];

export class SliceCursor {
  readonly #slices: readonly Uint8Array[];
  readonly #texts: TextCache;
  #slice = 0;
  #left: number;
  #bytes = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);
  #at = 0;
  /** Where the labels of the series before lie in the same slice; −1 for none. */
  #labelsBefore = -1;
  /** Of the current series. */
  labels: Labels = NO_LABELS;
  deleted: readonly Interval[] = [];
  /** By time, before the open one. */
  places: readonly ChunkFileEntry[] = [];
  open: EncodedChunk | undefined;

  /** @param limit most series; 0 is all. */
  constructor(slices: readonly Uint8Array[], limit: number, texts: TextCache) {
    this.#slices = slices;
    this.#texts = texts;
    this.#left = limit === 0 ? Infinity : limit;
  }

  next(): boolean {
    if (this.#left === 0) return false;
    while (this.#at === this.#bytes.length) {
      const slice = this.#slices[this.#slice++];
      if (slice === undefined) return false;
      this.#bytes = new Uint8Array(slice.buffer as ArrayBuffer, slice.byteOffset, slice.length);
      this.#view = new DataView(slice.buffer, slice.byteOffset, slice.length);
      this.#at = 0;
      this.#labelsBefore = -1;
    }
    this.#readSeries();
    this.#left--;
    return true;
  }

  #readSeries(): void {
    const start = this.#at;
    const end = start + this.#u32(start);
    const labelsLength = this.#u32(start + 4);
    const intervals = this.#u32(start + 8);
    const encoding = this.#u32(start + 12);
    let at = start + SERIES_HEAD_BYTES;
    this.labels = this.#readLabels(at, at + labelsLength);
    at += align8(labelsLength);
    this.deleted = intervals === 0 ? NO_INTERVALS : this.#readIntervals(at, intervals);
    at += 16 * intervals;
    this.places = [];
    this.open = undefined;
    if (at < end) this.#readChunks(at, start, encoding);
    this.#at = end;
  }

  /** Texts, each behind its length in two bytes. Most are those of the series before, in the same places. */
  #readLabels(start: number, end: number): Labels {
    const bytes = this.#bytes;
    const before = this.#labelsBefore < 0 ? NO_LABELS : this.labels;
    const labels: string[] = [];
    let atBefore = this.#labelsBefore;
    for (let at = start, i = 0; at < end; i++) {
      const textEnd = at + 2 + (bytes[at] as number) + 256 * (bytes[at + 1] as number);
      if (i < before.length && areEqual(bytes, atBefore, at, textEnd)) {
        labels.push(before[i] as string);
      } else {
        labels.push(this.#texts.decode(bytes, at + 2, textEnd));
      }
      if (i < before.length) {
        atBefore += 2 + (bytes[atBefore] as number) + 256 * (bytes[atBefore + 1] as number);
      }
      at = textEnd;
    }
    this.#labelsBefore = start;
    return labels;
  }

  #readIntervals(at: number, count: number): readonly Interval[] {
    return Array.from({ length: count }, (_, i) => ({
      minTime: this.#f64(at + 16 * i),
      maxTime: this.#f64(at + 16 * i + 8),
    }));
  }

  #readChunks(start: number, series: number, openEncoding: number): void {
    const places = this.#u32(start);
    const length = this.#u32(start + 4);
    const entries: ChunkFileEntry[] = [];
    for (let i = 0; i < places; i++) {
      entries.push(this.#readPlace(start + 8 + PLACE_BYTES * i, series));
    }
    this.places = entries;
    if (length === 0) return;
    const at = start + 8 + PLACE_BYTES * places;
    this.open = {
      minTime: this.#f64(at),
      maxTime: this.#f64(at + 8),
      encoding: openEncoding,
      data: this.#bytes.subarray(at + 16, at + 16 + length),
    };
  }

  #readPlace(row: number, series: number): ChunkFileEntry {
    const [file, offset, length] = [this.#u32(row), this.#u32(row + 4), this.#u32(row + 8)];
    return {
      file,
      offset,
      length,
      encoding: this.#u32(row + 12),
      minTime: this.#f64(row + 16),
      maxTime: this.#f64(row + 24),
      data: file === INLINE_FILE ? this.#entryData(series + offset, length) : undefined,
    };
  }

  #entryData(at: number, length: number): Uint8Array {
    let data = at + ENTRY_HEAD_BYTES;
    while ((this.#bytes[data] as number) >= 128) data++;
    return this.#bytes.subarray(data + 1, at + length - CRC_BYTES);
  }

  #u32(at: number): number {
    return this.#view.getUint32(at, true);
  }

  #f64(at: number): number {
    return this.#view.getFloat64(at, true);
  }
}

/** Whether the bytes from `a` on are those from `b` to its end. */
function areEqual(bytes: Uint8Array, a: number, b: number, bEnd: number): boolean {
  for (let i = b; i < bEnd; i++) {
    if (bytes[i] !== bytes[a + i - b]) return false;
  }
  return true;
}

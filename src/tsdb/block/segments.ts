/** A block's chunk segments: from references to chunk bytes in kernel memory. Source: docs/formats/chunks.md. */
import { OperationError } from '../../base/errors.ts';
import type { FileSystem, ReadableFile } from '../../base/file-system.ts';
import type { Kernel } from '../../base/kernel.ts';
import {
  CHUNK_BYTES_MAX,
  CHUNK_ROW_BYTES,
  type ChunkPlace,
  setChunkRow,
} from '../../chunk/columns.ts';
import type { ChunkList } from '../index/chunk-list.ts';
import {
  CRC_BYTES,
  describeChunk,
  openSegments,
  readHead,
  SEGMENT_HEADER_BYTES,
} from './open-segments.ts';
import type { ReadCache } from './read-cache.ts';

/** Chunks whose gap is at most this are read at once: a second read costs more than these bytes. */
const GAP_BYTES_MAX = 32_768;
/** What is read behind a run's last reference; nearly every chunk is shorter. */
const LAST_CHUNK_BYTES = 1536;
/** Runs of so few chunks are kept in the read cache. */
const CACHED_CHUNKS_MAX = 2;
/** Most bytes that one read takes: chunks of one series that lie far apart are read in several. */
const RUN_BYTES_MAX = 8 << 20;
/** A chunk has 17 bytes at least, so that no two of them start within the same 16. */
const CHECKED_UNIT_BYTES = 16;

interface Segment {
  readonly file: ReadableFile;
  /** Of the read cache. */
  readonly owner: number;
  /** A bit for every 16 bytes: the CRC of the chunk that starts there was right. */
  readonly checked: Uint8Array;
}

export class Segments implements Disposable {
  readonly #segments: readonly Segment[];
  readonly #cache: ReadCache;

  /** Opens every segment. Throws OperationError 'corrupt' for a file that is none. */
  constructor(files: FileSystem, directory: string, cache: ReadCache) {
    this.#cache = cache;
    this.#segments = openSegments(files, directory).map((file) => {
      const units = Math.ceil(file.sizeBytes / CHECKED_UNIT_BYTES);
      const checked = new Uint8Array(Math.ceil(units / 8));
      return { file, owner: cache.register(), checked };
    });
  }

  /**
   * Reads the chunks into the kernel's arena and fills as many rows of the chunk table, from `firstRow` on. What a
   * CRC has proven once is believed until the block is closed.
   */
  read(kernel: Kernel, chunks: ChunkList, table: number, firstRow: number): void {
    for (let first = 0; first < chunks.count; ) {
      const end = this.#endOfRun(chunks, first);
      this.#readRun(kernel, chunks, { first, end, table, firstRow });
      first = end;
    }
  }

  /** Its offset and its file. */
  describe(reference: number): string {
    return describeChunk(this.#segments[Math.floor(reference / 2 ** 32)]?.file, reference);
  }

  #endOfRun({ references, count }: ChunkList, first: number): number {
    const start = references[first] as number;
    const segmentNumber = Math.floor(start / 2 ** 32);
    let end = first + 1;
    for (; end < count; end++) {
      const reference = references[end] as number;
      const gap = reference - (references[end - 1] as number);
      const isNear = gap > 0 && gap <= GAP_BYTES_MAX && reference - start <= RUN_BYTES_MAX;
      if (!isNear || Math.floor(reference / 2 ** 32) !== segmentNumber) break;
    }
    return end;
  }

  #readRun(kernel: Kernel, chunks: ChunkList, run: Run): void {
    const { references } = chunks;
    const start = references[run.first] as number;
    const segment = this.#segments[Math.floor(start / 2 ** 32)];
    const offset = start % 2 ** 32;
    if (
      segment === undefined ||
      offset < SEGMENT_HEADER_BYTES ||
      offset >= segment.file.sizeBytes
    ) {
      throw this.#damaged(start, 'the index points beyond the segments');
    }
    const count = run.end - run.first;
    const key = segment.owner * 2 ** 32 + offset;
    const cached = count <= CACHED_CHUNKS_MAX ? this.#cache.get(key) : undefined;
    if (cached !== undefined && cached.chunks === count) {
      const { at, length } = cached;
      const address = kernel.arena.alloc(length);
      kernel.u8.set(this.#cache.bytes.subarray(at, at + length), address);
      this.#fillRows(kernel, chunks, run, { at: address, end: address + length, segment });
      return;
    }
    const spanBytes = (references[run.end - 1] as number) - start + LAST_CHUNK_BYTES;
    const length = Math.min(spanBytes, segment.file.sizeBytes - offset);
    const address = kernel.arena.alloc(length);
    segment.file.read(kernel.u8.subarray(address, address + length), offset);
    const window = { at: address, end: address + length, segment };
    const end = this.#fillRows(kernel, chunks, run, window);
    if (count <= CACHED_CHUNKS_MAX && end <= window.end) {
      this.#cache.put(key, kernel.u8.subarray(address, end), count);
    }
  }

  /**
   * Rows of the chunk table for a run that lies in memory; checks the CRCs that were never checked. Returns the
   * address behind the last chunk.
   */
  #fillRows(kernel: Kernel, { references }: ChunkList, run: Run, window: Window): number {
    let { u8 } = kernel;
    const { checked } = window.segment;
    const start = references[run.first] as number;
    let isProven = true;
    let end = 0;
    for (let i = run.first; i < run.end; i++) {
      const reference = references[i] as number;
      const at = window.at + reference - start;
      const low = u8[at] as number;
      const high = u8[at + 1] as number;
      const isOrdinary = low >= 128 && high < 128;
      // Nearly every chunk has a length of two bytes and lies wholly in what was read.
      const length = isOrdinary ? low - 128 + high * 128 : 0;
      let place: ChunkPlace = { address: at + 3, length, encoding: u8[at + 2] as number };
      if (!isOrdinary || at + 3 + length + CRC_BYTES > window.end) {
        place = this.#locate(kernel, reference, { ...window, at });
        u8 = kernel.u8; // it may have made the memory grow
      }
      setChunkRow(kernel, run.table, run.firstRow + i, place);
      end = place.address + place.length + CRC_BYTES;
      const unit = Math.floor((reference % 2 ** 32) / CHECKED_UNIT_BYTES);
      if (((checked[unit >>> 3] as number) & (1 << (unit & 7))) === 0) isProven = false;
    }
    if (!isProven) this.#check(kernel, references, run, checked);
    return end;
  }

  /** Finds a chunk in what was read; reads it again by itself where it goes on behind. */
  #locate(kernel: Kernel, reference: number, window: Window): ChunkPlace {
    const head = readHead(kernel.u8, window.at, window.end);
    if (head === undefined) throw this.#damaged(reference, 'the file ends in its head');
    const { length, encoding, headBytes } = head;
    if (length > CHUNK_BYTES_MAX) throw this.#damaged(reference, `it says ${length} bytes`);
    const address = window.at + headBytes;
    if (address + length + CRC_BYTES <= window.end) return { address, length, encoding };
    const { file } = window.segment;
    const offset = reference % 2 ** 32;
    const total = headBytes + length + CRC_BYTES;
    if (offset + total > file.sizeBytes) {
      throw this.#damaged(reference, `it says ${length} bytes, which the file has not`);
    }
    const again = kernel.arena.alloc(total);
    file.read(kernel.u8.subarray(again, again + total), offset);
    return { address: again + headBytes, length, encoding };
  }

  /** Checks all chunks of a run and remembers that they are right. */
  #check(kernel: Kernel, references: Float64Array, run: Run, checked: Uint8Array): void {
    const rows = run.table + (run.firstRow + run.first) * CHUNK_ROW_BYTES;
    const bad = run.first + kernel.exports.chunkCrcs(rows, run.end - run.first);
    if (bad < run.end) throw this.#damaged(references[bad] as number, 'its CRC is wrong');
    for (let i = run.first; i < run.end; i++) {
      const unit = Math.floor(((references[i] as number) % 2 ** 32) / CHECKED_UNIT_BYTES);
      checked[unit >>> 3] = (checked[unit >>> 3] as number) | (1 << (unit & 7));
    }
  }

  #damaged(reference: number, how: string): OperationError {
    return new OperationError('corrupt', `cannot read ${this.describe(reference)}: ${how}`);
  }

  [Symbol.dispose](): void {
    for (const { file } of this.#segments) file[Symbol.dispose]();
  }
}

interface Run {
  readonly first: number;
  readonly end: number;
  readonly table: number;
  readonly firstRow: number;
}

interface Window {
  readonly at: number;
  readonly end: number;
  readonly segment: Segment;
}

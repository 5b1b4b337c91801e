/**
 * The memory of a head with the one who owns it: no other code may touch what is in it. It finds and makes series,
 * buries them in steps, writes full chunks, and finds more memory when a call of the kernel lacks it. All calls are
 * synchronous and short.
 *
 * Why it is made like this: docs/decisions/0002-head-in-kernel-memory.md.
 */
import { OperationError } from '../../base/errors.ts';
import type { Kernel } from '../../base/kernel.ts';
import type { Labels } from '../../model/labels.ts';

/** Takes finished chunks: the writer of chunks_head. */
export interface HeadChunkFiles {
  /** Where the next `write` of at most so many bytes will begin. */
  reserve(maxBytes: number): ChunkFilePlace;
  /**
   * Writes finished entries, valid during the call, at the reserved place. Throws OperationError when it could not: then
   * they are written again later, at the same place.
   */
  write(entries: Uint8Array): void;
  /** Ends the file that is written to: the next entries go into another. */
  cut(): void;
}

export interface ChunkFilePlace {
  /** Number of the file. */
  readonly file: number;
  readonly offset: number;
}

export interface HeadMemoryOptions {
  /** Whatever of its memory others have not taken, up to its limit, can become the head's. */
  readonly kernel: Kernel;
  readonly chunkFiles: HeadChunkFiles;
  /** Chunks do not cross multiples of it; at most 24 days. */
  readonly chunkRangeMs: number;
}

/** Entries, with the place that their first byte will have. */
export interface UnwrittenChunks extends ChunkFilePlace {
  readonly bytes: Uint8Array;
}

/** A series that has ended. */
export interface EndedSeries {
  readonly slot: number;
  readonly handle: number;
  /** In files. */
  readonly ref: number;
}

export const SCRATCH_BYTES: number = 1 << 20;
const OUTPUT_BYTES = 1 << 20;
/** Memory is given to the head in pieces of at least this size. */
const GRANT_BYTES = 1 << 22;
/** What the head leaves to readers: lists and bitmaps of series; and new series, to the log and to batches. */
const SPARE_BYTES = 1 << 20;
const BATCH_BYTES = 4 << 20;
const BLOCK_BYTES = 64;
/** Of a chunk of 120 samples at 3.4 bytes each, and one for the sample that comes. */
const BLOCKS_OF_CHUNK = 9;
const SERIES_BYTES_MIN = 200;
const SPARE_BYTES_OF_SERIES = 12;
/** Slots that one call of a truncation looks at. */
const TRUNCATE_SLOTS = 16_384;

const NO_MEMORY = 1;
const OUTPUT_FULL = 2;
const BAD_LABELS = 3;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class HeadMemory {
  readonly kernel: Kernel;
  /** What the kernel's functions take as `head`. */
  readonly head: number;
  /** SCRATCH_BYTES for whoever works at the moment. */
  readonly scratch: number;
  readonly #chunkFiles: HeadChunkFiles;
  readonly #output: number;
  /** Where the output will be written. */
  #place: ChunkFilePlace = { file: 0, offset: 0 };
  /** Slots of series that ended since the sweep that runs began, and before it. */
  #dying: number[] = [];
  #swept: readonly number[] | undefined;

  constructor({ kernel, chunkFiles, chunkRangeMs }: HeadMemoryOptions) {
    const { arena, exports } = kernel;
    this.kernel = kernel;
    this.#chunkFiles = chunkFiles;
    this.head = arena.alloc(exports.headStateBytes());
    this.#output = arena.alloc(OUTPUT_BYTES);
    this.scratch = arena.alloc(SCRATCH_BYTES);
    exports.headInit(this.head, this.#output, OUTPUT_BYTES, chunkRangeMs);
    this.#placeOutput();
  }

  /** Series that can be found. */
  get liveSeries(): number {
    return this.kernel.exports.headLive(this.head) >>> 0;
  }

  /**
   * The slot of the series with these labels, which is made if need be. Throws OperationError 'limit' when the memory is
   * used up, 'bad-data' for labels that no head takes.
   */
  findOrCreate(labels: Labels): number {
    return this.findOrCreateAt(this.scratch, this.putTexts(labels), 0);
  }

  /** The same for labels that are in the memory already; with ref 0 a new series gets the next one. */
  findOrCreateAt(address: number, length: number, ref: number): number {
    const { exports } = this.kernel;
    for (;;) {
      const found = exports.headFindOrCreate(this.head, address, length, ref);
      if (found !== 0) return (found >>> 0) - 1;
      if (exports.headFailure(this.head) === BAD_LABELS) {
        const message = 'cannot add a series: it has no labels, over 255, or one over 8 KiB';
        throw new OperationError('bad-data', message);
      }
      this.helpOrFail('add a series', (granted) => this.#bytesForChunks(granted));
    }
  }

  /** What a living series was made with. */
  labels(slot: number): Labels {
    const { exports, u8 } = this.kernel;
    const length = exports.headLabels(this.head, slot, this.scratch, SCRATCH_BYTES);
    return readTexts(u8.subarray(this.scratch, this.scratch + length));
  }

  /**
   * A step of forgetting all before a time: gives `ended` the series without samples from it on. Returns the slot to go on
   * with, undefined when there are no more.
   */
  truncate(
    minTime: number,
    from: number,
    ended: (series: EndedSeries) => void,
  ): number | undefined {
    const { exports, u32, f64 } = this.kernel;
    const handles = this.scratch;
    const slots = this.scratch + 8 * TRUNCATE_SLOTS;
    const count = exports.headTruncate(this.head, from, TRUNCATE_SLOTS, minTime, slots, handles);
    for (let i = 0; i < count; i++) {
      const slot = u32[(slots >>> 2) + i] as number;
      const handle = f64[(handles >>> 3) + i] as number;
      this.#dying.push(slot);
      ended({ slot, handle, ref: exports.headRef(this.head, slot) });
    }
    const next = from + TRUNCATE_SLOTS;
    return next < exports.headSlots(this.head) >>> 0 ? next : undefined;
  }

  /**
   * A step of taking dead series out of the lists, about `budget` entries of them. True when all that were dead
   * at the first step are gone and their slots can be used again.
   */
  sweep(budget: number): boolean {
    const { exports } = this.kernel;
    if (this.#swept === undefined) {
      if (this.#dying.length === 0) return true;
      this.#swept = this.#dying;
      this.#dying = [];
    }
    if (exports.headSweep(this.head, Math.max(2, budget)) === 0) return false;
    for (let from = 0; from < this.#swept.length; from += 4096) {
      const part = this.#swept.slice(from, from + 4096);
      this.kernel.u32.set(part, this.scratch >>> 2);
      exports.headRelease(this.head, this.scratch, part.length);
    }
    this.#swept = undefined;
    return true;
  }

  /** Writes what finished chunks there are. Open ones stay. Throws OperationError when they cannot be written. */
  flush(): void {
    const { exports, u8 } = this.kernel;
    const length = exports.headOutput(this.head);
    if (length === 0) return;
    this.#chunkFiles.write(u8.subarray(this.#output, this.#output + length));
    exports.headTakeOutput(this.head);
    this.#placeOutput();
  }

  /** Finished chunks that are not written yet, valid until the next call; undefined when all are. */
  get unwritten(): UnwrittenChunks | undefined {
    const { exports, u8 } = this.kernel;
    const length = exports.headOutput(this.head);
    if (length === 0) return undefined;
    return { ...this.#place, bytes: u8.subarray(this.#output, this.#output + length) };
  }

  /** Lets the next chunks go into a new file, so that those before can be dropped some day. */
  cutChunkFile(): void {
    this.flush();
    this.#chunkFiles.cut();
    this.#placeOutput();
  }

  /**
   * Removes what stopped the last call. Throws OperationError 'limit' when it is the end of the memory, of which
   * `spareBytes` are not for it, by the size of what is granted.
   */
  helpOrFail(what: string, spareBytes: (granted: number) => number = () => 0): void {
    const { exports, arena } = this.kernel;
    const failure = exports.headFailure(this.head);
    if (failure === OUTPUT_FULL) {
      this.flush();
      return;
    }
    const reason = failure === NO_MEMORY ? this.#grant(spareBytes) : 'there are too many';
    if (reason === undefined) return;
    const state = `${this.liveSeries} series in ${arena.usedBytes} bytes`;
    throw new OperationError('limit', `cannot ${what} to the head of ${state}: ${reason}`);
  }

  /** Texts with their lengths; the bytes they take in the scratch space. */
  putTexts(texts: readonly string[]): number {
    const bytes = this.kernel.u8;
    let at = this.scratch;
    for (const text of texts) {
      const end = Math.min(at + 2 + 65_535, this.scratch + SCRATCH_BYTES);
      const { read, written } = encoder.encodeInto(text, bytes.subarray(at + 2, end));
      if (read < text.length) {
        const message = `cannot take a label text of ${text.length} characters: it is too long`;
        throw new OperationError('bad-data', message);
      }
      bytes[at] = written & 255;
      bytes[at + 1] = written >>> 8;
      at += 2 + written;
    }
    return at - this.scratch;
  }

  /** What open chunks may still need: new series are refused before known ones lack it. */
  #bytesForChunks(granted: number): number {
    const { exports } = this.kernel;
    const series = this.liveSeries + granted / SERIES_BYTES_MIN;
    const open = exports.headOpenBlocks(this.head) >>> 0;
    const free = exports.headFreeSlabBytes(this.head) >>> 0;
    return BATCH_BYTES + Math.max(0, BLOCK_BYTES * (BLOCKS_OF_CHUNK * series - open) - free);
  }

  #placeOutput(): void {
    this.#place = this.#chunkFiles.reserve(OUTPUT_BYTES);
    this.kernel.exports.headPlaceOutput(this.head, this.#place.file, this.#place.offset);
  }

  /** Gives the head more memory; the reason when there is none. */
  #grant(spareBytes: (granted: number) => number): string | undefined {
    const { exports, arena } = this.kernel;
    const needed = align16(exports.headNeeded(this.head) >>> 0);
    const slots = exports.headSlots(this.head) >>> 0;
    const spare = SPARE_BYTES + SPARE_BYTES_OF_SERIES * slots;
    for (const length of [Math.max(needed, GRANT_BYTES), needed]) {
      const mark = arena.mark();
      try {
        arena.alloc(length + spare + spareBytes(length));
        arena.release(mark);
        exports.headGrant(this.head, arena.alloc(length), length);
        return undefined;
      } catch (error) {
        if (!(error instanceof OperationError) || length === needed) {
          return error instanceof Error ? error.message : String(error);
        }
      }
    }
    return 'there is no more memory';
  }
}

/** Texts, each behind its length in two bytes. */
export function readTexts(bytes: Uint8Array): string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = (bytes[at] as number) + 256 * (bytes[at + 1] as number);
    texts.push(decoder.decode(bytes.subarray(at + 2, at + 2 + size)));
    at += 2 + size;
  }
  return texts;
}

function align16(length: number): number {
  return Math.ceil(length / 16) * 16;
}

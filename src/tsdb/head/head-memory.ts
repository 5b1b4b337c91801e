/**
 * The head's memory, with the one who owns it: no other code may touch this kernel. It finds and makes series,
 * appends batches, copies open chunks out for readers, writes full ones through `write`, and buries series in
 * steps. All calls are synchronous and short: the largest work of one is a batch.
 *
 * Why it is made like this: docs/decisions/0002-head-in-kernel-memory.md.
 */
import { assert } from '../../base/assert.ts';
import { OperationError } from '../../base/errors.ts';
import type { Kernel } from '../../base/kernel.ts';
import type { Labels } from '../../model/labels.ts';

export interface HeadMemoryOptions {
  /** Its memory, up to its limit, is the head's. */
  readonly kernel: Kernel;
  /** Takes finished entries of a chunks_head file, valid during the call; must have written them when it returns. */
  write(entries: Uint8Array): void;
}

/** Addresses of the columns that `append` takes, in the kernel's memory. */
export interface HeadBatch {
  readonly capacity: number;
  /** u32 */
  readonly slots: number;
  /** float64 milliseconds */
  readonly times: number;
  /** float64 bits */
  readonly values: number;
  /** u8 */
  readonly outcomes: number;
}

/** What became of a sample: an index is the byte in the column of outcomes. */
export const OUTCOMES = [
  'appended',
  'same',
  'too-old',
  'duplicate',
  'no-series',
  'bad-time',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface OpenChunk {
  readonly slot: number;
  /** XOR chunk; empty when the series has no open chunk. */
  readonly data: Uint8Array;
}

const BATCH_SAMPLES = 4096;
const SCRATCH_BYTES = 1 << 20;
const OUTPUT_BYTES = 1 << 20;
/** Memory is given to the head in pieces of at least this size. */
const GRANT_BYTES = 1 << 22;

const NO_MEMORY = 1;
const OUTPUT_FULL = 2;
const BAD_LABELS = 3;

export class HeadMemory {
  readonly #kernel: Kernel;
  readonly #write: (entries: Uint8Array) => void;
  readonly #head: number;
  readonly #output: number;
  readonly #scratch: number;
  readonly batch: HeadBatch;
  /** Killed since the sweep that runs began, and before it. */
  #dying: number[] = [];
  #swept: readonly number[] | undefined;

  constructor({ kernel, write }: HeadMemoryOptions) {
    const { arena, exports } = kernel;
    this.#kernel = kernel;
    this.#write = write;
    this.#head = arena.alloc(exports.headStateBytes());
    this.#output = arena.alloc(OUTPUT_BYTES);
    this.#scratch = arena.alloc(SCRATCH_BYTES);
    this.batch = {
      capacity: BATCH_SAMPLES,
      slots: arena.alloc(4 * BATCH_SAMPLES),
      times: arena.alloc(8 * BATCH_SAMPLES),
      values: arena.alloc(8 * BATCH_SAMPLES),
      outcomes: arena.alloc(BATCH_SAMPLES),
    };
    exports.headInit(this.#head, this.#output, OUTPUT_BYTES);
  }

  /** Series that can be found. */
  get liveSeries(): number {
    return this.#kernel.exports.headLive(this.#head) >>> 0;
  }

  /** Bytes of the memory that the head has taken; freed slabs count, for it keeps them. */
  get usedBytes(): number {
    return this.#kernel.arena.usedBytes - (this.#kernel.exports.headUnused(this.#head) >>> 0);
  }

  /** Undefined when there is no series with these labels. */
  find(labels: Labels): number | undefined {
    const length = this.#putTexts(labels);
    const found = this.#kernel.exports.headFind(this.#head, this.#scratch, length);
    return found === 0 ? undefined : (found >>> 0) - 1;
  }

  /**
   * The slot of the series with these labels, which is made if need be. Throws OperationError 'limit' when the
   * memory is used up, 'bad-data' for labels that no head takes.
   */
  findOrCreate(labels: Labels): number {
    const { exports } = this.#kernel;
    const length = this.#putTexts(labels);
    for (;;) {
      const found = exports.headFindOrCreate(this.#head, this.#scratch, length);
      if (found !== 0) return (found >>> 0) - 1;
      if (exports.headFailure(this.#head) === BAD_LABELS) {
        const message = 'cannot add a series: it has no labels, over 255, or one over 8 KiB';
        throw new OperationError('bad-data', message);
      }
      this.#helpOrFail('add a series');
    }
  }

  /** The number under which the series' chunks are written; never used again for another. */
  ref(slot: number): number {
    return this.#kernel.exports.headRef(this.#head, slot);
  }

  /** What the series was made with; undefined for a slot without a living series. */
  labels(slot: number): Labels | undefined {
    const { exports } = this.#kernel;
    const length = exports.headLabels(this.#head, slot, this.#scratch, SCRATCH_BYTES);
    if (length === 0) return undefined;
    const bytes = this.#kernel.u8.slice(this.#scratch, this.#scratch + length);
    const view = new DataView(bytes.buffer);
    const texts: string[] = [];
    for (let at = 0; at < length; ) {
      const size = view.getUint16(at, true);
      texts.push(new TextDecoder().decode(bytes.subarray(at + 2, at + 2 + size)));
      at += 2 + size;
    }
    return texts;
  }

  /**
   * Appends the first samples of the batch; outcomes are in its column. Throws OperationError 'limit' when the
   * memory is used up: samples before the one where it was have been appended, those behind it not.
   */
  append(count: number): void {
    assert(count <= this.batch.capacity, `a batch of ${count} samples`);
    const { exports } = this.#kernel;
    const { slots, times, values, outcomes } = this.batch;
    for (let done = 0; ; ) {
      done += exports.headAppend(
        this.#head,
        slots + 4 * done,
        times + 8 * done,
        values + 8 * done,
        outcomes + done,
        count - done,
      );
      if (done === count) return;
      this.#helpOrFail(`append ${count - done} of ${count} samples`);
    }
  }

  /** Copies of open chunks, in the order asked for. */
  *openChunks(slots: readonly number[]): Generator<OpenChunk> {
    const { exports, arena } = this.#kernel;
    for (let from = 0; from < slots.length; ) {
      const part = slots.slice(from, from + 4096);
      const list = this.#putSlots(part);
      const target = list + 4 * part.length;
      const capacity = SCRATCH_BYTES - 4 * part.length;
      const length = exports.headCopyOpen(this.#head, list, part.length, target, capacity);
      const copy = this.#kernel.u8.slice(target, target + length);
      const view = new DataView(copy.buffer);
      for (let at = 0; at < length; from++) {
        const size = view.getUint32(at + 4, true);
        yield { slot: view.getUint32(at, true), data: copy.subarray(at + 8, at + 8 + size) };
        at += 8 + ((size + 3) & ~3);
      }
      assert(length > 0, `no chunk fits ${capacity} bytes of ${arena.usedBytes}`);
    }
  }

  /** Living series with a label, by ascending slot. */
  series(name: string, value: string): number[] {
    const { exports } = this.#kernel;
    const length = this.#putTexts([name, value]);
    const target = this.#scratch + align4(length);
    const capacity = (SCRATCH_BYTES - align4(length)) >>> 2;
    const count = exports.headPostings(this.#head, this.#scratch, length, target, capacity);
    if (count === capacity) {
      const message = `cannot list the series with ${name}="${value}": over ${capacity}`;
      throw new OperationError('limit', message);
    }
    const found = new Set(this.#kernel.u32.subarray(target >>> 2, (target >>> 2) + count));
    return [...found].filter((slot) => this.#isAlive(slot)).sort(ascending);
  }

  /** Ends series: their open chunks are written, nobody finds them. Their memory is free after a sweep. */
  kill(slots: readonly number[]): void {
    const { exports } = this.#kernel;
    for (let from = 0; from < slots.length; ) {
      const part = slots.slice(from, from + 4096).filter((slot) => this.#isAlive(slot));
      const list = this.#putSlots(part);
      const done = exports.headKill(this.#head, list, part.length);
      this.#dying.push(...part.slice(0, done));
      if (done < part.length) this.#helpOrFail('end series');
      else from += 4096;
    }
  }

  /**
   * A step of taking dead series out of the lists, about `budget` entries of them. True when all that were dead
   * at the first step are gone and their slots can be used again.
   */
  sweep(budget: number): boolean {
    const { exports } = this.#kernel;
    if (this.#swept === undefined) {
      this.#swept = this.#dying;
      this.#dying = [];
    }
    if (exports.headSweep(this.#head, Math.max(2, budget)) === 0) return false;
    for (let from = 0; from < this.#swept.length; from += 4096) {
      const part = this.#swept.slice(from, from + 4096);
      exports.headRelease(this.#head, this.#putSlots(part), part.length);
    }
    this.#swept = undefined;
    return true;
  }

  /** Writes what finished chunks there are. Open ones stay. */
  flush(): void {
    const length = this.#kernel.exports.headTakeOutput(this.#head) >>> 0;
    if (length > 0) this.#write(this.#kernel.u8.subarray(this.#output, this.#output + length));
  }

  #isAlive(slot: number): boolean {
    return this.#kernel.exports.headIsAlive(this.#head, slot) !== 0;
  }

  /** Removes what stopped the last call. Throws OperationError 'limit' when it is the end of the memory. */
  #helpOrFail(what: string): void {
    const { exports, arena } = this.#kernel;
    const failure = exports.headFailure(this.#head);
    if (failure === OUTPUT_FULL) {
      this.flush();
      return;
    }
    const reason = failure === NO_MEMORY ? this.#grant() : 'there are too many';
    if (reason === undefined) return;
    const state = `${this.liveSeries} series in ${arena.usedBytes} bytes`;
    throw new OperationError('limit', `cannot ${what} to the head of ${state}: ${reason}`);
  }

  /** Gives the head more memory; the reason when there is none. */
  #grant(): string | undefined {
    const { exports, arena } = this.#kernel;
    const needed = align4(exports.headNeeded(this.#head) >>> 0);
    for (const length of [Math.max(needed, GRANT_BYTES), needed]) {
      try {
        exports.headGrant(this.#head, arena.alloc(length), length);
        return undefined;
      } catch (error) {
        if (!(error instanceof OperationError) || length === needed) {
          return error instanceof Error ? error.message : String(error);
        }
      }
    }
    return 'there is no more memory';
  }

  #putSlots(slots: readonly number[]): number {
    this.#kernel.u32.set(slots, this.#scratch >>> 2);
    return this.#scratch;
  }

  /** Texts with their lengths; the bytes they take in the scratch space. */
  #putTexts(texts: readonly string[]): number {
    const bytes = this.#kernel.u8;
    const encoder = new TextEncoder();
    let at = this.#scratch;
    for (const text of texts) {
      const end = Math.min(at + 2 + 65_535, this.#scratch + SCRATCH_BYTES);
      const { read, written } = encoder.encodeInto(text, bytes.subarray(at + 2, end));
      if (read < text.length) {
        const message = `cannot take a label text of ${text.length} characters: it is too long`;
        throw new OperationError('bad-data', message);
      }
      bytes[at] = written & 255;
      bytes[at + 1] = written >>> 8;
      at += 2 + written;
    }
    return at - this.#scratch;
  }
}

function align4(length: number): number {
  return (length + 3) & ~3;
}

function ascending(a: number, b: number): number {
  return a - b;
}

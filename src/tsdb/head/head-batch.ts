/**
 * Float samples on their way into a head: rows are collected in the head's memory, checked, and, when they have been
 * logged, appended. Layout: kernel/head-append.ts.
 */
import { assert } from '../../base/assert.ts';
import type { FloatColumns } from '../wal/wal-records.ts';
import type { HeadMemory } from './head-memory.ts';

const FIRST_CAPACITY = 4096;
/** Bytes that a finished chunk takes in most cases, for making room before anything is logged. */
const ROOM_BYTES = 1 << 19;

export class HeadBatch {
  readonly #memory: HeadMemory;
  #capacity = FIRST_CAPACITY;
  #address: number;
  #count = 0;
  #accepted = 0;
  #f64: Float64Array = new Float64Array(0);
  #u32: Uint32Array = new Uint32Array(0);

  constructor(memory: HeadMemory) {
    this.#memory = memory;
    const { arena, exports } = memory.kernel;
    this.#address = arena.alloc(exports.headBatchBytes(this.#capacity));
  }

  get count(): number {
    return this.#count;
  }

  push(handle: number, time: number, low: number, high: number): void {
    if (this.#count === this.#capacity) this.#grow();
    // A view whose memory has grown has no length any more.
    if (this.#f64.length === 0) this.#renewViews();
    const at = (this.#address >>> 3) + this.#count++;
    this.#f64[at] = handle;
    this.#f64[at + this.#capacity] = time;
    const word = 2 * (at + 2 * this.#capacity);
    this.#u32[word] = low;
    this.#u32[word + 1] = high;
  }

  /** As many rows of one time as there are handles; two words a value. */
  pushAll(handles: Float64Array, time: number, values: Uint32Array): void {
    while (this.#count + handles.length > this.#capacity) this.#grow();
    if (this.#f64.length === 0) this.#renewViews();
    const at = (this.#address >>> 3) + this.#count;
    this.#count += handles.length;
    this.#f64.set(handles, at);
    const times = at + this.#capacity;
    this.#f64.fill(time, times, times + handles.length);
    this.#u32.set(values, 2 * (at + 2 * this.#capacity));
  }

  clear(): void {
    this.#count = 0;
  }

  /**
   * Takes rows of other columns instead, from one on, as many as there is room for; returns how many. `handleOf` gives the
   * handle for a ref, 0 if there is none.
   */
  fill(columns: FloatColumns, from: number, handleOf: (ref: number) => number): number {
    const { f64, u8 } = this.#memory.kernel;
    const count = Math.min(this.#capacity, columns.count - from);
    const column = 8 * this.#capacity;
    const times = columns.times + 8 * from;
    const values = columns.values + 8 * from;
    u8.copyWithin(this.#address + column, times, times + 8 * count);
    u8.copyWithin(this.#address + 2 * column, values, values + 8 * count);
    const refs = (columns.refs >>> 3) + from;
    const handles = this.#address >>> 3;
    for (let i = 0; i < count; i++) f64[handles + i] = handleOf(f64[refs + i] as number);
    this.#count = count;
    return count;
  }

  firstTime(): number {
    return this.#memory.kernel.f64[(this.#address >>> 3) + this.#capacity] as number;
  }

  /**
   * Accepts rows, under the condition that they will be appended or undone. Returns the outcomes of all, to be copied.
   */
  check(minTime: number): Uint8Array {
    const { kernel, head } = this.#memory;
    const { headCheck } = kernel.exports;
    this.#accepted = headCheck(head, this.#address, this.#capacity, this.#count, minTime);
    const outcomes = this.#address + 44 * this.#capacity;
    return kernel.u8.subarray(outcomes, outcomes + this.#count);
  }

  /** The accepted rows as the log takes them. */
  get columns(): FloatColumns {
    const refs = this.#address;
    const times = refs + 8 * this.#capacity;
    return { refs, times, values: times + 8 * this.#capacity, count: this.#accepted };
  }

  /** Makes sure that the accepted rows can be appended. Throws OperationError 'limit', or that of the chunk files. */
  reserve(): void {
    const { kernel, head } = this.#memory;
    const { headOutput, headReserve } = kernel.exports;
    while (headReserve(head, this.#accepted) === 0) {
      this.#memory.helpOrFail(`append ${this.#accepted} samples`);
    }
    if (headOutput(head) > ROOM_BYTES) this.#memory.flush();
  }

  /** Slots of accepted rows whose series' newest sample is a histogram. */
  mixedSlots(): number[] {
    const { kernel, head } = this.#memory;
    const { headIsHistogram, headMixed } = kernel.exports;
    if (headMixed(head, this.#address, this.#capacity, this.#accepted) === 0) return [];
    const first = (this.#address + 40 * this.#capacity) >>> 2;
    const slots = kernel.u32.slice(first, first + this.#accepted);
    return [...new Set(slots)].filter((slot) => headIsHistogram(head, slot) !== 0);
  }

  undo(from: number = 0): void {
    const { kernel, head } = this.#memory;
    kernel.exports.headUndo(head, this.#address, this.#capacity, from, this.#accepted);
  }

  /**
   * Appends the accepted rows, for which memory has been reserved. Throws the OperationError of the chunk files when full
   * chunks cannot be written: rows that would have to wait for them are then undone.
   */
  append(): void {
    const { kernel, head } = this.#memory;
    const { headAppend } = kernel.exports;
    for (let done = 0; ; ) {
      done += headAppend(head, this.#address, this.#capacity, done, this.#accepted);
      assert(done <= this.#accepted, `${done} of ${this.#accepted} rows appended`);
      if (done === this.#accepted) return;
      try {
        this.#memory.helpOrFail('append samples');
      } catch (error) {
        this.undo(done);
        throw error;
      }
    }
  }

  /** The old place becomes the head's. */
  #grow(): void {
    const { kernel, head } = this.#memory;
    const { arena, exports } = kernel;
    const old = this.#address;
    const capacity = 2 * this.#capacity;
    const address = arena.alloc(exports.headBatchBytes(capacity));
    for (const column of [0, 1, 2]) {
      const from = old + 8 * column * this.#capacity;
      kernel.u8.copyWithin(address + 8 * column * capacity, from, from + 8 * this.#count);
    }
    exports.headGrant(head, old, exports.headBatchBytes(this.#capacity) & ~15);
    this.#address = address;
    this.#capacity = capacity;
    this.#renewViews();
  }

  #renewViews(): void {
    this.#f64 = this.#memory.kernel.f64;
    this.#u32 = this.#memory.kernel.u32;
  }
}

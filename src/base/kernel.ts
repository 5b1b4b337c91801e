/**
 * One instance of the WebAssembly kernels with its linear memory and the arena that hands it out.
 * Kernels are plain functions over this memory: they keep no state of their own and never grow it, so a
 * view is stale only after an allocation. Browser-safe: the caller brings the module's bytes.
 */
import { assert, BugError } from './assert.ts';
import { OperationError } from './errors.ts';
import type { KernelExports } from './kernel-exports.ts';

const PAGE_BYTES = 65536;
const KERNEL_VERSION = 1;

export class Kernel {
  readonly exports: KernelExports;
  readonly memory: WebAssembly.Memory;
  readonly arena: Arena;
  #u8: Uint8Array;
  #u32: Uint32Array;
  #f64: Float64Array;

  /** @param limitBytes largest size of the linear memory, at most 4 GiB. */
  constructor(module: WebAssembly.Module, limitBytes: number = 1 << 30) {
    const maximum = Math.min(65536, Math.ceil(limitBytes / PAGE_BYTES));
    this.memory = new WebAssembly.Memory({ initial: Math.min(32, maximum), maximum });
    const instance = new WebAssembly.Instance(module, { env: { memory: this.memory } });
    this.exports = instance.exports as unknown as KernelExports;
    const version = this.exports.kernelVersion();
    if (version !== KERNEL_VERSION) {
      throw new BugError(`kernel version ${version}, expected ${KERNEL_VERSION}: build it again`);
    }
    this.#u8 = new Uint8Array(this.memory.buffer);
    this.#u32 = new Uint32Array(this.memory.buffer);
    this.#f64 = new Float64Array(this.memory.buffer);
    this.arena = new Arena(this.memory, this.exports.heapBase(), maximum * PAGE_BYTES);
  }

  /** The whole memory as bytes. Take it anew after each allocation. */
  get u8(): Uint8Array {
    if (this.#u8.length === 0) this.#refresh();
    return this.#u8;
  }

  /** The whole memory as 32-bit words: index = address >>> 2. */
  get u32(): Uint32Array {
    if (this.#u32.length === 0) this.#refresh();
    return this.#u32;
  }

  /** The whole memory as doubles: index = address >>> 3. */
  get f64(): Float64Array {
    if (this.#f64.length === 0) this.#refresh();
    return this.#f64;
  }

  /** Growth empties the views; asking the memory for its buffer each time would cost many times more than this. */
  #refresh(): void {
    const { buffer } = this.memory;
    this.#u8 = new Uint8Array(buffer);
    this.#u32 = new Uint32Array(buffer);
    this.#f64 = new Float64Array(buffer);
  }
}

/** A stack of 16-byte aligned allocations: mark, alloc …, release to the mark. Contents are not zeroed. */
export class Arena {
  readonly #memory: WebAssembly.Memory;
  readonly #limitBytes: number;
  #top: number;
  #peak: number;

  constructor(memory: WebAssembly.Memory, base: number, limitBytes: number) {
    this.#memory = memory;
    this.#limitBytes = limitBytes;
    this.#top = align16(base);
    this.#peak = this.#top;
  }

  /** Address of the given number of bytes. Throws OperationError 'limit' when the memory is used up. */
  alloc(sizeBytes: number): number {
    const address = this.#top;
    // 16 bytes of slack: kernels may load one vector past the end of what they were given.
    const end = align16(address + sizeBytes) + 16;
    if (end > this.#memory.buffer.byteLength) this.#grow(end);
    this.#top = end - 16;
    if (this.#top > this.#peak) this.#peak = this.#top;
    return address;
  }

  /** What `release` takes to free all that is allocated from now on. */
  mark(): number {
    return this.#top;
  }

  release(mark: number): void {
    assert(mark <= this.#top, `arena released to ${mark}, above its top ${this.#top}`);
    this.#top = mark;
  }

  get usedBytes(): number {
    return this.#top;
  }

  get peakBytes(): number {
    return this.#peak;
  }

  #grow(end: number): void {
    if (end > this.#limitBytes) {
      throw new OperationError(
        'limit',
        `cannot allocate kernel memory: ${end} bytes needed, ${this.#limitBytes} allowed`,
      );
    }
    const now = this.#memory.buffer.byteLength;
    const want = Math.min(this.#limitBytes, Math.max(end, now + Math.min(now, 64 << 20)));
    this.#memory.grow(Math.ceil((want - now) / PAGE_BYTES));
  }
}

function align16(address: number): number {
  return Math.ceil(address / 16) * 16;
}

import type { Kernel } from '../../base/kernel.ts';

/**
 * Scratch space in kernel memory that its owner keeps for good. Where more is needed a place of twice the size is taken; the
 * one before is lost, which at most doubles what is used.
 */
export class KernelSpace {
  readonly #kernel: Kernel;
  #address: number;
  #size: number;

  constructor(kernel: Kernel, size: number) {
    this.#kernel = kernel;
    this.#address = kernel.arena.alloc(size);
    this.#size = size;
  }

  get address(): number {
    return this.#address;
  }

  get size(): number {
    return this.#size;
  }

  /** Address of at least so many bytes; the first `kept` of them are those that were there. */
  need(size: number, kept = 0): number {
    if (size <= this.#size) return this.#address;
    const larger = Math.max(size, 2 * this.#size);
    const address = this.#kernel.arena.alloc(larger);
    this.#kernel.u8.copyWithin(address, this.#address, this.#address + kept);
    this.#address = address;
    this.#size = larger;
    return address;
  }
}

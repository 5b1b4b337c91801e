/**
 * Kernels for short work in a thread that does little of it: one that is not in use is kept for the next time, unless
 * its memory has grown, since memory never shrinks.
 */
import type { Kernel } from './kernel.ts';

const KEPT_BYTES_MAX = 16 << 20;

export class KernelPool {
  readonly #create: () => Kernel;
  #kept: Kernel | undefined;

  constructor(create: () => Kernel) {
    this.#create = create;
  }

  /** For as long as it is not disposed; what was allocated from its arena is released then. */
  borrow(): BorrowedKernel {
    const kernel = this.#kept ?? this.#create();
    this.#kept = undefined;
    const mark = kernel.arena.mark();
    let isBack = false;
    return {
      kernel,
      [Symbol.dispose]: () => {
        if (isBack) return;
        isBack = true;
        kernel.arena.release(mark);
        if (kernel.memory.buffer.byteLength <= KEPT_BYTES_MAX) this.#kept = kernel;
      },
    };
  }
}

export interface BorrowedKernel extends Disposable {
  readonly kernel: Kernel;
}

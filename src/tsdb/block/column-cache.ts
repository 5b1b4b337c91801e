/**
 * Decoded samples of series, kept because decoding costs several times a copy: dashboards ask for the same series
 * again and again. Kept outside of kernel memory, so that a query's memory stays its own.
 */
import type { Kernel } from '../../base/kernel.ts';
import type { SampleColumns } from '../../model/sample.ts';

interface CachedColumns {
  readonly times: Float64Array;
  /** Bits of the values: stale markers do not survive as numbers. */
  readonly valueWords: Uint32Array;
  /** Number of the select that used it last. */
  used: number;
}

const BYTES_PER_SAMPLE = 16;
/** Columns this much smaller than the cache are kept at most: one series must not push out all others. */
const LARGEST_SHARE = 1 / 16;

/**
 * The least recently used make room, but only those that neither this select nor the one before has used: a query over
 * more than fits would else push out what it will ask for next time, and find nothing ever.
 */
export class ColumnCache {
  readonly #limitBytes: number;
  readonly #columns = new Map<string, CachedColumns>();
  #usedBytes = 0;
  #select = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Told at the start of each select. */
  beginSelect(): void {
    this.#select++;
  }

  /** Copies kept columns into the kernel's arena; undefined where there are none. */
  get(kernel: Kernel, key: string): SampleColumns | undefined {
    const cached = this.#columns.get(key);
    if (cached === undefined) return undefined;
    cached.used = this.#select;
    this.#columns.delete(key);
    this.#columns.set(key, cached);
    const count = cached.times.length;
    const times = kernel.arena.alloc(8 * count);
    const values = kernel.arena.alloc(8 * count);
    kernel.f64.set(cached.times, times >>> 3);
    kernel.u32.set(cached.valueWords, values >>> 2);
    return { times, values, count, startTimes: 0, histograms: [] };
  }

  /** Keeps a copy, if there is room or may be made. Only plain floats are kept. */
  offer(kernel: Kernel, key: string, columns: SampleColumns): void {
    const { times, values, count, startTimes, histograms } = columns;
    const bytes = count * BYTES_PER_SAMPLE;
    if (startTimes !== 0 || histograms.length > 0) return;
    if (bytes > this.#limitBytes * LARGEST_SHARE || !this.#makeRoom(bytes)) return;
    this.#usedBytes += bytes;
    this.#columns.set(key, {
      times: kernel.f64.slice(times >>> 3, (times >>> 3) + count),
      valueWords: kernel.u32.slice(values >>> 2, (values >>> 2) + 2 * count),
      used: this.#select,
    });
  }

  #makeRoom(bytes: number): boolean {
    for (const [key, { times, used }] of this.#columns) {
      if (this.#usedBytes + bytes <= this.#limitBytes) break;
      if (used >= this.#select - 1) return false;
      this.#columns.delete(key);
      this.#usedBytes -= times.length * BYTES_PER_SAMPLE;
    }
    return this.#usedBytes + bytes <= this.#limitBytes;
  }
}

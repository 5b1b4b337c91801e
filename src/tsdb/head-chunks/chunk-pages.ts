/**
 * Pages of chunks_head files in memory: dashboards ask for the same chunks every few seconds, a hundred bytes each, and a
 * call to the kernel for each costs more than decoding it. Files only grow and their numbers are never given again while
 * the head lives, so that a page that was whole when it was read stays as it is.
 */
import type { ReadableFile } from '../../base/file-system.ts';

/** A chunk that is asked for once costs little more than by itself; its neighbours are of other series, for later. */
const PAGE_BYTES = 4096;
const SLAB_PAGES = 256;

export class ChunkPages {
  readonly #pagesMax: number;
  /** Slot by file and page. */
  readonly #slots: Map<number, number> = new Map();
  /** Key by slot. */
  readonly #keys: number[] = [];
  readonly #slabs: Uint8Array[] = [];
  #next = 0;

  constructor(limitBytes: number) {
    this.#pagesMax = Math.floor(limitBytes / PAGE_BYTES);
  }

  /** Fills the target from the place in the file; false where that is not within one whole page. */
  read(file: ReadableFile, number: number, offset: number, target: Uint8Array): boolean {
    const page = Math.floor(offset / PAGE_BYTES);
    const at = offset - page * PAGE_BYTES;
    const isWithin = at + target.length <= PAGE_BYTES && (page + 1) * PAGE_BYTES <= file.sizeBytes;
    if (!isWithin || this.#pagesMax === 0) return false;
    const key = keyOf(number, page);
    const slot = this.#slots.get(key) ?? this.#fill(file, key, page);
    const start = (slot % SLAB_PAGES) * PAGE_BYTES + at;
    const slab = this.#slabs[Math.floor(slot / SLAB_PAGES)] as Uint8Array;
    target.set(slab.subarray(start, start + target.length));
    return true;
  }

  /** The page is read again when it is asked for. */
  forget(number: number, offset: number): void {
    this.#slots.delete(keyOf(number, Math.floor(offset / PAGE_BYTES)));
  }

  /** Slots are filled in turn: the page that has been here for longest makes room. */
  #fill(file: ReadableFile, key: number, page: number): number {
    const slot = this.#next;
    const slabNumber = Math.floor(slot / SLAB_PAGES);
    this.#slabs[slabNumber] ??= new Uint8Array(SLAB_PAGES * PAGE_BYTES);
    const slab = this.#slabs[slabNumber] as Uint8Array;
    const start = (slot % SLAB_PAGES) * PAGE_BYTES;
    const before = this.#keys[slot];
    if (before !== undefined && this.#slots.get(before) === slot) this.#slots.delete(before);
    file.read(slab.subarray(start, start + PAGE_BYTES), page * PAGE_BYTES);
    this.#keys[slot] = key;
    this.#slots.set(key, slot);
    this.#next = (slot + 1) % this.#pagesMax;
    return slot;
  }
}

/** A file has at most 2^32 bytes, 2^20 pages. */
function keyOf(number: number, page: number): number {
  return number * 2 ** 20 + page;
}

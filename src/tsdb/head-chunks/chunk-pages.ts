/**
 * Pages of chunks_head files in memory: dashboards ask for the same chunks every few seconds, a hundred bytes each, and a
 * call to the kernel for each costs more than decoding it. Files only grow and their numbers are never given again while
 * the head lives, so that a page that was whole when it was read stays as it is.
 */
import type { ReadableFile } from '../../base/file-system.ts';

/** A chunk that is asked for once costs little more than by itself; its neighbours are of other series, for later. */
const PAGE_BYTES = 4096;
const SLAB_PAGES = 256;
/** No entry is shorter, so that no two begin in the same so many bytes. */
const ENTRY_BYTES_MIN = 32;
const MARKS = PAGE_BYTES / ENTRY_BYTES_MIN;

export class ChunkPages {
  readonly #pagesMax: number;
  /** Slot by file and page. */
  readonly #slots: Map<number, number> = new Map();
  /** Key by slot. */
  readonly #keys: number[] = [];
  readonly #slabs: Uint8Array[] = [];
  /** Of each slab: a byte for each place where an entry may begin, 1 when its CRC was found right. */
  readonly #marks: Uint8Array[] = [];
  #next = 0;

  constructor(limitBytes: number) {
    this.#pagesMax = Math.floor(limitBytes / PAGE_BYTES);
  }

  /**
   * Fills the target from the place in the file. Undefined where it is not within whole pages, else the slot of the page
   * that it begins in, which holds until the next read.
   */
  read(file: ReadableFile, number: number, offset: number, target: Uint8Array): number | undefined {
    const first = Math.floor(offset / PAGE_BYTES);
    const end = offset + target.length;
    const last = Math.floor((end - 1) / PAGE_BYTES);
    if (this.#pagesMax <= last - first || (last + 1) * PAGE_BYTES > file.sizeBytes)
      return undefined;
    const slot = this.#slotOf(file, number, first);
    this.#copy(slot, offset - first * PAGE_BYTES, target);
    for (let page = first + 1; page <= last; page++) {
      const rest = target.subarray(page * PAGE_BYTES - offset);
      this.#copy(this.#slotOf(file, number, page), 0, rest);
    }
    return slot;
  }

  /** Whether the entry that begins there was found right since its page was read, if it lies in that page alone. */
  isSound(slot: number, offset: number, length: number): boolean {
    if ((offset % PAGE_BYTES) + length > PAGE_BYTES) return false;
    return this.#marksOf(slot)[markOf(slot, offset)] === 1;
  }

  setSound(slot: number, offset: number): void {
    this.#marksOf(slot)[markOf(slot, offset)] = 1;
  }

  /** The pages are read again when they are asked for. */
  forget(number: number, offset: number, length: number): void {
    const last = Math.floor((offset + length - 1) / PAGE_BYTES);
    for (let page = Math.floor(offset / PAGE_BYTES); page <= last; page++) {
      this.#slots.delete(keyOf(number, page));
    }
  }

  #slotOf(file: ReadableFile, number: number, page: number): number {
    const key = keyOf(number, page);
    return this.#slots.get(key) ?? this.#fill(file, key, page);
  }

  /** As much of the page as the target holds. */
  #copy(slot: number, at: number, target: Uint8Array): void {
    const start = (slot % SLAB_PAGES) * PAGE_BYTES;
    const end = start + Math.min(PAGE_BYTES, at + target.length);
    target.set(
      (this.#slabs[Math.floor(slot / SLAB_PAGES)] as Uint8Array).subarray(start + at, end),
    );
  }

  #marksOf(slot: number): Uint8Array {
    return this.#marks[Math.floor(slot / SLAB_PAGES)] as Uint8Array;
  }

  /** Slots are filled in turn: the page that has been here for longest makes room. */
  #fill(file: ReadableFile, key: number, page: number): number {
    const slot = this.#next;
    const slabNumber = Math.floor(slot / SLAB_PAGES);
    this.#slabs[slabNumber] ??= new Uint8Array(SLAB_PAGES * PAGE_BYTES);
    this.#marks[slabNumber] ??= new Uint8Array(SLAB_PAGES * MARKS);
    const slab = this.#slabs[slabNumber] as Uint8Array;
    const mark = (slot % SLAB_PAGES) * MARKS;
    this.#marksOf(slot).fill(0, mark, mark + MARKS);
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

function markOf(slot: number, offset: number): number {
  return (slot % SLAB_PAGES) * MARKS + Math.floor((offset % PAGE_BYTES) / ENTRY_BYTES_MIN);
}

/** A file has at most 2^32 bytes, 2^20 pages. */
function keyOf(number: number, page: number): number {
  return number * 2 ** 20 + page;
}

/**
 * Files read by position through a cache of pages, which all files of a process share: the memory for indexes
 * stays bounded however many blocks are open.
 */
import type { ReadableFile } from '../base/file-system.ts';

const PAGE_BYTES = 65536;

export class PageCache {
  readonly #pages = new Map<number, Buffer>();
  readonly #pagesMax: number;
  #files = 0;

  constructor(limitBytes: number) {
    this.#pagesMax = Math.max(4, Math.floor(limitBytes / PAGE_BYTES));
  }

  /** A number that makes a file's pages its own. */
  register(): number {
    return this.#files++;
  }

  /** The page, read if it is not here; the least recently used one makes room. */
  page(file: ReadableFile, id: number, number: number): Buffer {
    const key = id * 2 ** 26 + number;
    const known = this.#pages.get(key);
    if (known !== undefined) {
      this.#pages.delete(key);
      this.#pages.set(key, known);
      return known;
    }
    const start = number * PAGE_BYTES;
    const page = this.#room(Math.min(PAGE_BYTES, file.sizeBytes - start));
    file.read(page, start);
    this.#pages.set(key, page);
    return page;
  }

  forget(id: number): void {
    for (const key of this.#pages.keys()) {
      if (Math.floor(key / 2 ** 26) === id) this.#pages.delete(key);
    }
  }

  #room(sizeBytes: number): Buffer {
    if (this.#pages.size >= this.#pagesMax) {
      const [oldest] = this.#pages.keys();
      if (oldest !== undefined) this.#pages.delete(oldest);
    }
    return Buffer.allocUnsafeSlow(sizeBytes);
  }
}

/** Bytes at a position: `bytes` from `at` on. The buffer may hold more than was asked for. */
export interface BytesAt {
  readonly bytes: Buffer;
  readonly at: number;
}

export class PagedFile implements Disposable {
  readonly file: ReadableFile;
  readonly #cache: PageCache;
  readonly #id: number;
  #last: Buffer | undefined;
  #lastNumber = -1;

  constructor(file: ReadableFile, cache: PageCache) {
    this.file = file;
    this.#cache = cache;
    this.#id = cache.register();
  }

  get sizeBytes(): number {
    return this.file.sizeBytes;
  }

  /** At least the given number of bytes; throws OperationError 'corrupt' if the file ends before. */
  read(offset: number, length: number): BytesAt {
    const number = Math.floor(offset / PAGE_BYTES);
    const at = offset - number * PAGE_BYTES;
    if (at + length <= PAGE_BYTES && offset + length <= this.sizeBytes) {
      return { bytes: this.#page(number), at };
    }
    const bytes = Buffer.allocUnsafeSlow(length);
    this.file.read(bytes, offset);
    return { bytes, at: 0 };
  }

  /** What there is from a position on, at most `length` bytes and perhaps fewer at the end of the file. */
  readUpTo(offset: number, length: number): BytesAt {
    return this.read(offset, Math.max(0, Math.min(length, this.sizeBytes - offset)));
  }

  #page(number: number): Buffer {
    if (this.#last === undefined || this.#lastNumber !== number) {
      this.#last = this.#cache.page(this.file, this.#id, number);
      this.#lastNumber = number;
    }
    return this.#last;
  }

  [Symbol.dispose](): void {
    this.#cache.forget(this.#id);
    this.#last = undefined;
    this.file[Symbol.dispose]();
  }
}

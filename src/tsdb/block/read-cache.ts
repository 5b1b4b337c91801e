/**
 * Bytes of short reads, kept because a read from the page cache of the system costs ten times a copy: queries that
 * want one or two chunks of each of many series are repeated every few seconds by dashboards and rules.
 */
export interface CachedRead {
  readonly at: number;
  readonly length: number;
  /** Number of chunks in the bytes. */
  readonly chunks: number;
}

/** A ring of bytes: what was put first makes room for what comes. Memory is taken as it is filled. */
export class ReadCache {
  readonly bytes: Uint8Array;
  readonly #reads = new Map<number, CachedRead>();
  #head = 0;
  #owners = 0;

  constructor(limitBytes: number) {
    this.bytes = new Uint8Array(limitBytes);
  }

  /** A number for a file, to make keys of: owner · 2^32 + offset. */
  register(): number {
    return this.#owners++;
  }

  get(key: number): CachedRead | undefined {
    return this.#reads.get(key);
  }

  put(key: number, content: Uint8Array, chunks: number): void {
    this.#reads.delete(key);
    if (content.length === 0 || content.length > this.bytes.length / 4) return;
    if (this.#head + content.length > this.bytes.length) {
      this.#evict(this.#head, this.bytes.length);
      this.#head = 0;
    }
    const at = this.#head;
    this.#evict(at, at + content.length);
    this.bytes.set(content, at);
    this.#reads.set(key, { at, length: content.length, chunks });
    this.#head += content.length;
  }

  /** The oldest reads lie right behind the head. */
  #evict(start: number, end: number): void {
    for (const [key, { at, length }] of this.#reads) {
      if (at >= end || at + length <= start) return;
      this.#reads.delete(key);
    }
  }
}

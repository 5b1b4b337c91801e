/**
 * The chunks of one series from several stores as rows: put in order, identical ones once, and distributed to replicas,
 * by the same rules as chunk-order.ts has for objects.
 */
import { ChunkRows } from '../wire/chunk-rows.ts';
import type { SourcedChunk } from './chunk-order.ts';
import { addChunks } from './chunk-order.ts';

/** Where rows that came together lie: their message, and the store that sent it. */
export interface RowSource {
  readonly bytes: Uint8Array;
  readonly store: string;
}

export class SourcedRows {
  readonly rows: ChunkRows = new ChunkRows();
  readonly #sources: RowSource[] = [];
  /** Of each source, where its rows end. */
  readonly #ends: number[] = [];
  /** Of each row, the number of its source. */
  #sourceOf: Uint32Array = new Uint32Array(64);
  #order: Uint32Array = new Uint32Array(64);
  #merged: Uint32Array = new Uint32Array(64);

  clear(): void {
    this.rows.count = 0;
    this.#sources.length = 0;
    this.#ends.length = 0;
  }

  /** Adds rows of a message, from `first` to before `end`, in their order. */
  add(source: RowSource, from: ChunkRows, first: number, end: number): void {
    if (first === end) return;
    const { rows } = this;
    const start = rows.count;
    rows.append(from, first, end);
    if (rows.count > this.#sourceOf.length) {
      const larger = new Uint32Array(rows.minTimes.length);
      larger.set(this.#sourceOf);
      this.#sourceOf = larger;
      this.#order = new Uint32Array(larger.length);
      this.#merged = new Uint32Array(larger.length);
    }
    this.#sourceOf.fill(this.#sources.length, start, rows.count);
    this.#sources.push(source);
    this.#ends.push(rows.count);
  }

  source(row: number): RowSource {
    return this.#sources[this.#sourceOf[row] as number] as RowSource;
  }

  /** Whether all rows have the encoding and hold raw samples. */
  areRaw(encoding: number): boolean {
    const { aggregates, encodings, count } = this.rows;
    for (let i = 0; i < count; i++) {
      if (aggregates[i] !== 0 || encodings[i] !== encoding) return false;
    }
    return true;
  }

  /** As objects, in the order in which they were added. */
  chunks(): SourcedChunk[] {
    const target: SourcedChunk[] = [];
    for (const [i, { bytes, store }] of this.#sources.entries()) {
      const chunks = [];
      for (let row = this.#ends[i - 1] ?? 0; row < (this.#ends[i] as number); row++) {
        chunks.push(this.rows.chunk(row, bytes));
      }
      addChunks(target, chunks, store);
    }
    return target;
  }

  /**
   * Raw chunks without doubles, each given to the first replica that ends before it begins. In each replica rows ascend
   * in time and do not overlap.
   */
  replicas(): number[][] {
    const { minTimes, maxTimes } = this.rows;
    const replicas: number[][] = [[]];
    const ends: number[] = [Number.NEGATIVE_INFINITY];
    const order = this.#sorted();
    for (let i = 0; i < this.rows.count; i++) {
      const row = order[i] as number;
      if (i > 0 && this.#compare(order[i - 1] as number, row) === 0) continue;
      const minTime = minTimes[row] as number;
      let replica = 0;
      while (replica < ends.length && (ends[replica] as number) >= minTime) replica++;
      if (replica === ends.length) replicas.push([]);
      (replicas[replica] as number[]).push(row);
      ends[replica] = maxTimes[row] as number;
    }
    return replicas;
  }

  /** Rows of each source nearly always ascend: then they are merged, else sorted. */
  #sorted(): Uint32Array {
    const { count } = this.rows;
    const order = this.#order;
    for (let i = 0; i < count; i++) order[i] = i;
    for (let i = 1; i < count; i++) {
      const isFirst = this.#sourceOf[i] !== this.#sourceOf[i - 1];
      if (!isFirst && this.#compare(i - 1, i) > 0) {
        return order.subarray(0, count).sort((a, b) => this.#compare(a, b));
      }
    }
    for (let i = 1; i < this.#ends.length; i++) {
      this.#merge(this.#ends[i - 1] as number, this.#ends[i] as number);
    }
    return this.#order;
  }

  /** Merges the rows from `middle` to before `end` into those before, which are in order. */
  #merge(middle: number, end: number): void {
    const order = this.#order;
    const merged = this.#merged;
    if (this.#compare(order[middle - 1] as number, middle) <= 0) return;
    let left = 0;
    let right = middle;
    for (let i = 0; i < end; i++) {
      const takesLeft =
        right === end || (left < middle && this.#compare(order[left] as number, right) <= 0);
      merged[i] = takesLeft ? (order[left++] as number) : right++;
    }
    order.set(merged.subarray(0, end));
  }

  /** By (minTime, maxTime); where these are equal, by encoding, then the greater bytes first. 0: identical. */
  #compare(a: number, b: number): number {
    const { minTimes, maxTimes, encodings } = this.rows;
    return (
      (minTimes[a] as number) - (minTimes[b] as number) ||
      (maxTimes[a] as number) - (maxTimes[b] as number) ||
      (encodings[a] as number) - (encodings[b] as number) ||
      Buffer.compare(this.#bytes(b), this.#bytes(a))
    );
  }

  #bytes(row: number): Uint8Array {
    const offset = this.rows.offsets[row] as number;
    const length = this.rows.lengths[row] as number;
    return this.source(row).bytes.subarray(offset, offset + length);
  }
}

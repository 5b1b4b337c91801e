/** The chunks that scanning chunks_head has found, by series, until the log tells which series there are. */

/** Chunks of one file, by ascending offset. */
export interface ScannedChunks {
  readonly file: number;
  readonly count: number;
  ref(i: number): number;
  minTime(i: number): number;
  maxTime(i: number): number;
  offset(i: number): number;
  length(i: number): number;
  encoding(i: number): number;
  isOutOfOrder(i: number): boolean;
}

export interface CatalogedChunk {
  readonly file: number;
  readonly offset: number;
  readonly length: number;
  readonly encoding: number;
  readonly minTime: number;
  readonly maxTime: number;
}

const ROW_NUMBERS = 6;

export class ChunkCatalog {
  #rows = new Float64Array(ROW_NUMBERS * 1024);
  /** Of the same series: the row behind each, −1 for none. */
  #next = new Int32Array(1024);
  readonly #first = new Map<number, number>();
  readonly #last = new Map<number, number>();
  #count = 0;
  #maxRef = 0;

  /** The greatest ref of a series that has had a chunk. */
  get maxRef(): number {
    return this.#maxRef;
  }

  /** Chunks that nobody has taken. */
  get seriesLeft(): number {
    return this.#first.size;
  }

  /** In the order of the files. Chunks of samples out of order are left out. */
  add(chunks: ScannedChunks): void {
    for (let i = 0; i < chunks.count; i++) {
      const ref = chunks.ref(i);
      this.#maxRef = Math.max(this.#maxRef, ref);
      if (chunks.isOutOfOrder(i)) continue;
      const row = this.#newRow();
      const at = row * ROW_NUMBERS;
      this.#rows[at] = chunks.file;
      this.#rows[at + 1] = chunks.offset(i);
      this.#rows[at + 2] = chunks.length(i);
      this.#rows[at + 3] = chunks.encoding(i);
      this.#rows[at + 4] = chunks.minTime(i);
      this.#rows[at + 5] = chunks.maxTime(i);
      const last = this.#last.get(ref);
      if (last === undefined) this.#first.set(ref, row);
      else this.#next[last] = row;
      this.#last.set(ref, row);
    }
  }

  /** Chunks of a series, which are forgotten. */
  *takeSeries(ref: number): Generator<CatalogedChunk> {
    let row = this.#first.get(ref) ?? -1;
    this.#first.delete(ref);
    for (; row >= 0; row = this.#next[row] as number) {
      const at = row * ROW_NUMBERS;
      yield {
        file: this.#rows[at] as number,
        offset: this.#rows[at + 1] as number,
        length: this.#rows[at + 2] as number,
        encoding: this.#rows[at + 3] as number,
        minTime: this.#rows[at + 4] as number,
        maxTime: this.#rows[at + 5] as number,
      };
    }
  }

  #newRow(): number {
    if (this.#count === this.#next.length) {
      const rows = new Float64Array(2 * this.#rows.length);
      const next = new Int32Array(2 * this.#next.length);
      rows.set(this.#rows);
      next.set(this.#next);
      this.#rows = rows;
      this.#next = next;
    }
    this.#next[this.#count] = -1;
    return this.#count++;
  }
}

/** Chunks of messages as columns: tens of thousands pass in one query, too many for an object each. */
import type { Aggregate, WireChunk } from './wire-series.ts';
import { AGGREGATES } from './wire-series.ts';

const FIRST_ROWS = 64;

/** A row a chunk: bytes[offset, offset + length) of a message. `WireChunk` tells the units. */
export class ChunkRows {
  count = 0;
  minTimes: Float64Array = new Float64Array(FIRST_ROWS);
  maxTimes: Float64Array = new Float64Array(FIRST_ROWS);
  offsets: Uint32Array = new Uint32Array(FIRST_ROWS);
  lengths: Uint32Array = new Uint32Array(FIRST_ROWS);
  encodings: Uint32Array = new Uint32Array(FIRST_ROWS);
  /** Indexes into AGGREGATES. */
  aggregates: Uint8Array = new Uint8Array(FIRST_ROWS);

  /** Number of a new row, whose columns are to be filled. */
  add(): number {
    if (this.count === this.minTimes.length) this.#grow(2 * this.count);
    return this.count++;
  }

  /** Adds rows of another table, from `first` to before `end`. */
  append(rows: ChunkRows, first: number, end: number): void {
    const needed = this.count + end - first;
    if (needed > this.minTimes.length) this.#grow(Math.max(needed, 2 * this.count));
    let to = this.count;
    for (let from = first; from < end; from++, to++) {
      this.minTimes[to] = rows.minTimes[from] as number;
      this.maxTimes[to] = rows.maxTimes[from] as number;
      this.offsets[to] = rows.offsets[from] as number;
      this.lengths[to] = rows.lengths[from] as number;
      this.encodings[to] = rows.encodings[from] as number;
      this.aggregates[to] = rows.aggregates[from] as number;
    }
    this.count = to;
  }

  /** One row as an object. */
  chunk(row: number, bytes: Uint8Array): WireChunk {
    return {
      minTime: this.minTimes[row] as number,
      maxTime: this.maxTimes[row] as number,
      aggregate: AGGREGATES[this.aggregates[row] as number] as Aggregate,
      encoding: this.encodings[row] as number,
      bytes,
      offset: this.offsets[row] as number,
      length: this.lengths[row] as number,
    };
  }

  #grow(rows: number): void {
    this.minTimes = grown(new Float64Array(rows), this.minTimes);
    this.maxTimes = grown(new Float64Array(rows), this.maxTimes);
    this.offsets = grown(new Uint32Array(rows), this.offsets);
    this.lengths = grown(new Uint32Array(rows), this.lengths);
    this.encodings = grown(new Uint32Array(rows), this.encodings);
    this.aggregates = grown(new Uint8Array(rows), this.aggregates);
  }
}

function grown<T extends { set(from: T): void }>(larger: T, from: T): T {
  larger.set(from);
  return larger;
}

/** One series on its way into a block, in kernel memory: labels as numbers of symbols, chunks as bytes with their times. */
import type { Kernel } from '../../base/kernel.ts';
import { CHUNK_ROW_BYTES } from '../../chunk/columns.ts';
import type { SourceChunk } from './block-writer.ts';

/** Bits of a row's encoding: above them the kernel notes that it knows the CRC. */
export const ENCODING_MASK = 255;
/** float64 min time, max time, reference. */
export const TIMES_ROW_BYTES = 24;

export class SeriesBuffer {
  readonly kernel: Kernel;
  readonly #mark: number;
  /** Address of u32 symbol numbers: name, value, name … */
  labels = 0;
  /** Symbols. */
  labelCount = 0;
  /** Address of rows as in kernel/block.ts. */
  rows = 0;
  /** Address of rows of TIMES_ROW_BYTES. */
  times = 0;
  chunkCount = 0;

  /** What is allocated after it in the kernel's arena must be given back before `begin`. */
  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.#mark = kernel.arena.mark();
  }

  /** Forgets the series. What a source allocates from here on lives until the next call. */
  begin(): void {
    this.kernel.arena.release(this.#mark);
    this.labelCount = 0;
    this.chunkCount = 0;
  }

  setLabels(labels: Uint32Array): void {
    this.reserveLabels(labels.length);
    this.kernel.u32.set(labels, this.labels >>> 2);
  }

  /** To be written at `labels`. */
  reserveLabels(count: number): void {
    this.labels = this.kernel.arena.alloc(4 * count);
    this.labelCount = count;
  }

  setChunks(chunks: readonly SourceChunk[]): void {
    this.reserveChunks(chunks.length);
    for (let i = 0; i < chunks.length; i++) this.setChunk(i, chunks[i] as SourceChunk);
  }

  /** To be written at `rows` and `times`, with the data anywhere in the arena. */
  reserveChunks(count: number): void {
    const { arena } = this.kernel;
    this.rows = arena.alloc(CHUNK_ROW_BYTES * count);
    this.times = arena.alloc(TIMES_ROW_BYTES * count);
    this.chunkCount = count;
  }

  /** The row's bytes, and its times, must be there. */
  chunk(i: number): SourceChunk {
    const { u8, u32, f64 } = this.kernel;
    const row = (this.rows + CHUNK_ROW_BYTES * i) >>> 2;
    const time = (this.times + TIMES_ROW_BYTES * i) >>> 3;
    const address = u32[row] as number;
    return {
      minTime: f64[time] as number,
      maxTime: f64[time + 1] as number,
      encoding: (u32[row + 2] as number) & ENCODING_MASK,
      data: u8.slice(address, address + (u32[row + 1] as number)),
    };
  }

  /** Copies a chunk into a reserved row. */
  setChunk(i: number, { minTime, maxTime, encoding, data }: SourceChunk): void {
    const address = this.kernel.arena.alloc(data.length);
    this.kernel.u8.set(data, address);
    this.setRow(i, { address, length: data.length, encoding });
    this.setTimes(i, minTime, maxTime);
  }

  setRow(i: number, place: { address: number; length: number; encoding: number }): void {
    const { u32 } = this.kernel;
    const row = (this.rows + CHUNK_ROW_BYTES * i) >>> 2;
    u32[row] = place.address;
    u32[row + 1] = place.length;
    u32[row + 2] = place.encoding;
  }

  setTimes(i: number, minTime: number, maxTime: number): void {
    const { f64 } = this.kernel;
    const time = (this.times + TIMES_ROW_BYTES * i) >>> 3;
    f64[time] = minTime;
    f64[time + 1] = maxTime;
  }
}

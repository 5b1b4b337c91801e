/** The head as the source of a block: its series in label order, their chunks as they are. */
import { assert } from '../base/assert.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { Kernel } from '../base/kernel.ts';
import { XOR } from '../chunk/encoding.ts';
import type { BlockSource } from './block/block-writer.ts';
import { type SeriesBuffer, TIMES_ROW_BYTES } from './block/series-buffer.ts';
import type { Interval } from './block/tombstones.ts';
import { trimChunks } from './compact/rewrite-chunks.ts';
import { type OpenHistogramChunk, overlaps } from './head/head-histograms.ts';
import { selectSeries, sortSteps } from './head/head-index.ts';
import { type HeadMemory, SCRATCH_BYTES } from './head/head-memory.ts';
import { PLACE_BYTES } from './head/head-protocol.ts';
import { type HeadSymbols, headSymbols } from './head-block-symbols.ts';
import { HeadChunkLoader } from './head-chunk-loader.ts';
import type { Steps } from './index/index-writer.ts';

/** Slots whose labels are read at once; they lie at the start of the scratch space, the labels behind. */
const STEP_SLOTS = 256;
const LABELS_AT = 4 * STEP_SLOTS;
const HEADER_BYTES = 8;
/** Of an open chunk: two times. */
const OPEN_HEADER_BYTES = 16;

export interface HeadBlockOptions {
  readonly files: FileSystem;
  /** Of the files of finished chunks. */
  readonly chunksDirectory: string;
  readonly memory: HeadMemory;
  /** The chunk of histograms that a series ends with. */
  openHistogram(slot: number): OpenHistogramChunk | undefined;
  /** Deleted stretches of a series. */
  deleted(slot: number): readonly Interval[];
  /** Its arena is used until the block is written. */
  readonly kernel: Kernel;
  /** Times of which samples are taken, both inclusive. */
  readonly minTime: number;
  readonly maxTime: number;
}

/** No series may end until the block is written. */
export function* headBlockSource(options: HeadBlockOptions): Steps<HeadBlockSource> {
  const { memory, files, chunksDirectory, kernel } = options;
  memory.flush();
  const slots = selectSeries(memory, []);
  yield;
  yield* sortSteps(memory, slots);
  const symbols = yield* headSymbols(memory, kernel);
  const chunks = yield* HeadChunkLoader.open({ files, directory: chunksDirectory, kernel });
  return new HeadBlockSource(options, { slots, symbols, chunks });
}

interface Prepared {
  readonly slots: Uint32Array;
  readonly symbols: HeadSymbols;
  readonly chunks: HeadChunkLoader;
}

export class HeadBlockSource implements BlockSource, Disposable {
  readonly #options: HeadBlockOptions;
  readonly #slots: Uint32Array;
  readonly #symbols: HeadSymbols;
  readonly #chunks: HeadChunkLoader;
  #at = -1;
  /** Numbers of pairs of the series that were read ahead, as the kernel gives them. */
  #labels = new Uint32Array(0);
  #labelsAt = 0;
  #labelsEnd = 0;

  constructor(options: HeadBlockOptions, { slots, symbols, chunks }: Prepared) {
    this.#options = options;
    this.#slots = slots;
    this.#symbols = symbols;
    this.#chunks = chunks;
  }

  symbols(): Iterable<number> {
    return this.#symbols.texts();
  }

  symbol(number: number): number {
    return this.#symbols.text(number);
  }

  next(series: SeriesBuffer): boolean {
    if (++this.#at === this.#slots.length) return false;
    if (this.#at === this.#labelsEnd) this.#readLabels();
    this.#putLabels(series);
    this.#putChunks(series, this.#slots[this.#at] as number);
    return true;
  }

  #putLabels(series: SeriesBuffer): void {
    const pairs = this.#labels;
    const count = pairs[this.#labelsAt++] as number;
    series.reserveLabels(2 * count);
    const { u32 } = series.kernel;
    const numbers = this.#symbols.numbers >>> 2;
    for (let i = 0, to = series.labels >>> 2; i < count; i++, to += 2) {
      const pair = pairs[this.#labelsAt++] as number;
      u32[to] = u32[numbers + 2 * pair] as number;
      u32[to + 1] = u32[numbers + 2 * pair + 1] as number;
    }
  }

  #readLabels(): void {
    const { kernel, head, scratch } = this.#options.memory;
    const slots = this.#slots.subarray(this.#at, this.#at + STEP_SLOTS);
    kernel.u32.set(slots, scratch >>> 2);
    const target = scratch + LABELS_AT;
    const room = SCRATCH_BYTES - LABELS_AT;
    const done = kernel.exports.headCopyLabels(head, scratch, slots.length, target, room);
    const bytes = kernel.u32[target >>> 2] as number;
    this.#labels = kernel.u32.slice(target >>> 2, (target + bytes) >>> 2);
    this.#labelsAt = 1;
    this.#labelsEnd = this.#at + done;
  }

  #putChunks(series: SeriesBuffer, slot: number): void {
    const { memory, minTime, maxTime, openHistogram, deleted } = this.#options;
    const { kernel, head, scratch } = memory;
    const { headCopyChunks, headOutput } = kernel.exports;
    // An open chunk may have become a finished one since the last step.
    if (headOutput(head) > 0) memory.flush();
    const bytes = headCopyChunks(head, slot, minTime, maxTime, scratch, SCRATCH_BYTES);
    assert(bytes > 0, `the chunks of slot ${slot} take over ${SCRATCH_BYTES} bytes`);
    const finished = kernel.u32[scratch >>> 2] as number;
    const openBytes = kernel.u32[(scratch >>> 2) + 1] as number;
    let histogram = openHistogram(slot);
    if (histogram !== undefined && !overlaps(histogram, minTime, maxTime)) histogram = undefined;
    const count = finished + (openBytes > 0 ? 1 : 0) + (histogram === undefined ? 0 : 1);
    series.reserveChunks(count);
    const places = scratch + HEADER_BYTES;
    this.#chunks.read(memory, places, finished, series);
    if (openBytes > 0) {
      putOpen(series, finished, memory, places + PLACE_BYTES * finished, openBytes);
    }
    if (histogram !== undefined) {
      series.setChunk(count - 1, { ...histogram, data: histogram.data() });
    }
    const gaps = deleted(slot);
    if (gaps.length > 0 || !isInside(series, minTime, maxTime)) this.#trim(series, gaps);
  }

  #trim(series: SeriesBuffer, deleted: readonly Interval[]): void {
    const { minTime, maxTime } = this.#options;
    const chunks = Array.from({ length: series.chunkCount }, (_, i) => series.chunk(i));
    series.setChunks(trimChunks(series.kernel, chunks, { minTime, maxTime, deleted }));
  }

  [Symbol.dispose](): void {
    this.#chunks[Symbol.dispose]();
  }
}

/** float64 min and max time, the data. */
function putOpen(
  series: SeriesBuffer,
  row: number,
  { kernel }: HeadMemory,
  ...[at, length]: [at: number, length: number]
): void {
  const data = kernel.u8.subarray(at + OPEN_HEADER_BYTES, at + OPEN_HEADER_BYTES + length);
  const minTime = kernel.f64[at >>> 3] as number;
  const maxTime = kernel.f64[(at >>> 3) + 1] as number;
  series.setChunk(row, { minTime, maxTime, encoding: XOR, data });
}

/** Whether no chunk reaches out of the times. */
function isInside(
  { kernel, times, chunkCount }: SeriesBuffer,
  minTime: number,
  maxTime: number,
): boolean {
  if (chunkCount === 0) return true;
  const last = times + TIMES_ROW_BYTES * (chunkCount - 1);
  return (
    (kernel.f64[times >>> 3] as number) >= minTime &&
    (kernel.f64[(last >>> 3) + 1] as number) <= maxTime
  );
}

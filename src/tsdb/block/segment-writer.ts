/** Writer of a block's chunk segments. Source: docs/formats/chunks.md. */
import type { FileSystem } from '../../base/file-system.ts';
import type { Kernel } from '../../base/kernel.ts';
import { CHUNK_ROW_BYTES } from '../../chunk/columns.ts';
import { allocSinkBuffer, ByteSink, RESERVED_BYTES_MAX } from '../byte-sink.ts';
import { SEGMENT_HEADER_BYTES, SEGMENT_MAGIC, SEGMENT_VERSION } from './open-segments.ts';
import { type SeriesBuffer, TIMES_ROW_BYTES } from './series-buffer.ts';

/** A segment is longer only where a single chunk is. */
const SEGMENT_BYTES_MAX = 512 << 20;
/** What a chunk takes beside its data at most: its length, its encoding, its CRC. */
const FRAME_BYTES_MAX = 5 + 1 + 4;

export interface ChunkBytes {
  readonly encoding: number;
  readonly data: Uint8Array;
}

export interface SegmentOptions {
  readonly files: FileSystem;
  readonly directory: string;
  /** A buffer in its memory is used until the end. */
  readonly kernel: Kernel;
}

export class SegmentWriter implements Disposable {
  readonly #files: FileSystem;
  readonly #directory: string;
  readonly #kernel: Kernel;
  readonly #buffer: number;
  #sink: ByteSink | undefined;
  #segments = 0;

  /** Makes the directory. */
  constructor({ files, directory, kernel }: SegmentOptions) {
    this.#files = files;
    this.#directory = directory;
    this.#kernel = kernel;
    this.#buffer = allocSinkBuffer(kernel);
    files.makeDirectory(directory);
  }

  /** Writes the chunks of a series, and their references: segment number (from 0) · 2^32 + offset. */
  write(series: SeriesBuffer): void {
    const { kernel, rows, times, chunkCount } = series;
    let bytesMax = 0;
    for (let i = 0; i < chunkCount; i++) {
      bytesMax +=
        (kernel.u32[((rows + CHUNK_ROW_BYTES * i) >>> 2) + 1] as number) + FRAME_BYTES_MAX;
    }
    if (bytesMax > RESERVED_BYTES_MAX) {
      this.#writeApart(series);
      return;
    }
    const sink = this.#room(bytesMax);
    const base = (this.#segments - 1) * 2 ** 32 + sink.position;
    const address = sink.reserve(bytesMax);
    sink.advance(kernel.exports.blockFrames(rows, chunkCount, address));
    const { u32, f64 } = kernel;
    for (let i = 0; i < chunkCount; i++) {
      const frame = u32[((rows + CHUNK_ROW_BYTES * i) >>> 2) + 3] as number;
      f64[((times + TIMES_ROW_BYTES * i) >>> 3) + 2] = base + frame;
    }
  }

  #writeApart(series: SeriesBuffer): void {
    for (let i = 0; i < series.chunkCount; i++) {
      const { encoding, data } = series.chunk(i);
      const sink = this.#room(data.length + FRAME_BYTES_MAX);
      const reference = (this.#segments - 1) * 2 ** 32 + sink.position;
      sink.frame(encoding, data);
      series.kernel.f64[((series.times + TIMES_ROW_BYTES * i) >>> 3) + 2] = reference;
    }
  }

  #room(length: number): ByteSink {
    const now = this.#sink;
    if (now !== undefined) {
      const isEmpty = now.position === SEGMENT_HEADER_BYTES;
      if (isEmpty || now.position + length <= SEGMENT_BYTES_MAX) return now;
      this.#finishSegment(now);
    }
    const name = String(++this.#segments).padStart(6, '0');
    const file = this.#files.openToWrite(`${this.#directory}/${name}`);
    const sink = new ByteSink(file, this.#kernel, this.#buffer);
    this.#sink = sink;
    sink.u32(SEGMENT_MAGIC);
    sink.u32(SEGMENT_VERSION * 2 ** 24);
    return sink;
  }

  #finishSegment(sink: ByteSink): void {
    sink.sync();
    sink[Symbol.dispose]();
    this.#sink = undefined;
  }

  /** Fsyncs all that was written and its names. */
  finish(): void {
    if (this.#sink !== undefined) this.#finishSegment(this.#sink);
    this.#files.syncDirectory(this.#directory);
  }

  [Symbol.dispose](): void {
    this.#sink?.[Symbol.dispose]();
    this.#sink = undefined;
  }
}

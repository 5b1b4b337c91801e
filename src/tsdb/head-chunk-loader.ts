/**
 * Finished chunks of a head, for who reads all of them in another order than that of their files: small files are read as a
 * whole, since a read for each chunk takes longer than everything else that is done with it.
 */
import type { FileSystem } from '../base/file-system.ts';
import type { Kernel } from '../base/kernel.ts';
import { CHUNK_ROW_BYTES } from '../chunk/columns.ts';
import { type SeriesBuffer, TIMES_ROW_BYTES } from './block/series-buffer.ts';
import type { HeadMemory } from './head/head-memory.ts';
import { PLACE_BYTES } from './head/head-protocol.ts';
import { chunkFilePath, listChunkFiles } from './head-chunks/chunk-file-names.ts';
import { HeadChunkReader } from './head-chunks/head-chunk-reader.ts';
import type { Steps } from './index/index-writer.ts';

/** All files together, to be read as a whole. */
const LOADED_BYTES_MAX = 192 << 20;
const PIECE_BYTES = 4 << 20;
const FILE_ROW_BYTES = 8;

export interface HeadChunkLoaderOptions {
  readonly files: FileSystem;
  readonly directory: string;
  /** Its arena is used until the end. */
  readonly kernel: Kernel;
}

/** Files that lie in the kernel's memory; they may have grown since. */
interface Loaded {
  readonly firstFile: number;
  readonly count: number;
  /** Address of rows of two u32: address, bytes. */
  readonly table: number;
}

const NOTHING_LOADED: Loaded = { firstFile: 0, count: 0, table: 0 };

export class HeadChunkLoader implements Disposable {
  readonly #reader: HeadChunkReader;
  readonly #loaded: Loaded;

  private constructor({ files, directory }: HeadChunkLoaderOptions, loaded: Loaded) {
    this.#reader = new HeadChunkReader(files, directory);
    this.#loaded = loaded;
  }

  static *open(options: HeadChunkLoaderOptions): Steps<HeadChunkLoader> {
    return new HeadChunkLoader(options, yield* loadFiles(options));
  }

  /**
   * Puts the chunks at the places, which the head has written into its memory, into the first rows of the series. Throws
   * OperationError 'corrupt' naming file and offset.
   */
  read(memory: HeadMemory, places: number, count: number, series: SeriesBuffer): void {
    if (count === 0) return;
    const { kernel, rows, times } = series;
    const { firstFile, count: fileCount, table } = this.#loaded;
    const { blockHeadEntries } = kernel.exports;
    const copy = kernel.arena.alloc(PLACE_BYTES * count);
    kernel.u8.set(memory.kernel.u8.subarray(places, places + PLACE_BYTES * count), copy);
    for (let done = 0; done < count; done++) {
      done += blockHeadEntries(
        copy + PLACE_BYTES * done,
        count - done,
        table,
        firstFile,
        fileCount,
        rows + CHUNK_ROW_BYTES * done,
        times + TIMES_ROW_BYTES * done,
      );
      if (done < count) this.#readApart(series, copy + PLACE_BYTES * done, done);
    }
  }

  /** One that is not in the memory, or is damaged there. */
  #readApart(series: SeriesBuffer, place: number, row: number): void {
    const { kernel } = series;
    const { u32, f64 } = kernel;
    const [file = 0, offset = 0, length = 0] = u32.subarray(place >>> 2, (place >>> 2) + 3);
    series.setTimes(row, f64[(place >>> 3) + 2] as number, f64[(place >>> 3) + 3] as number);
    series.setRow(row, this.#reader.read(kernel, { file, offset, length }));
  }

  [Symbol.dispose](): void {
    this.#reader[Symbol.dispose]();
  }
}

function* loadFiles({ files, directory, kernel }: HeadChunkLoaderOptions): Steps<Loaded> {
  const numbers = listChunkFiles(files, directory);
  const [firstFile] = numbers;
  const lastFile = numbers.at(-1);
  const sizes = numbers.map((file) => files.stat(chunkFilePath(directory, file))?.sizeBytes ?? 0);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (firstFile === undefined || lastFile === undefined || bytes > LOADED_BYTES_MAX) {
    return NOTHING_LOADED;
  }
  const count = lastFile - firstFile + 1;
  const table = kernel.arena.alloc(FILE_ROW_BYTES * count);
  kernel.u32.fill(0, table >>> 2, (table >>> 2) + 2 * count);
  for (const number of numbers) {
    using file = files.open(chunkFilePath(directory, number));
    const { sizeBytes } = file;
    const address = kernel.arena.alloc(sizeBytes);
    for (let at = 0; at < sizeBytes; at += PIECE_BYTES) {
      const length = Math.min(PIECE_BYTES, sizeBytes - at);
      file.read(kernel.u8.subarray(address + at, address + at + length), at);
      yield;
    }
    kernel.u32.set([address, sizeBytes], (table + FILE_ROW_BYTES * (number - firstFile)) >>> 2);
  }
  return { firstFile, count, table };
}

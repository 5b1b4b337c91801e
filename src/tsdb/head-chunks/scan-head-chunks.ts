/**
 * Reads all chunks_head files when a head is opened, checks every CRC and repairs what is damaged: a file is cut behind its
 * last good entry and the files behind it are removed, since the samples are still in the write-ahead log, and a series must
 * not have a chunk missing between two others.
 */
import { errorText, OperationError } from '../../base/errors.ts';
import type { FileSystem, ReadableFile } from '../../base/file-system.ts';
import type { Kernel } from '../../base/kernel.ts';
import {
  CHUNK_FILE_HEADER,
  checkChunkFileHeader,
  chunkFilePath,
  listChunkFiles,
} from './chunk-file-names.ts';

export interface HeadChunkDamage {
  readonly path: string;
  /** Behind the last good entry; 0 when the file was removed. */
  readonly offset: number;
  readonly reason: string;
}

export interface ScanOptions {
  readonly files: FileSystem;
  /** Made if it is not there. */
  readonly directory: string;
  /** A little over 1 MiB of its arena is used during the call. */
  readonly kernel: Kernel;
  /** Takes the entries in the order of the files; rows are valid during the call. */
  take(rows: HeadChunkRows): void;
}

const INPUT_BYTES = 1 << 20;
const ROWS_MAX = 8192;
const ROW_BYTES = 48;
const STATE_BYTES = 16;

const ROWS_FULL = 0;
const INPUT_ENDS = 1;
const ZEROS = 2;
const REASONS = ['', 'an entry is torn', '', 'an entry has an impossible length', 'a CRC is wrong'];

/** Entries of one file. */
export class HeadChunkRows {
  readonly file: number;
  readonly count: number;
  readonly #kernel: Kernel;
  readonly #rows: number;
  /** What an address must be raised by to be an offset in the file. */
  readonly #shift: number;

  constructor(kernel: Kernel, rows: number, place: { file: number; count: number; shift: number }) {
    this.#kernel = kernel;
    this.#rows = rows;
    this.file = place.file;
    this.count = place.count;
    this.#shift = place.shift;
  }

  ref(i: number): number {
    return this.#double(i, 0);
  }

  minTime(i: number): number {
    return this.#double(i, 1);
  }

  maxTime(i: number): number {
    return this.#double(i, 2);
  }

  /** Of the entry. */
  offset(i: number): number {
    return this.#word(i, 6) + this.#shift;
  }

  /** Bytes of the entry: the place that HeadChunkReader takes. */
  length(i: number): number {
    return this.#word(i, 7);
  }

  encoding(i: number): number {
    return this.#word(i, 10) & 127;
  }

  isOutOfOrder(i: number): boolean {
    return (this.#word(i, 10) & 128) !== 0;
  }

  samples(i: number): number {
    return this.#word(i, 10) >>> 16;
  }

  #double(i: number, index: number): number {
    return this.#kernel.f64[((this.#rows + ROW_BYTES * i) >>> 3) + index] as number;
  }

  #word(i: number, index: number): number {
    return this.#kernel.u32[((this.#rows + ROW_BYTES * i) >>> 2) + index] as number;
  }
}

/** Returns what was repaired, at most one damage. */
export function scanHeadChunks(options: ScanOptions): readonly HeadChunkDamage[] {
  const { files, directory, kernel } = options;
  files.makeDirectory(directory);
  const numbers = listChunkFiles(files, directory);
  const mark = kernel.arena.mark();
  try {
    for (const [i, number] of numbers.entries()) {
      const path = chunkFilePath(directory, number);
      const before = numbers[i - 1] ?? number - 1;
      const damage =
        number === before + 1
          ? scanFile(options, number, path)
          : { path, offset: 0, reason: `file ${before + 1} is missing before it` };
      kernel.arena.release(mark);
      if (damage === undefined) continue;
      repair(files, directory, number, damage);
      return [damage];
    }
  } finally {
    kernel.arena.release(mark);
  }
  return [];
}

function repair(
  files: FileSystem,
  directory: string,
  number: number,
  damage: HeadChunkDamage,
): void {
  // The newest first, so that what is left after a crash is damaged at the same place.
  for (const later of listChunkFiles(files, directory).toReversed()) {
    if (later > number) files.remove(chunkFilePath(directory, later));
  }
  if (damage.offset === 0) files.remove(damage.path);
  else {
    using file = files.openToWrite(damage.path);
    file.truncate(damage.offset);
    file.sync();
  }
  files.syncDirectory(directory);
}

function scanFile(options: ScanOptions, number: number, path: string): HeadChunkDamage | undefined {
  using file = options.files.open(path);
  try {
    checkChunkFileHeader(file);
  } catch (error) {
    if (!(error instanceof OperationError) || error.kind !== 'corrupt') throw error;
    return { path, offset: 0, reason: errorText(error) };
  }
  return scanEntries(options, number, file);
}

function scanEntries(
  { kernel, take }: ScanOptions,
  number: number,
  file: ReadableFile,
): HeadChunkDamage | undefined {
  const { arena, exports } = kernel;
  const state = arena.alloc(STATE_BYTES);
  const rows = arena.alloc(ROW_BYTES * ROWS_MAX);
  let size = INPUT_BYTES;
  let input = arena.alloc(size);
  for (let offset = CHUNK_FILE_HEADER.length; offset < file.sizeBytes; ) {
    const length = Math.min(size, file.sizeBytes - offset);
    file.read(kernel.u8.subarray(input, input + length), offset);
    for (let at = input; ; ) {
      const stop = exports.chunkEntryRows(at, input + length, rows, ROWS_MAX, state);
      const [count, end, needed] = kernel.u32.subarray(state >>> 2, (state >>> 2) + 3);
      const shift = offset - input;
      at = end as number;
      if (count !== 0)
        take(new HeadChunkRows(kernel, rows, { file: number, count: count as number, shift }));
      if (stop === ROWS_FULL) continue;
      const whole = at + shift;
      if (stop === ZEROS) return undefined;
      const isAtEnd = offset + length === file.sizeBytes;
      if (stop !== INPUT_ENDS || isAtEnd) {
        const rest = kernel.u8.subarray(at, input + length);
        if (stop === INPUT_ENDS && rest.every((byte) => byte === 0)) return undefined;
        return { path: file.path, offset: whole, reason: REASONS[stop] as string };
      }
      if ((needed as number) > size) {
        size = needed as number;
        input = arena.alloc(size);
      }
      offset = whole;
      break;
    }
  }
  return undefined;
}

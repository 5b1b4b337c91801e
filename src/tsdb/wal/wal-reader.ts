/**
 * Reads segments of a log through the kernel: float samples arrive as columns, other records as bytes. Source:
 * docs/formats/wal.md; the kernel's side is kernel/wal-read.ts.
 */
import { zstdDecompressSync } from 'node:zlib';
import { must } from '../../base/assert.ts';
import { errorText, OperationError } from '../../base/errors.ts';
import type { ReadableFile } from '../../base/file-system.ts';
import type { Kernel } from '../../base/kernel.ts';
import { ByteCursor } from '../byte-cursor.ts';
import { PAGE_BYTES } from './batch-encoder.ts';
import { KernelSpace } from './kernel-space.ts';
import { readSamplesWithStart } from './record-reader.ts';
import { type FloatColumns, SAMPLES_ST, SERIES } from './wal-records.ts';

/** Takes what a segment holds. What it throws as 'corrupt' is a fault of the record. */
export interface RecordVisitor {
  /** Float samples, which may be changed in place; valid during the call. */
  samples(columns: FloatColumns): void;
  /** Any other record; the cursor stands behind its type. Those of series lie in kernel memory. */
  record(type: number, cursor: ByteCursor): void;
}

/** Where a segment stops to be what it should be. */
export interface WalDamage {
  readonly path: string;
  /** Where the last whole record ends. */
  readonly offset: number;
  readonly reason: string;
}

const INPUT_BYTES = 1 << 20;
const COLUMN_SAMPLES = 1 << 15;
const RECORD_BYTES_MAX = 1 << 30;

/** State of kernel/wal-read.ts: u32 by index. */
const AT = 0;
const END = 1;
const BASE = 2;
const JOINED = 3;
const JOINED_LENGTH = 4;
const JOINED_SIZE = 5;
const DECODED = 6;
const DECODED_SIZE = 7;
const REFS = 8;
const TIMES = 9;
const VALUES = 10;
const COUNT = 11;
const COUNT_MAX = 12;
const FRAGMENTS = 13;
const RECORD = 15;
const RECORD_LENGTH = 16;
const IS_PENDING = 17;
const NEEDED = 18;
const FAILURE = 19;
const OFFSET = 20;
const WHOLE = 21;
const BEGUN = 22;
const STATE_WORDS = 32;

const INPUT_ENDS = 0;
const COLUMNS_FULL = 2;
const CORRUPT = 3;
const ZSTD_RECORD = 4;
const JOINED_SMALL = 5;
const DECODED_SMALL = 6;
const COLUMNS_SMALL = 7;

/** Indexes are the kernel's failures. */
const BAD_COMPRESSION = 6;
const TORN = 'the last record is torn';
const REASONS = [
  '',
  'the rest of a page is not zero',
  'a fragment has an unknown type',
  'a fragment reaches over its page',
  'the CRC of a fragment is wrong',
  'a fragment continues no record or breaks off another',
  'a record cannot be decompressed',
  'a record of samples is malformed',
  'a page is empty in the middle of a record',
  TORN,
];

export class WalReader {
  readonly #kernel: Kernel;
  readonly #state: number;
  readonly #input: number;
  readonly #joined: KernelSpace;
  readonly #decoded: KernelSpace;
  /** Three columns, one behind the other. */
  readonly #columns: KernelSpace;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#state = kernel.arena.alloc(4 * STATE_WORDS);
    this.#input = kernel.arena.alloc(INPUT_BYTES);
    this.#joined = new KernelSpace(kernel, 1 << 18);
    this.#decoded = new KernelSpace(kernel, 1 << 19);
    this.#columns = new KernelSpace(kernel, 3 * 8 * COLUMN_SAMPLES);
  }

  /** Reads a segment; yields between pieces of 1 MiB. Returns where it is damaged, if it is. */
  *read(file: ReadableFile, visitor: RecordVisitor): Generator<void, WalDamage | undefined> {
    this.#kernel.u32.fill(0, this.#state >>> 2, (this.#state >>> 2) + STATE_WORDS);
    this.#setPlaces();
    const { path, sizeBytes } = file;
    for (let offset = 0; offset < sizeBytes; offset += INPUT_BYTES) {
      this.#setInput(file, offset);
      const reason = this.#scan(visitor);
      if (reason !== undefined) return { path, offset: this.#get(WHOLE), reason };
      yield;
    }
    if (this.#get(FRAGMENTS) === 0) return undefined;
    return { path, offset: this.#get(WHOLE), reason: TORN };
  }

  /** All that is in the input. What is wrong with it, if something is. */
  #scan(visitor: RecordVisitor): string | undefined {
    for (;;) {
      const stop = this.#kernel.exports.walScan(this.#state);
      if (stop === JOINED_SMALL || stop === DECODED_SMALL || stop === COLUMNS_SMALL) {
        this.#grow(stop);
        continue;
      }
      this.#giveSamples(visitor);
      if (stop === ZSTD_RECORD) {
        if (this.#decompress()) continue;
        return REASONS[BAD_COMPRESSION];
      }
      if (stop === INPUT_ENDS) return undefined;
      if (stop === CORRUPT) return must(REASONS[this.#get(FAILURE)], 'a failure has a text');
      if (stop === COLUMNS_FULL) continue;
      const fault = this.#giveRecord(visitor);
      if (fault !== undefined) return fault;
    }
  }

  #giveSamples(visitor: RecordVisitor): void {
    const count = this.#get(COUNT);
    if (count === 0) return;
    this.#set(COUNT, 0);
    const refs = this.#get(REFS);
    visitor.samples({ refs, times: this.#get(TIMES), values: this.#get(VALUES), count });
  }

  /** What is wrong with the record, if something is. */
  #giveRecord(visitor: RecordVisitor): string | undefined {
    const length = this.#get(RECORD_LENGTH);
    if (length === 0) return undefined;
    const inPlace = Buffer.from(this.#kernel.memory.buffer, this.#get(RECORD), length);
    const type = inPlace[0] as number;
    // A copy, since memory that grows meanwhile moves: only series are too many for that.
    const cursor = new ByteCursor(type === SERIES ? inPlace : Buffer.from(inPlace), 1);
    try {
      if (type === SAMPLES_ST) {
        this.#readSamplesWithStart(cursor);
        this.#giveSamples(visitor);
      } else visitor.record(type, cursor);
      return undefined;
    } catch (error) {
      if (!(error instanceof OperationError) || error.kind !== 'corrupt') throw error;
      this.#set(WHOLE, this.#get(BEGUN));
      return errorText(error);
    }
  }

  #readSamplesWithStart(cursor: ByteCursor): void {
    this.#setColumns(Math.ceil(cursor.left / 10) + 1);
    const { f64, u32 } = this.#kernel;
    const [refs, times, values] = [this.#get(REFS), this.#get(TIMES), this.#get(VALUES)];
    let count = 0;
    readSamplesWithStart(cursor, (ref, time, low, high) => {
      f64[(refs >>> 3) + count] = ref;
      f64[(times >>> 3) + count] = time;
      u32[(values >>> 2) + 2 * count] = low;
      u32[(values >>> 2) + 2 * count + 1] = high;
      count++;
    });
    this.#set(COUNT, count);
  }

  /** Puts the decoded record in place of the compressed one, to be read next. */
  #decompress(): boolean {
    const from = this.#get(RECORD);
    const packed = this.#kernel.u8.slice(from, from + this.#get(RECORD_LENGTH));
    try {
      const bytes = zstdDecompressSync(packed, { maxOutputLength: RECORD_BYTES_MAX });
      const address = this.#decoded.need(bytes.length);
      this.#kernel.u8.set(bytes, address);
      this.#setPlaces();
      this.#set(RECORD, address);
      this.#set(RECORD_LENGTH, bytes.length);
      this.#set(IS_PENDING, 1);
      return true;
    } catch (error) {
      if (error instanceof OperationError) throw error;
      this.#set(WHOLE, this.#get(BEGUN));
      return false;
    }
  }

  #setInput(file: ReadableFile, offset: number): void {
    const length = Math.min(INPUT_BYTES, file.sizeBytes - offset);
    const end = Math.ceil(length / PAGE_BYTES) * PAGE_BYTES;
    const { u8 } = this.#kernel;
    file.read(u8.subarray(this.#input, this.#input + length), offset);
    u8.fill(0, this.#input + length, this.#input + end);
    this.#set(AT, this.#input);
    this.#set(BASE, this.#input);
    this.#set(END, this.#input + length);
    this.#set(OFFSET, offset);
  }

  #grow(stop: number): void {
    const needed = this.#get(NEEDED);
    if (stop === JOINED_SMALL) this.#joined.need(needed, this.#get(JOINED_LENGTH));
    else if (stop === DECODED_SMALL) this.#decoded.need(needed);
    else this.#setColumns(needed);
    this.#setPlaces();
  }

  #setPlaces(): void {
    this.#set(JOINED, this.#joined.address);
    this.#set(JOINED_SIZE, this.#joined.size);
    this.#set(DECODED, this.#decoded.address);
    this.#set(DECODED_SIZE, this.#decoded.size);
    this.#setColumns(COLUMN_SAMPLES);
  }

  /** Only while they are empty, or with the number of samples that they have room for. */
  #setColumns(samples: number): void {
    const address = this.#columns.need(3 * 8 * samples);
    const most = Math.floor(this.#columns.size / 24);
    this.#set(REFS, address);
    this.#set(TIMES, address + 8 * most);
    this.#set(VALUES, address + 16 * most);
    this.#set(COUNT_MAX, most);
  }

  #get(word: number): number {
    return this.#kernel.u32[(this.#state >>> 2) + word] as number;
  }

  #set(word: number, value: number): void {
    this.#kernel.u32[(this.#state >>> 2) + word] = value;
  }
}

/** Turns the records of a batch into the bytes of a segment: encoded, compressed, cut into the fragments of pages. */
import { zstdCompressSync } from 'node:zlib';
import type { Kernel } from '../../base/kernel.ts';
import { KernelSpace } from './kernel-space.ts';
import type { FloatColumns } from './wal-records.ts';

export type WalCompression = 'none' | 'snappy' | 'zstd';

export const PAGE_BYTES = 32_768;
const TABLE_BYTES = 32_768;
const SAMPLE_BYTES_MAX = 32;
const SNAPPY = 8;
const ZSTD = 16;

interface EncodedRecord {
  readonly at: number;
  readonly length: number;
  readonly flags: number;
}

export class BatchEncoder {
  readonly #kernel: Kernel;
  readonly #compression: WalCompression;
  readonly #record: KernelSpace;
  readonly #encoded: KernelSpace;
  readonly #framed: KernelSpace;
  readonly #table: number;
  #records: EncodedRecord[] = [];
  #encodedBytes = 0;

  constructor(kernel: Kernel, compression: WalCompression) {
    this.#kernel = kernel;
    this.#compression = compression;
    this.#record = new KernelSpace(kernel, 1 << 19);
    this.#encoded = new KernelSpace(kernel, 1 << 19);
    this.#framed = new KernelSpace(kernel, 1 << 19);
    this.#table = kernel.arena.alloc(TABLE_BYTES);
  }

  /** Bytes of the batch before they are framed. */
  get encodedBytes(): number {
    return this.#encodedBytes;
  }

  begin(): void {
    this.#records = [];
    this.#encodedBytes = 0;
  }

  addSamples({ refs, times, values, count }: FloatColumns): void {
    if (this.#compression === 'snappy') {
      const block = this.#record.need(SAMPLE_BYTES_MAX * (count + 1));
      const { exports, u32 } = this.#kernel;
      const out = this.#table;
      const size = exports.walEncodeSnappySamples(refs, times, values, count, block, out) >>> 0;
      const length = u32[(out >>> 2) + 1] as number;
      if (size < length) {
        this.#put(u32[out >>> 2] as number, size, SNAPPY);
        return;
      }
    }
    const record = this.#record.need(SAMPLE_BYTES_MAX * (count + 1));
    const { exports } = this.#kernel;
    const length = exports.walEncodeSamples(refs, times, values, count, record) >>> 0;
    if (this.#compression === 'zstd') this.#add(record, length);
    else this.#put(record, length, 0);
  }

  add(bytes: Uint8Array): void {
    const record = this.#record.need(bytes.length);
    this.#kernel.u8.set(bytes, record);
    this.#add(record, bytes.length);
  }

  /** The batch as it follows the first `used` bytes of a page; valid until the next call. */
  frame(used: number): Uint8Array {
    const pages = Math.ceil(this.#encodedBytes / (PAGE_BYTES - 64)) + 1;
    const framed = this.#framed.need(this.#encodedBytes + 32 * (this.#records.length + pages));
    const { exports } = this.#kernel;
    let length = 0;
    for (const { at, length: size, flags } of this.#records) {
      const data = this.#encoded.address + at;
      const inPage = (used + length) % PAGE_BYTES;
      length += exports.walFrame(data, size, flags, framed + length, inPage) >>> 0;
    }
    return this.#kernel.u8.subarray(framed, framed + length);
  }

  /** A record that does not get smaller stays as it is. */
  #add(record: number, length: number): void {
    const at = this.#encodedBytes;
    const room = 80 + length + Math.ceil(length / 6);
    const target = this.#encoded.need(at + room, at) + at;
    const { exports, u8 } = this.#kernel;
    let size = 0;
    let flags = 0;
    if (this.#compression === 'snappy') {
      size = exports.walCompress(record, length, target, this.#table) >>> 0;
      flags = SNAPPY;
    } else if (this.#compression === 'zstd') {
      const packed = zstdCompressSync(u8.subarray(record, record + length));
      if (packed.length < length) {
        u8.set(packed, target);
        size = packed.length;
        flags = ZSTD;
      }
    }
    if (size === 0) {
      this.#put(record, length, 0);
      return;
    }
    this.#records.push({ at, length: size, flags });
    this.#encodedBytes += size;
  }

  #put(record: number, length: number, flags: number): void {
    const at = this.#encodedBytes;
    const target = this.#encoded.need(at + length, at) + at;
    this.#kernel.u8.copyWithin(target, record, record + length);
    this.#records.push({ at, length, flags });
    this.#encodedBytes += length;
  }
}

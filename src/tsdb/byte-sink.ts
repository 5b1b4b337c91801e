/**
 * Writes the numbers and texts of block files through a buffer, the counterpart of byte-cursor.ts. The buffer lies in a
 * kernel's memory, because checksums of short pieces are many times faster there.
 */
import { crc32c } from '@node-rs/crc32';
import { assert } from '../base/assert.ts';
import type { WritableFile } from '../base/file-system.ts';
import type { Kernel } from '../base/kernel.ts';

const BUFFER_BYTES = 1 << 18;
/** What does not fit and is longer is written without being copied. */
const COPIED_BYTES_MAX = BUFFER_BYTES / 4;
/** Shorter ones are copied faster by a loop than by a call. */
const SHORT_BYTES = 32;
/** Fsyncing while there is little to write keeps each pause short. */
const SYNC_BYTES = 8 << 20;
export const RESERVED_BYTES_MAX: number = BUFFER_BYTES;
/** Longest number. */
const NUMBER_BYTES_MAX = 10;
const CRC_BYTES = 4;

/** A place for a sink's buffer: of one sink at a time. */
export function allocSinkBuffer(kernel: Kernel): number {
  return kernel.arena.alloc(BUFFER_BYTES);
}

export class ByteSink implements Disposable {
  readonly #file: WritableFile;
  readonly #kernel: Kernel;
  readonly #base: number;
  /** The kernel's whole memory. */
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Bytes of the buffer that the CRC already has. */
  #summed = 0;
  #crc = 0;
  #flushedBytes: number;
  #unsyncedBytes = 0;

  /** Takes the file over: disposing closes it. The buffer comes from `allocSinkBuffer`. */
  constructor(file: WritableFile, kernel: Kernel, buffer: number) {
    this.#file = file;
    this.#kernel = kernel;
    this.#base = buffer;
    this.#flushedBytes = file.sizeBytes;
  }

  /** Offset in the file of what is written next. */
  get position(): number {
    return this.#flushedBytes + this.#at;
  }

  u8(value: number): void {
    const at = this.#room(1);
    this.#bytes[at] = value;
    this.#at++;
  }

  /** Big endian. */
  u32(value: number): void {
    const at = this.#room(4);
    putU32(this.#bytes, at, value);
    this.#at += 4;
  }

  /** Big endian; at most 2^53. */
  u64(value: number): void {
    this.u32(Math.floor(value / 4294967296));
    this.u32(value % 4294967296);
  }

  /** Seven bits a byte, little end first; at most 2^53. */
  uvarint(value: number): void {
    const at = this.#room(NUMBER_BYTES_MAX);
    this.#at += putUvarint(this.#bytes, at, value) - at;
  }

  /** A length as uvarint, then as many bytes of UTF-8. */
  text(text: string): void {
    const length = Buffer.byteLength(text);
    this.uvarint(length);
    if (length > COPIED_BYTES_MAX) {
      this.bytes(Buffer.from(text));
      return;
    }
    const at = this.#room(length);
    this.#at += this.#bytes.write(text, at);
  }

  /** The same for a text in the kernel's memory: u16 length, as many bytes. */
  textAt(address: number): void {
    const start = this.#room(NUMBER_BYTES_MAX);
    const bytes = this.#bytes;
    const length = (bytes[address] as number) + 256 * (bytes[address + 1] as number);
    this.#at += putUvarint(bytes, start, length) - start;
    const to = this.#room(length);
    if (length < SHORT_BYTES) {
      for (let i = 0; i < length; i++) bytes[to + i] = bytes[address + 2 + i] as number;
    } else bytes.copyWithin(to, address + 2, address + 2 + length);
    this.#at += length;
  }

  bytes(bytes: Uint8Array): void {
    if (bytes.length > COPIED_BYTES_MAX) {
      this.flush();
      this.#crc = crc32c(bytes, this.#crc);
      this.#write(bytes);
      return;
    }
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
    this.#at += bytes.length;
  }

  /** A length as uvarint, an encoding byte, the data, the CRC of encoding and data. */
  frame(encoding: number, data: Uint8Array): void {
    if (data.length > COPIED_BYTES_MAX) {
      this.uvarint(data.length);
      this.beginCrc();
      this.u8(encoding);
      this.bytes(data);
      this.endCrc();
      return;
    }
    const start = this.#room(data.length + NUMBER_BYTES_MAX + 1 + CRC_BYTES);
    const bytes = this.#bytes;
    const summed = putUvarint(bytes, start, data.length);
    bytes[summed] = encoding;
    bytes.set(data, summed + 1);
    this.#at += this.#putCrc(summed, data.length + 1) - start;
  }

  /** Address of room for at most `RESERVED_BYTES_MAX` bytes, which whoever asks writes there, then tells how many. */
  reserve(length: number): number {
    assert(length <= RESERVED_BYTES_MAX, `${length} bytes at once`);
    return this.#room(length);
  }

  advance(length: number): void {
    this.#at += length;
  }

  #putCrc(address: number, length: number): number {
    const crc = this.#kernel.exports.crc32c(address, length, 0);
    putU32(this.#bytes, address + length, crc);
    return address + length + CRC_BYTES;
  }

  /** Zeros up to a multiple of the given number of bytes. */
  align(step: number): void {
    while (this.position % step !== 0) this.u8(0);
  }

  /** From here on bytes go into the CRC. */
  beginCrc(): void {
    this.#crc = 0;
    this.#summed = this.#at;
  }

  /** Writes the CRC-32C of the bytes since `beginCrc`. */
  endCrc(): void {
    this.#sum();
    this.u32(this.#crc);
  }

  flush(): void {
    if (this.#at === 0) return;
    this.#sum();
    this.#write(this.#kernel.u8.subarray(this.#base, this.#base + this.#at));
    this.#at = 0;
    this.#summed = 0;
  }

  /** Writes everything and fsyncs. */
  sync(): void {
    this.flush();
    this.#file.sync();
    this.#unsyncedBytes = 0;
  }

  #sum(): void {
    const length = this.#at - this.#summed;
    const { exports } = this.#kernel;
    if (length > 0) this.#crc = exports.crc32c(this.#base + this.#summed, length, this.#crc);
    this.#summed = this.#at;
  }

  #write(bytes: Uint8Array): void {
    this.#file.write(bytes);
    this.#flushedBytes += bytes.length;
    this.#unsyncedBytes += bytes.length;
    if (this.#unsyncedBytes < SYNC_BYTES) return;
    this.#file.sync();
    this.#unsyncedBytes = 0;
  }

  /** Address of so much room. Only after it are `#bytes` those of the memory. */
  #room(length: number): number {
    // Growth of the memory empties its views.
    if (this.#bytes.length === 0) this.#bytes = Buffer.from(this.#kernel.memory.buffer);
    if (length > BUFFER_BYTES - this.#at) this.flush();
    return this.#base + this.#at;
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}

function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Writes seven bits a byte, little end first; returns where the number ends. */
export function putUvarint(target: Uint8Array, at: number, value: number): number {
  let end = at;
  let rest = value;
  // Integers of the machine are many times faster than doubles.
  for (; rest >= 1073741824; rest = Math.floor(rest / 128)) target[end++] = (rest % 128) | 128;
  let small = rest | 0;
  for (; small >= 128; small >>>= 7) target[end++] = (small & 127) | 128;
  target[end++] = small;
  return end;
}

/** Zigzag; between −2^52 and 2^52. */
export function putVarint(target: Uint8Array, at: number, value: number): number {
  return putUvarint(target, at, value < 0 ? -2 * value - 1 : 2 * value);
}

/**
 * Reads single chunks of chunks_head files by positioned reads, from any thread, also while the files grow. Handles are
 * kept open: what is in a file can be read until the reader is closed, even after the file was removed.
 */
import { crc32c } from '@node-rs/crc32';
import { OperationError } from '../../base/errors.ts';
import type { FileSystem, ReadableFile } from '../../base/file-system.ts';
import type { Kernel } from '../../base/kernel.ts';
import type { ChunkPlace } from '../../chunk/columns.ts';
import { ByteCursor } from '../byte-cursor.ts';
import { chunkFilePath } from './chunk-file-names.ts';
import type { ChunkPages } from './chunk-pages.ts';

/** Place of an entry. */
export interface HeadChunkEntry {
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

const HEAD_BYTES = 25;
const CRC_BYTES = 4;
const HANDLES_MAX = 64;

export class HeadChunkReader implements Disposable {
  readonly #files: Pick<FileSystem, 'open'>;
  readonly #directory: string;
  readonly #pages: ChunkPages | undefined;
  /** By number, the least recently used first. */
  readonly #handles = new Map<number, ReadableFile>();

  /** @param pages what readers of the same directory, one after the other, keep in memory. */
  constructor(files: Pick<FileSystem, 'open'>, directory: string, pages?: ChunkPages) {
    this.#files = files;
    this.#directory = directory;
    this.#pages = pages;
  }

  /**
   * Reads an entry into the kernel's arena and checks its CRC. Throws OperationError 'corrupt' naming file and offset,
   * 'not-found' when the file was dropped.
   */
  read(kernel: Kernel, entry: HeadChunkEntry): ChunkPlace {
    const { file, offset, length } = entry;
    const at = kernel.arena.alloc(length);
    const { u8 } = kernel;
    const bytes = u8.subarray(at, at + length);
    const isSound = (): boolean =>
      kernel.exports.crc32c(at, length - CRC_BYTES, 0) >>> 0 ===
      bigEndian(bytes, length - CRC_BYTES);
    this.#fill(entry, bytes, isSound);
    const sumAt = at + length - CRC_BYTES;
    let address = at + HEAD_BYTES;
    let dataBytes = 0;
    for (let scale = 1; address < sumAt; scale *= 128) {
      const byte = u8[address++] as number;
      dataBytes += (byte & 127) * scale;
      if (byte < 128) break;
    }
    if (address + dataBytes !== sumAt) {
      throw this.#corrupt({ file, offset, length }, `it says ${dataBytes} bytes of data`);
    }
    return { address, length: dataBytes, encoding: (u8[at + HEAD_BYTES - 1] as number) & 127 };
  }

  /** The data of an entry, without a kernel; checks and throws as `read`. */
  readData(entry: HeadChunkEntry): Uint8Array {
    const bytes = Buffer.allocUnsafeSlow(entry.length);
    const sumAt = entry.length - CRC_BYTES;
    const sound = bytes.subarray(0, sumAt);
    this.#fill(entry, bytes, () => crc32c(sound) === bigEndian(bytes, sumAt));
    const cursor = new ByteCursor(bytes, HEAD_BYTES, sumAt);
    const dataBytes = cursor.uvarint();
    if (cursor.left !== dataBytes) {
      throw this.#corrupt(entry, `it says ${dataBytes} bytes of data`);
    }
    return bytes.subarray(cursor.at, sumAt);
  }

  /** What is wrong in memory is read from the file again before it counts as wrong. */
  #fill({ file, offset, length }: HeadChunkEntry, bytes: Uint8Array, isSound: () => boolean): void {
    const handle = this.#handle(file);
    const pages = this.#pages;
    const slot = pages?.read(handle, file, offset, bytes);
    if (pages !== undefined && slot !== undefined) {
      if (pages.isSound(slot, offset, length)) return;
      if (isSound()) {
        pages.setSound(slot, offset);
        return;
      }
      pages.forget(file, offset, length);
    }
    handle.read(bytes, offset);
    if (!isSound()) throw this.#corrupt({ file, offset, length }, 'its CRC is wrong');
  }

  #handle(number: number): ReadableFile {
    let handle = this.#handles.get(number);
    if (handle !== undefined) {
      this.#handles.delete(number);
    } else {
      handle = this.#files.open(chunkFilePath(this.#directory, number));
      this.#makeRoom();
    }
    this.#handles.set(number, handle);
    return handle;
  }

  #makeRoom(): void {
    const [oldest] = this.#handles;
    if (this.#handles.size < HANDLES_MAX || oldest === undefined) return;
    this.#handles.delete(oldest[0]);
    oldest[1][Symbol.dispose]();
  }

  #corrupt({ file, offset, length }: HeadChunkEntry, how: string): OperationError {
    const path = chunkFilePath(this.#directory, file);
    const what = `a chunk of ${length} bytes at offset ${offset} of ${path}`;
    return new OperationError('corrupt', `cannot read ${what}: ${how}`);
  }

  [Symbol.dispose](): void {
    for (const handle of this.#handles.values()) handle[Symbol.dispose]();
    this.#handles.clear();
  }
}

function bigEndian(bytes: Uint8Array, at: number): number {
  const [a, b, c, d] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]] as number[];
  return (
    (((a as number) << 24) | ((b as number) << 16) | ((c as number) << 8) | (d as number)) >>> 0
  );
}

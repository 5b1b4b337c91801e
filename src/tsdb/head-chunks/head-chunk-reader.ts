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
  readonly #files: FileSystem;
  readonly #directory: string;
  /** By number, the least recently used first. */
  readonly #handles = new Map<number, ReadableFile>();

  constructor(files: FileSystem, directory: string) {
    this.#files = files;
    this.#directory = directory;
  }

  /**
   * Reads an entry into the kernel's arena and checks its CRC. Throws OperationError 'corrupt' naming file and offset,
   * 'not-found' when the file was dropped.
   */
  read(kernel: Kernel, { file, offset, length }: HeadChunkEntry): ChunkPlace {
    const handle = this.#handle(file);
    const at = kernel.arena.alloc(length);
    handle.read(kernel.u8.subarray(at, at + length), offset);
    const { u8, exports } = kernel;
    const sumAt = at + length - CRC_BYTES;
    const sum = new DataView(u8.buffer).getUint32(sumAt);
    if (exports.crc32c(at, length - CRC_BYTES, 0) >>> 0 !== sum) {
      throw this.#corrupt({ file, offset, length }, 'its CRC is wrong');
    }
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
  readData({ file, offset, length }: HeadChunkEntry): Uint8Array {
    const bytes = Buffer.allocUnsafeSlow(length);
    this.#handle(file).read(bytes, offset);
    const sumAt = length - CRC_BYTES;
    if (crc32c(bytes.subarray(0, sumAt)) !== bytes.readUInt32BE(sumAt)) {
      throw this.#corrupt({ file, offset, length }, 'its CRC is wrong');
    }
    const cursor = new ByteCursor(bytes, HEAD_BYTES, sumAt);
    const dataBytes = cursor.uvarint();
    if (cursor.left !== dataBytes) {
      throw this.#corrupt({ file, offset, length }, `it says ${dataBytes} bytes of data`);
    }
    return bytes.subarray(cursor.at, sumAt);
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

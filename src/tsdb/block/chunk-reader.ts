/** Chunks of a block as they are stored, for who copies them. Fast where references ascend, as they do in an index. */
import { crc32c } from '@node-rs/crc32';
import { OperationError } from '../../base/errors.ts';
import type { FileSystem, ReadableFile } from '../../base/file-system.ts';
import { CHUNK_BYTES_MAX } from '../../chunk/columns.ts';
import {
  type ChunkHead,
  CRC_BYTES,
  describeChunk,
  HEAD_BYTES_MAX,
  openSegments,
  readHead,
  SEGMENT_HEADER_BYTES,
} from './open-segments.ts';
import type { ChunkBytes } from './segment-writer.ts';

const WINDOW_BYTES = 1 << 20;

export class ChunkReader implements Disposable {
  readonly #segments: readonly ReadableFile[];
  #window: Buffer = Buffer.alloc(0);
  #windowSegment = -1;
  #windowStart = 0;

  /** Opens every segment. Throws OperationError 'corrupt' for a file that is none. */
  constructor(files: FileSystem, directory: string) {
    this.#segments = openSegments(files, directory);
  }

  /** The bytes are never overwritten. Throws OperationError 'corrupt' naming file and offset. */
  read(reference: number): ChunkBytes {
    const segment = Math.floor(reference / 2 ** 32);
    const offset = reference % 2 ** 32;
    const file = this.#segments[segment];
    if (file === undefined || offset < SEGMENT_HEADER_BYTES || offset >= file.sizeBytes) {
      throw this.#damaged(reference, 'the index points beyond the segments');
    }
    let at = this.#show(segment, offset, Math.min(HEAD_BYTES_MAX, file.sizeBytes - offset));
    const { length, headBytes } = this.#headOf(reference, at);
    const total = headBytes + length + CRC_BYTES;
    if (length > CHUNK_BYTES_MAX || offset + total > file.sizeBytes) {
      throw this.#damaged(reference, `it says ${length} bytes`);
    }
    at = this.#show(segment, offset, total);
    const window = this.#window;
    const start = at + headBytes;
    const end = start + length;
    // The CRC covers the encoding too, which is the last byte of the head.
    if (crc32c(window.subarray(start - 1, end)) !== window.readUInt32BE(end)) {
      throw this.#damaged(reference, 'its CRC is wrong');
    }
    return { encoding: window[start - 1] as number, data: window.subarray(start, end) };
  }

  #headOf(reference: number, at: number): ChunkHead {
    const head = readHead(this.#window, at, this.#window.length);
    if (head === undefined) throw this.#damaged(reference, 'the file ends in its head');
    if (head.length === Infinity) throw this.#damaged(reference, 'its length is no number');
    return head;
  }

  /** Makes the window hold the bytes; returns where in it they begin. */
  #show(segment: number, offset: number, length: number): number {
    const at = offset - this.#windowStart;
    if (segment === this.#windowSegment && at >= 0 && at + length <= this.#window.length) return at;
    const file = this.#segments[segment] as ReadableFile;
    const size = Math.min(Math.max(length, WINDOW_BYTES), file.sizeBytes - offset);
    this.#window = Buffer.allocUnsafeSlow(size);
    file.read(this.#window, offset);
    this.#windowSegment = segment;
    this.#windowStart = offset;
    return 0;
  }

  #damaged(reference: number, how: string): OperationError {
    const chunk = describeChunk(this.#segments[Math.floor(reference / 2 ** 32)], reference);
    return new OperationError('corrupt', `cannot read ${chunk}: ${how}`);
  }

  [Symbol.dispose](): void {
    for (const file of this.#segments) file[Symbol.dispose]();
  }
}

/** Opening a block's chunk segments. Source: docs/formats/chunks.md. */
import { OperationError } from '../../base/errors.ts';
import type { FileSystem, ReadableFile } from '../../base/file-system.ts';

export const SEGMENT_MAGIC = 0x85bd40dd;
export const SEGMENT_VERSION = 1;
/** Magic, version, three zeros. */
export const SEGMENT_HEADER_BYTES = 8;
/** Longest uvarint of a chunk's length, and the encoding byte. */
export const HEAD_BYTES_MAX = 6;
/** Behind a chunk's data. */
export const CRC_BYTES = 4;

export interface ChunkHead {
  /** Of the data; Infinity where it is no number. */
  readonly length: number;
  readonly encoding: number;
  readonly headBytes: number;
}

/** All segments in their order. Throws OperationError 'corrupt' for a file that is none, and leaves none open. */
export function openSegments(files: FileSystem, directory: string): readonly ReadableFile[] {
  const names = files.list(directory).filter((name) => /^\d{6,}$/.test(name));
  const opened: ReadableFile[] = [];
  try {
    for (const name of names) {
      const file = files.open(`${directory}/${name}`);
      opened.push(file);
      checkHeader(file);
    }
  } catch (error) {
    for (const file of opened) file[Symbol.dispose]();
    throw error;
  }
  return opened;
}

/** A chunk's length and encoding; undefined where the bytes end before. */
export function readHead(u8: Uint8Array, at: number, end: number): ChunkHead | undefined {
  let length = 0;
  for (let i = 0; i < HEAD_BYTES_MAX - 1; i++) {
    if (at + i + 1 >= end) return undefined;
    const byte = u8[at + i] as number;
    length += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return { length, encoding: u8[at + i + 1] as number, headBytes: i + 2 };
  }
  return { length: Infinity, encoding: 0, headBytes: HEAD_BYTES_MAX };
}

/** "chunk at offset 8 of …/chunks/000001" */
export function describeChunk(file: ReadableFile | undefined, reference: number): string {
  return `chunk at offset ${reference % 2 ** 32} of ${file?.path ?? 'no segment'}`;
}

function checkHeader(file: ReadableFile): void {
  const head = Buffer.alloc(SEGMENT_HEADER_BYTES);
  file.read(head, 0);
  if (head.readUInt32BE(0) === SEGMENT_MAGIC && head[4] === SEGMENT_VERSION) return;
  const found = head.toString('hex', 0, 5);
  throw new OperationError('corrupt', `cannot read ${file.path}: it starts with ${found}`);
}

/** Sections of an index file: a length, the body, a CRC-32C of the body. Read in slices, never as a whole. */
import { crc32c } from '@node-rs/crc32';
import { OperationError } from '../../base/errors.ts';
import type { ReadableFile } from '../../base/file-system.ts';
import { ByteCursor } from '../byte-cursor.ts';
import type { PagedFile } from '../page-cache.ts';

/** Longest symbol or label pair that is read. */
const RECORD_BYTES_MAX = 1_048_576;
const SLICE_BYTES = 2 * RECORD_BYTES_MAX;

/** A section that another one may follow at `end`; the body starts at `start`. */
export interface Section {
  readonly start: number;
  readonly end: number;
}

/** Reads the length of the section at an offset and checks that the section lies within the file. */
export function locateSection(file: ReadableFile, offset: number, what: string): Section {
  const head = Buffer.alloc(4);
  if (offset + 8 > file.sizeBytes) throw damaged(file, what, offset, 'it starts after the end');
  file.read(head, offset);
  const start = offset + 4;
  const end = start + head.readUInt32BE(0);
  if (end + 4 > file.sizeBytes) throw damaged(file, what, offset, 'it is longer than the file');
  return { start, end };
}

export function damaged(
  file: Pick<ReadableFile, 'path'>,
  what: string,
  offset: number,
  how: string,
): OperationError {
  return new OperationError(
    'corrupt',
    `cannot read ${what} at offset ${offset} of ${file.path}: ${how}`,
  );
}

/**
 * Calls back with a cursor and the file offset for each record of a body or a part of it, until it answers
 * false or the body ends.
 */
export function scanRecords(
  paged: PagedFile,
  range: Section,
  what: string,
  visit: (cursor: ByteCursor, offset: number) => boolean,
): void {
  let position = range.start;
  while (position < range.end) {
    const length = Math.min(SLICE_BYTES, range.end - position);
    const { bytes, at } = paged.read(position, length);
    const isLast = position + length === range.end;
    const cursor = new ByteCursor(bytes, at, at + length);
    // Short of a whole record it is left for the next slice.
    while (cursor.left > 0 && (isLast || cursor.left >= RECORD_BYTES_MAX)) {
      const offset = position + cursor.at - at;
      try {
        if (!visit(cursor, offset)) return;
      } catch (error) {
        if (!(error instanceof OperationError)) throw error;
        throw damaged(paged.file, what, offset, error.message);
      }
    }
    position += cursor.at - at;
  }
}

/** Throws OperationError 'corrupt' unless the CRC behind the body is right. */
export function checkSection(file: ReadableFile, { start, end }: Section, what: string): void {
  let crc = 0;
  for (let at = start; at < end; at += SLICE_BYTES) {
    const bytes = Buffer.allocUnsafe(Math.min(SLICE_BYTES, end - at));
    file.read(bytes, at);
    crc = crc32c(bytes, crc);
  }
  const stored = Buffer.alloc(4);
  file.read(stored, end);
  if (stored.readUInt32BE(0) !== crc) {
    throw damaged(file, what, start, `its CRC is ${crc}, ${stored.readUInt32BE(0)} is stored`);
  }
}

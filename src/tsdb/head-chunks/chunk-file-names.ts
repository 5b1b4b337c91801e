/** The files of a chunks_head directory: "000001", "000002", … Source: docs/formats/chunks-head.md. */
import { OperationError } from '../../base/errors.ts';
import type { FileSystem, ReadableFile } from '../../base/file-system.ts';

export const CHUNK_FILE_HEADER: Uint8Array = Uint8Array.of(0x01, 0x30, 0xbc, 0x91, 1, 0, 0, 0);

/** Ascending; not all that is listed need be good. */
export function listChunkFiles(files: FileSystem, directory: string): readonly number[] {
  return files
    .list(directory)
    .filter((name) => /^\d{6,}$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

export function chunkFilePath(directory: string, number: number): string {
  return `${directory}/${String(number).padStart(6, '0')}`;
}

/** Throws OperationError 'corrupt' for a file that is none of these. */
export function checkChunkFileHeader(file: ReadableFile): void {
  const header = new Uint8Array(CHUNK_FILE_HEADER.length);
  file.read(header, 0);
  if (header.every((byte, i) => byte === CHUNK_FILE_HEADER[i])) return;
  const found = Buffer.from(header).toString('hex');
  throw new OperationError('corrupt', `cannot read ${file.path}: it starts with ${found}`);
}

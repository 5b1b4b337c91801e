/** Opening a block's chunk segments. Source: docs/formats/chunks.md. */
import { OperationError } from '../../base/errors.ts';
import type { FileSystem, ReadableFile } from '../../base/file-system.ts';

export const SEGMENT_MAGIC = 0x85bd40dd;
export const SEGMENT_VERSION = 1;
/** Magic, version, three zeros. */
export const SEGMENT_HEADER_BYTES = 8;

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

function checkHeader(file: ReadableFile): void {
  const head = Buffer.alloc(SEGMENT_HEADER_BYTES);
  file.read(head, 0);
  if (head.readUInt32BE(0) === SEGMENT_MAGIC && head[4] === SEGMENT_VERSION) return;
  const found = head.toString('hex', 0, 5);
  throw new OperationError('corrupt', `cannot read ${file.path}: it starts with ${found}`);
}

/**
 * The files of a write-ahead log: segments "00000000", "00000001", … and checkpoints, directories of segments named after
 * the last segment that they replace: "checkpoint.00000004". Source: docs/formats/wal.md.
 */
import { OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';

const CHECKPOINT = 'checkpoint.';
const DRAFT = '.tmp';

/**
 * Those with a number above `after`, ascending. Throws OperationError 'corrupt' when one is missing between others, or
 * between `after` and the first.
 */
export function listSegments(files: FileSystem, directory: string, after = -1): readonly number[] {
  const numbers = files
    .list(directory)
    .filter(isSegmentName)
    .map(Number)
    .filter((number) => number > after)
    .sort((a, b) => a - b);
  let before = after < 0 ? (numbers[0] ?? 0) - 1 : after;
  for (const number of numbers) {
    if (number !== before + 1) {
      const message = `cannot use the log ${directory}: segment ${before + 1} is missing`;
      throw new OperationError('corrupt', `${message}; restore it, or move those behind it away`);
    }
    before = number;
  }
  return numbers;
}

export function isSegmentName(name: string): boolean {
  return /^\d{8,}$/.test(name);
}

export function segmentPath(directory: string, number: number): string {
  return `${directory}/${String(number).padStart(8, '0')}`;
}

/** Numbers of complete checkpoints, ascending. */
export function listCheckpoints(files: FileSystem, directory: string): readonly number[] {
  return files
    .list(directory)
    .filter((name) => name.startsWith(CHECKPOINT) && /^\d+$/.test(name.slice(CHECKPOINT.length)))
    .map((name) => Number(name.slice(CHECKPOINT.length)))
    .sort((a, b) => a - b);
}

export function checkpointPath(directory: string, number: number): string {
  return `${directory}/${CHECKPOINT}${String(number).padStart(8, '0')}`;
}

export function checkpointDraft(directory: string, number: number): string {
  return checkpointPath(directory, number) + DRAFT;
}

/** Checkpoints that were never completed. */
export function removeDrafts(files: FileSystem, directory: string): void {
  for (const name of files.list(directory)) {
    if (name.startsWith(CHECKPOINT) && name.endsWith(DRAFT)) files.remove(`${directory}/${name}`);
  }
}

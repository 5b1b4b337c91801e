/** A block's tombstones: for each series the stretches of time that were deleted. Source: docs/formats/tombstones.md. */
import { crc32c } from '@node-rs/crc32';
import { OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';
import { ByteCursor } from '../byte-cursor.ts';
import { putUvarint, putVarint } from '../byte-sink.ts';

/** Both ends belong to it. */
export interface Interval {
  readonly minTime: number;
  readonly maxTime: number;
}

/** By series reference; ascending, neither overlapping nor touching. */
export type Tombstones = ReadonlyMap<number, readonly Interval[]>;

const MAGIC = 0x0130ba30;
const VERSION = 1;
const HEADER_BYTES = 5;
const CRC_BYTES = 4;

/** Empty where there is no file. Throws OperationError 'corrupt' naming file and offset. */
export function readTombstones(files: FileSystem, directory: string): Tombstones {
  const path = `${directory}/tombstones`;
  if (files.stat(path) === undefined) return new Map();
  const bytes = Buffer.from(files.readFile(path));
  const damaged = (offset: number, how: string): OperationError =>
    new OperationError('corrupt', `cannot read tombstones at offset ${offset} of ${path}: ${how}`);
  if (bytes.length < HEADER_BYTES + CRC_BYTES) throw damaged(0, `only ${bytes.length} bytes`);
  const magic = bytes.readUInt32BE(0);
  if (magic !== MAGIC) throw damaged(0, `magic number ${magic.toString(16)}`);
  if (bytes[4] !== VERSION) throw damaged(4, `unknown version ${bytes[4]}`);
  const end = bytes.length - CRC_BYTES;
  const crc = crc32c(bytes.subarray(HEADER_BYTES, end));
  const stored = bytes.readUInt32BE(end);
  if (crc !== stored) throw damaged(HEADER_BYTES, `its CRC is ${crc}, ${stored} is stored`);
  const cursor = new ByteCursor(bytes, HEADER_BYTES, end);
  const found = new Map<number, Interval[]>();
  while (cursor.left > 0) {
    const offset = cursor.at;
    try {
      const reference = cursor.uvarint();
      const interval = { minTime: cursor.varint(), maxTime: cursor.varint() };
      const known = found.get(reference);
      if (known === undefined) found.set(reference, [interval]);
      else known.push(interval);
    } catch (error) {
      throw damaged(offset, error instanceof Error ? error.message : String(error));
    }
  }
  return new Map(
    [...found].map(([reference, intervals]) => [reference, mergeIntervals(intervals)]),
  );
}

/** By ascending reference. Longest entry: three numbers of ten bytes. */
export function encodeTombstones(tombstones: Tombstones): Uint8Array {
  const entries = [...tombstones]
    .sort(([a], [b]) => a - b)
    .flatMap(([reference, intervals]) => intervals.map((interval) => ({ reference, ...interval })));
  const bytes = Buffer.alloc(HEADER_BYTES + 30 * entries.length + CRC_BYTES);
  bytes.writeUInt32BE(MAGIC, 0);
  bytes[4] = VERSION;
  let at = HEADER_BYTES;
  for (const { reference, minTime, maxTime } of entries) {
    at = putUvarint(bytes, at, reference);
    at = putVarint(bytes, at, minTime);
    at = putVarint(bytes, at, maxTime);
  }
  bytes.writeUInt32BE(crc32c(bytes.subarray(HEADER_BYTES, at)), at);
  return bytes.subarray(0, at + CRC_BYTES);
}

export function countIntervals(tombstones: Tombstones): number {
  let count = 0;
  for (const intervals of tombstones.values()) count += intervals.length;
  return count;
}

/** Sorts; joins what overlaps or touches. */
export function mergeIntervals(intervals: readonly Interval[]): readonly Interval[] {
  const sorted = intervals.toSorted((a, b) => a.minTime - b.minTime);
  const merged: Interval[] = [];
  for (const next of sorted) {
    const last = merged.at(-1);
    if (last === undefined || next.minTime > last.maxTime + 1) merged.push(next);
    else if (next.maxTime > last.maxTime) {
      merged[merged.length - 1] = { minTime: last.minTime, maxTime: next.maxTime };
    }
  }
  return merged;
}

/** Whether all of a stretch of time was deleted. */
export function isDeleted(
  intervals: readonly Interval[],
  minTime: number,
  maxTime: number,
): boolean {
  return intervals.some((interval) => interval.minTime <= minTime && interval.maxTime >= maxTime);
}

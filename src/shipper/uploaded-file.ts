/**
 * thanos.shipper.json beside a database: which of its blocks are in the bucket. It only saves questions to the bucket,
 * so one that is missing or damaged counts as empty. Prometheus reads it to put off the compaction of blocks that are
 * not uploaded (--storage.tsdb.delay-compact-file.path). Source: Thanos pkg/shipper, Meta.
 */
import { OperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';

const VERSION = 1;

/** ULIDs. Throws OperationError: 'not-found', or 'corrupt' naming the file and what is wrong with it. */
export function readUploadedFile(files: FileSystem, path: string): readonly string[] {
  const text = new TextDecoder().decode(files.readFile(path));
  const { version, uploaded } = parseObject(text, path);
  if (version !== VERSION) {
    throw damaged(path, `version is ${JSON.stringify(version)}, ${VERSION} can be read`);
  }
  const ulids = uploaded ?? [];
  if (Array.isArray(ulids) && ulids.every((ulid) => typeof ulid === 'string')) return ulids;
  throw damaged(path, 'uploaded is no list of ULIDs');
}

/** Readers see the old or the new list. An empty one is written as Go writes it: null. */
export function writeUploadedFile(files: FileSystem, path: string, ulids: readonly string[]): void {
  const uploaded = ulids.length === 0 ? null : ulids;
  const text = JSON.stringify({ version: VERSION, uploaded }, undefined, '\t');
  files.writeFileAtomic(path, new TextEncoder().encode(`${text}\n`));
}

function parseObject(text: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new OperationError('corrupt', `cannot read ${path}: it is no JSON`, { cause });
  }
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw damaged(path, 'it holds no object');
}

function damaged(path: string, how: string): OperationError {
  return new OperationError('corrupt', `cannot read ${path}: ${how}`);
}

/** The blocks of a data directory, beside a database that may compact and remove them at any time. */
import { type OperationError, toOperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import { isUlid } from '../base/ulid.ts';
import { type BlockMeta, readBlockMeta } from '../tsdb/block/meta.ts';
import { parseThanosMeta, type ThanosMeta } from '../tsdb/block/thanos-meta.ts';

export interface FoundBlock {
  readonly meta: BlockMeta;
  readonly section: ThanosMeta;
}

export interface UnreadableBlock {
  readonly ulid: string;
  readonly reason: OperationError;
}

export interface FoundBlocks {
  /** Oldest first. */
  readonly blocks: readonly FoundBlock[];
  readonly unreadable: readonly UnreadableBlock[];
}

/** Throws OperationError when the directory cannot be listed. */
export function findLocalBlocks(files: FileSystem, dataDirectory: string): FoundBlocks {
  const blocks: FoundBlock[] = [];
  const unreadable: UnreadableBlock[] = [];
  for (const ulid of files.list(dataDirectory).filter(isUlid)) {
    const directory = `${dataDirectory}/${ulid}`;
    if (files.stat(directory)?.isDirectory !== true) continue;
    try {
      const meta = readBlockMeta(files, directory);
      const section = parseThanosMeta(meta, `${directory}/meta.json`);
      blocks.push({ meta, section });
    } catch (error) {
      const wasRemoved = files.stat(directory) === undefined;
      if (!wasRemoved) unreadable.push({ ulid, reason: toOperationError(error) });
    }
  }
  blocks.sort((a, b) => a.meta.minTime - b.meta.minTime);
  return { blocks, unreadable };
}

/**
 * The blocks of a data directory. What a crash has left is resolved as Prometheus does: half-written and half-removed
 * blocks go at the start, and so do blocks that a newer one names as its parents.
 */
import { errorText, OperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import { isUlid } from '../base/ulid.ts';
import { CREATION_ENDING } from './block/block-writer.ts';
import { type BlockMeta, readBlockMeta } from './block/meta.ts';
import { openSegments } from './block/open-segments.ts';
import { readTombstones } from './block/tombstones.ts';
import { readToc } from './index/toc.ts';

const DELETION_ENDING = '.tmp-for-deletion';
const LEFTOVER_ENDINGS = [CREATION_ENDING, DELETION_ENDING, '.tmp'];

export interface StoredBlock {
  readonly meta: BlockMeta;
  /** Bytes of all its files. */
  readonly sizeBytes: number;
}

export interface FoundBlocks {
  /** Ascending by minTime. */
  readonly blocks: readonly StoredBlock[];
  /** ULIDs of directories that a block in the list replaces, or of which nothing is left. */
  readonly obsolete: readonly string[];
}

/** Removes what was not finished when the last process ended; gives the names. */
export function removeLeftovers(files: FileSystem, directory: string): readonly string[] {
  const leftovers = files.list(directory).filter((name) => {
    const [ulid = ''] = name.split('.');
    return isUlid(ulid) && LEFTOVER_ENDINGS.includes(name.slice(ulid.length));
  });
  for (const name of leftovers) files.remove(`${directory}/${name}`);
  return leftovers;
}

/**
 * Blocks that were in the list before are not checked again. Throws OperationError 'corrupt' naming all blocks that
 * cannot be read: going on without one would lose its data unseen.
 */
export function findBlocks(
  files: FileSystem,
  directory: string,
  known: readonly StoredBlock[],
): FoundBlocks {
  const sizes = new Map(known.map(({ meta, sizeBytes }) => [meta.ulid, sizeBytes]));
  const found: StoredBlock[] = [];
  const damaged = new Map<string, unknown>();
  for (const ulid of files.list(directory).filter(isUlid)) {
    try {
      const path = `${directory}/${ulid}`;
      const meta = readBlockMeta(files, path);
      found.push({ meta, sizeBytes: sizes.get(ulid) ?? checkBlock(files, path) });
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      damaged.set(ulid, error);
    }
  }
  const obsolete = new Set<string>();
  for (const { meta } of found) {
    if (meta.compaction.deletable) obsolete.add(meta.ulid);
    for (const { ulid } of meta.compaction.parents) obsolete.add(ulid);
  }
  const lost = [...damaged].filter(([ulid]) => !obsolete.has(ulid));
  if (lost.length > 0) {
    const texts = lost.map(([ulid, error]) => `block ${ulid}: ${errorText(error)}`);
    throw new OperationError(
      'corrupt',
      `cannot load the blocks of ${directory}: ${texts.join('; ')}`,
    );
  }
  const there = new Set([...found.map(({ meta }) => meta.ulid), ...damaged.keys()]);
  const blocks = found.filter(({ meta }) => !obsolete.has(meta.ulid));
  blocks.sort((a, b) => a.meta.minTime - b.meta.minTime);
  return { blocks, obsolete: [...obsolete].filter((ulid) => there.has(ulid)) };
}

/** Looks at the heads of all files of a block; gives their bytes. */
function checkBlock(files: FileSystem, path: string): number {
  using index = files.open(`${path}/index`);
  readToc(index);
  readTombstones(files, path);
  let sizeBytes = index.sizeBytes;
  for (const segment of openSegments(files, `${path}/chunks`)) {
    sizeBytes += segment.sizeBytes;
    segment[Symbol.dispose]();
  }
  for (const name of ['meta.json', 'tombstones']) {
    sizeBytes += files.stat(`${path}/${name}`)?.sizeBytes ?? 0;
  }
  return sizeBytes;
}

/** Renames first, so that a block is there whole or not at all. */
export function removeBlock(files: FileSystem, directory: string, ulid: string): void {
  const path = `${directory}/${ulid}`;
  if (files.stat(path) === undefined) return;
  files.remove(`${path}${DELETION_ENDING}`);
  files.rename(path, `${path}${DELETION_ENDING}`);
  files.syncDirectory(directory);
  files.remove(`${path}${DELETION_ENDING}`);
}

/** One block on disk: meta.json, index, chunk segments, tombstones. */
import { OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';
import { type IndexReader, openIndex } from '../index/index-reader.ts';
import type { PageCache } from '../page-cache.ts';
import { type BlockMeta, readBlockMeta } from './meta.ts';
import type { ReadCache } from './read-cache.ts';
import { Segments } from './segments.ts';
import { readTombstones, type Tombstones } from './tombstones.ts';

export interface Block extends Disposable {
  readonly directory: string;
  readonly meta: BlockMeta;
  readonly index: IndexReader;
  readonly segments: Segments;
  readonly tombstones: Tombstones;
}

/** What all blocks of a process share. */
export interface BlockCaches {
  /** Of index files. */
  readonly pages: PageCache;
  /** Of chunk segments. */
  readonly reads: ReadCache;
}

/** Throws OperationError 'not-found' or 'corrupt', naming the file. Disposing closes its files. */
export function openBlock(files: FileSystem, directory: string, caches: BlockCaches): Block {
  const meta = readBlockMeta(files, directory);
  const tombstones = readTombstones(files, directory);
  using opened = new DisposableStack();
  const index = opened.use(openIndex(files, `${directory}/index`, caches.pages));
  const segments = opened.use(new Segments(files, `${directory}/chunks`, caches.reads));
  const held = opened.move();
  return {
    directory,
    meta,
    index,
    segments,
    tombstones,
    [Symbol.dispose]: () => held.dispose(),
  };
}

/** Whether the block may hold samples within the times, both inclusive. */
export function overlaps({ meta }: Pick<Block, 'meta'>, minTime: number, maxTime: number): boolean {
  return meta.minTime <= maxTime && meta.maxTime > minTime;
}

/** Puts the block's directory before an error of reading it. */
export function ofBlock<T>(block: Block, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    throw new OperationError(error.kind, `cannot query block ${block.directory}`, { cause: error });
  }
}

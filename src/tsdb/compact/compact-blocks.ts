/**
 * Makes one block of several and leaves them where they are: the new one names them as its parents, and whoever loads
 * the directory removes parents of what it has loaded. So a crash at any moment leaves the old blocks or both.
 */
import { OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';
import type { Kernel } from '../../base/kernel.ts';
import { writeBlock } from '../block/block-writer.ts';
import { type BlockMeta, NO_STATS, readBlockMeta, writeBlockMeta } from '../block/meta.ts';
import type { Steps } from '../index/index-writer.ts';
import { MergedBlocks } from './merged-blocks.ts';

/** Plain data: it may be sent to a worker. */
export interface CompactionTask {
  /** Of all blocks. */
  readonly directory: string;
  /** Of the new block. */
  readonly ulid: string;
  /** ULIDs, ascending in time. */
  readonly parents: readonly string[];
  /** `clean`: a single block only loses what is deleted from it, and keeps its level. */
  readonly purpose: 'merge' | 'clean';
}

export interface CompactionTools {
  readonly files: FileSystem;
  /** Nobody else's. */
  readonly kernel: Kernel;
}

/**
 * Gives the new block; undefined where nothing is left of the old ones, which are marked to be removed. Throws
 * OperationError. Blocks that cannot be read are marked, so that they are not tried again and again.
 */
export function* compactBlocks(
  { files, kernel }: CompactionTools,
  task: CompactionTask,
): Steps<BlockMeta | undefined> {
  const { directory, parents } = task;
  const directories = parents.map((ulid) => `${directory}/${ulid}`);
  const mark = (notes: Partial<BlockMeta['compaction']>): void => {
    for (const path of directories) {
      const meta = readBlockMeta(files, path);
      const compaction = { ...meta.compaction, ...notes };
      writeBlockMeta(files, path, { ...meta, compaction });
    }
  };
  try {
    const metas = directories.map((path) => readBlockMeta(files, path));
    const meta = combineMetas(task, metas);
    const range = { minTime: meta.minTime, maxTime: meta.maxTime - 1 };
    using source = new MergedBlocks({ files, directories, kernel, range });
    const written = yield* writeBlock({ files, directory, source, meta, kernel });
    if (written === undefined) mark({ deletable: true });
    return written;
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    if (task.purpose === 'merge' && error.kind === 'corrupt') mark({ failed: true });
    const names = parents.join(', ');
    throw new OperationError(error.kind, `cannot compact blocks ${names}`, { cause: error });
  }
}

function combineMetas({ ulid, purpose }: CompactionTask, metas: readonly BlockMeta[]): BlockMeta {
  const sources = new Set(metas.flatMap(({ compaction }) => compaction.sources));
  const [first] = metas;
  const hints = (first?.compaction.hints ?? []).filter((hint) =>
    metas.every(({ compaction }) => compaction.hints.includes(hint)),
  );
  const levels = metas.map(({ compaction }) => compaction.level);
  return {
    ulid,
    minTime: Math.min(...metas.map(({ minTime }) => minTime)),
    maxTime: Math.max(...metas.map(({ maxTime }) => maxTime)),
    stats: NO_STATS,
    compaction: {
      level: purpose === 'clean' ? Math.max(...levels) : Math.max(...levels) + 1,
      sources: [...sources].sort(),
      parents: metas.map((meta) => ({
        ulid: meta.ulid,
        minTime: meta.minTime,
        maxTime: meta.maxTime,
      })),
      deletable: false,
      failed: false,
      hints,
    },
    document: {},
  };
}

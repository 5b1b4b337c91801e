/**
 * A database in a directory: a head with its log, blocks, and the work that makes the one into the others. Everything here
 * belongs to one thread and is synchronous but for what takes many steps; readers in other threads open blocks by
 * themselves (live-blocks.ts) and ask the head by messages (head-queryable.ts).
 */
import type { Clock } from '../base/clock.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { Kernel } from '../base/kernel.ts';
import type { Random } from '../base/random.ts';
import { compileMatcher, type Matcher } from '../model/matcher.ts';
import type { Appender } from '../storage/appender.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { BlockMeta } from './block/meta.ts';
import { BlockList, type BlockName } from './block-list.ts';
import type { CompactionWorker } from './compact/compaction-worker.ts';
import type { DbOptions } from './db-options.ts';
import { type DbStats, dbStats } from './db-stats.ts';
import type { Head } from './head/head.ts';
import { HeadStore } from './head-store.ts';
import { Maintenance } from './maintenance.ts';
import type { Retention } from './retention.ts';
import type { ReplayProgress } from './wal/wal.ts';

export interface DbParts {
  readonly files: FileSystem;
  /** Made if it is not there. */
  readonly directory: string;
  /** Head and log live in its memory. */
  readonly kernel: Kernel;
  /** Another one, for writing a block: it is forgotten afterwards. */
  readonly openKernel: () => Kernel;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly options: DbOptions;
  /** Compacts blocks in a thread of its own; without it they are compacted here, in steps. */
  readonly worker?: CompactionWorker;
  /** Told after each segment of the log that was replayed. */
  readonly onReplay?: (progress: ReplayProgress) => void;
}

export interface Db {
  /** For readers, exemplars and figures of the head. */
  readonly head: Head;
  /** Ascending by minTime. */
  readonly blocks: readonly BlockMeta[];
  /** The blocks of this moment, for readers in other threads: files of others stay for another minute. */
  readonly blockNames: readonly BlockName[];
  /** One at a time. */
  appender(): Appender;
  /**
   * Does background work for about the given time; false when nothing is due. To be called again at once while it is true,
   * at least each second otherwise, and soon after any of the calls below, which are settled by it.
   */
  step(budgetMs: number): boolean;
  /** Deletes samples, both times inclusive, of series that all matchers accept. Rejects with OperationError. */
  deleteSeries(matchers: readonly Matcher[], minTime: number, maxTime: number): Promise<void>;
  /** Writes all blocks anew from which something was deleted. */
  cleanTombstones(): Promise<void>;
  /** Gives the name of a new directory below `snapshots`, which has all blocks and perhaps one of the head. */
  snapshot(options: { readonly withHead: boolean }): Promise<string>;
  /** Makes blocks of all that is in the head now. */
  persistHead(): Promise<void>;
  setRetention(retention: Retention): void;
  stats(): DbStats;
  /** Leaves what is not finished: the next start goes on with it. */
  close(): Promise<void>;
}

/**
 * Opens or makes a database; takes as long as reading the log takes. Throws OperationError: 'unavailable' when another
 * process has it or the disk fails, 'corrupt' for blocks that cannot be read.
 */
export function openDb(parts: DbParts): Db {
  const { files, directory, clock, log, random, options } = parts;
  files.makeDirectory(directory);
  using opened = new DisposableStack();
  let wasCleanStart: boolean | undefined;
  if (options.lockFile) {
    const lock = opened.use(files.lock(`${directory}/lock`));
    wasCleanStart = !lock.wasLeft;
    if (lock.wasLeft) log.warn('the last process did not end properly', { lock: directory });
  }
  const blocks = new BlockList({ files, directory, clock, log });
  const store = opened.use(openHead(parts, blocks.metas));
  const { minBlockMs, maxBlockMs, retention } = options;
  const maintenance = new Maintenance({
    ...{ files, directory, clock, random, log, blocks },
    head: store,
    openKernel: parts.openKernel,
    worker: parts.worker,
    ...{ retention, minBlockMs, maxBlockMs },
  });
  const held = opened.move();
  return {
    head: store.head,
    get blocks() {
      return blocks.metas;
    },
    get blockNames() {
      return blocks.names;
    },
    appender: () => store.head.appender(),
    step: (budgetMs) => maintenance.step(budgetMs),
    deleteSeries: (matchers, minTime, maxTime) =>
      maintenance.deleteSeries({ matchers: matchers.map(compileMatcher), minTime, maxTime }),
    cleanTombstones: () => maintenance.cleanTombstones(),
    async snapshot({ withHead }) {
      const name = snapshotName(clock, random);
      await maintenance.snapshot(`${directory}/snapshots/${name}`, withHead);
      return name;
    },
    persistHead: () => maintenance.persistHead(),
    setRetention: (changed) => maintenance.configure(changed),
    stats: () => dbStats({ store, blocks, maintenance, wasCleanStart }),
    async close() {
      await maintenance.close();
      blocks.close();
      held.dispose();
    },
  };
}

function openHead(parts: DbParts, metas: readonly BlockMeta[]): HeadStore {
  const { files, directory, kernel, clock, log, options, onReplay } = parts;
  const ends = metas.filter(isWhole).map(({ maxTime }) => maxTime);
  return new HeadStore({
    ...{ files, directory, kernel, clock, log, options },
    minValidTime: Math.max(Number.NEGATIVE_INFINITY, ...ends),
    onReplay: onReplay ?? (() => undefined),
  });
}

/** Whether all samples of its time are in the block: of others some are still in the log. */
function isWhole({ compaction }: BlockMeta): boolean {
  return compaction.hints.length === 0;
}

/** As Prometheus names them: time of the day and chance. */
function snapshotName(clock: Clock, random: Random): string {
  const time = new Date(clock.nowMs()).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${time}-${Buffer.from(random.bytes(8)).toString('hex')}`;
}

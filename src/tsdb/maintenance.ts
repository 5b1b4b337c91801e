/**
 * What a database does in the background, in slices: the head becomes blocks, blocks become longer ones, what is too
 * old goes; and what is asked of it that takes long: deletions, cleaning up after them, snapshots.
 */
import type { Clock } from '../base/clock.ts';
import { errorText, OperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { Kernel } from '../base/kernel.ts';
import type { Random } from '../base/random.ts';
import { makeUlid } from '../base/ulid.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type BlockSource, writeBlock } from './block/block-writer.ts';
import { type BlockMeta, NO_STATS } from './block/meta.ts';
import type { BlockList } from './block-list.ts';
import { type CompactionTask, compactBlocks } from './compact/compact-blocks.ts';
import type { CompactionWorker } from './compact/compaction-worker.ts';
import { blockRanges, planCompaction } from './compact/plan.ts';
import { removeBlock } from './data-directory.ts';
import { type DeleteRequest, deleteFromBlock } from './delete-series.ts';
import type { Steps } from './index/index-writer.ts';
import { type Retention, retentionOn } from './retention.ts';
import { linkBlock } from './snapshot.ts';

const RELOAD_MS = 60_000;
const BACKOFF_MS_MIN = 1000;
const BACKOFF_MS_MAX = 60_000;
/** The head becomes a block when it is longer than this many blocks: late samples of the first are in by then. */
const HEAD_BLOCKS = 1.5;

/** The head as maintenance sees it. */
export interface HeadPart {
  /** Of its samples; Infinity when there are none. */
  readonly minTime: number;
  /** −Infinity when there are none. */
  readonly maxTime: number;
  /** What it takes on the disk. */
  readonly diskBytes: number;
  /** Series with samples in the range, both ends inclusive. The kernel's arena may be used until the block is written. */
  blockSource(minTime: number, maxTime: number, kernel: Kernel): Steps<BlockSource & Disposable>;
  /** Takes no samples before the time from now on. */
  seal(minTime: number): void;
  /** Forgets samples before the time, which are in a block now. */
  truncate(minTime: number): Steps;
  delete(request: DeleteRequest): Steps;
  /** Removes files that have not been needed for a while. */
  sweep(): void;
}

export interface MaintenanceOptions {
  readonly files: FileSystem;
  /** The data directory. */
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly head: HeadPart;
  readonly blocks: BlockList;
  /** A kernel for writing a block, which is forgotten afterwards. */
  readonly openKernel: () => Kernel;
  readonly worker: CompactionWorker | undefined;
  readonly retention: Retention;
  readonly minBlockMs: number;
  readonly maxBlockMs: number;
}

export interface MaintenanceCounters {
  /** Of the head as well. */
  compactions: number;
  compactionsFailed: number;
  /** Seconds of the last one, from the first step to the last. */
  lastCompactionSeconds: number;
}

interface Job {
  readonly steps: () => Steps<unknown>;
  readonly settle: PromiseWithResolvers<unknown>;
}

export class Maintenance {
  readonly #options: MaintenanceOptions;
  readonly #ranges: readonly number[];
  readonly #jobs: Job[] = [];
  #retention: Retention;
  #work: Steps<unknown> | undefined;
  #isWorkerBusy = false;
  #nextReloadMs: number;
  #resumeMs = 0;
  #backoffMs = 0;
  /** Blocks have changed since it was last looked whether some can be joined. */
  #mayCompact = true;
  readonly counters: MaintenanceCounters = {
    compactions: 0,
    compactionsFailed: 0,
    lastCompactionSeconds: 0,
  };

  constructor(options: MaintenanceOptions) {
    this.#options = options;
    this.#ranges = blockRanges(
      options.minBlockMs,
      Math.max(options.minBlockMs, options.maxBlockMs),
    );
    this.#retention = options.retention;
    this.#nextReloadMs = options.clock.monotonicMs() + RELOAD_MS;
  }

  /**
   * Works for about the given time; false when nothing is due. Trouble with the disk or with damaged blocks is logged
   * and tried again later.
   */
  step(budgetMs: number): boolean {
    const { clock } = this.#options;
    const end = clock.monotonicMs() + budgetMs;
    do {
      this.#work ??= this.#nextWork();
      if (this.#work === undefined) return false;
      if (this.#work.next().done === true) this.#work = undefined;
    } while (clock.monotonicMs() < end);
    return true;
  }

  /** Settled when steps have deleted. */
  async deleteSeries(request: DeleteRequest): Promise<void> {
    await this.#enqueue(() => this.#delete(request));
  }

  /** Settled when steps have written all blocks with deletions anew. */
  async cleanTombstones(): Promise<void> {
    await this.#enqueue(() => this.#clean());
  }

  /** Settled when steps have linked all blocks into the directory and, if asked for, written the head there. */
  async snapshot(directory: string, withHead: boolean): Promise<void> {
    await this.#enqueue(() => this.#snapshot(directory, withHead));
  }

  /** Settled when steps have turned all samples of the head into blocks. */
  async persistHead(): Promise<void> {
    await this.#enqueue(() => this.#persistAll());
  }

  configure(retention: Retention): void {
    this.#retention = retention;
    this.#nextReloadMs = 0;
  }

  /** Leaves what is not finished: it is redone, or its remains are removed, at the next start. */
  async close(): Promise<void> {
    this.#work?.return(undefined);
    this.#work = undefined;
    const closed = new OperationError('unavailable', 'the storage is being closed');
    for (const { settle } of this.#jobs.splice(0)) settle.reject(closed);
    await this.#options.worker?.stop();
  }

  #enqueue(steps: () => Steps<unknown>): Promise<unknown> {
    const settle = Promise.withResolvers<unknown>();
    this.#jobs.push({ steps, settle });
    return settle.promise;
  }

  #nextWork(): Steps<unknown> | undefined {
    const { clock, blocks, head } = this.#options;
    const now = clock.monotonicMs();
    // Jobs change blocks that a worker may be reading.
    if (!this.#isWorkerBusy) {
      const job = this.#jobs.shift();
      if (job !== undefined) return this.#doJob(job);
    }
    blocks.sweep();
    head.sweep();
    if (now < this.#resumeMs) return undefined;
    if (this.#isHeadLong()) return this.#guarded(() => this.#persistLong());
    if (now >= this.#nextReloadMs) return this.#guarded(() => this.#reload());
    if (!this.#mayCompact || this.#isWorkerBusy) return undefined;
    return this.#guarded(() => this.#compact());
  }

  *#doJob({ steps, settle }: Job): Steps {
    try {
      settle.resolve(yield* steps());
    } catch (error) {
      settle.reject(error);
      if (!(error instanceof OperationError)) throw error;
    } finally {
      settle.reject(new OperationError('unavailable', 'the storage is being closed'));
    }
  }

  /** Operating errors are logged, and nothing is done for a while. */
  *#guarded(steps: () => Steps): Steps {
    try {
      yield* steps();
      this.#backoffMs = 0;
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      this.#fail(error);
    }
  }

  #fail(error: OperationError): void {
    const { log, clock } = this.#options;
    this.counters.compactionsFailed++;
    this.#backoffMs = Math.min(BACKOFF_MS_MAX, Math.max(BACKOFF_MS_MIN, 2 * this.#backoffMs));
    this.#resumeMs = clock.monotonicMs() + this.#backoffMs;
    log.error('maintenance of the storage failed', { err: errorText(error) });
  }

  #isHeadLong(): boolean {
    const { head, minBlockMs } = this.#options;
    return head.maxTime - head.minTime > HEAD_BLOCKS * minBlockMs;
  }

  *#persistLong(): Steps {
    while (this.#isHeadLong()) {
      const { head, minBlockMs } = this.#options;
      yield* this.#persist(rangeEnd(head.minTime, minBlockMs));
    }
  }

  *#persistAll(): Steps {
    const { head, minBlockMs } = this.#options;
    while (head.minTime <= head.maxTime) {
      yield* this.#persist(Math.min(rangeEnd(head.minTime, minBlockMs), head.maxTime + 1));
    }
  }

  /** The head's samples before a time become a block. */
  *#persist(end: number): Steps {
    const { clock, log, head } = this.#options;
    const started = clock.monotonicMs();
    head.seal(end);
    const meta = yield* this.#writeHead(this.#options.directory, end);
    yield* this.#reloadWith(meta);
    const tookMs = clock.monotonicMs() - started;
    this.#countCompaction(tookMs);
    if (meta !== undefined) log.info('wrote a block of the head', fieldsOf(meta, tookMs));
    yield* head.truncate(end);
  }

  *#writeHead(directory: string, end: number): Steps<BlockMeta | undefined> {
    const { files, clock, random, head, openKernel } = this.#options;
    const { minTime } = head;
    const ulid = makeUlid(clock.nowMs(), random);
    const compaction = {
      level: 1,
      sources: [ulid],
      parents: [],
      deletable: false,
      failed: false,
      hints: [],
    };
    const meta = { ulid, minTime, maxTime: end, stats: NO_STATS, compaction, document: {} };
    const kernel = openKernel();
    using source = yield* head.blockSource(minTime, end - 1, kernel);
    return yield* writeBlock({ files, directory, source, meta, kernel });
  }

  /** A new block that the list does not take must not stay: it would be made again and again. */
  *#reloadWith(added: BlockMeta | undefined): Steps {
    try {
      yield* this.#reload();
    } catch (error) {
      const { files, directory } = this.#options;
      if (added !== undefined) removeBlock(files, directory, added.ulid);
      throw error;
    }
  }

  *#reload(): Steps {
    const { files, directory, blocks, clock, head } = this.#options;
    this.#nextReloadMs = clock.monotonicMs() + RELOAD_MS;
    this.#mayCompact = true;
    const retention = retentionOn(files.diskBytes(directory), this.#retention);
    blocks.reload(retention, head.diskBytes);
    yield;
  }

  /** Joins the blocks that are due, until none are. */
  *#compact(): Steps {
    const { blocks, worker } = this.#options;
    for (;;) {
      const [...planned] = planCompaction(blocks.metas, this.#ranges);
      if (planned.length === 0) {
        this.#mayCompact = false;
        return;
      }
      const task = this.#task(planned, 'merge');
      if (worker !== undefined) {
        this.#delegate(worker, task);
        return;
      }
      yield* this.#compactHere(task);
    }
  }

  *#compactHere(task: CompactionTask): Steps {
    const { files, openKernel, clock, log } = this.#options;
    const started = clock.monotonicMs();
    const meta = yield* compactBlocks({ files, kernel: openKernel() }, task);
    yield* this.#reloadWith(meta);
    const tookMs = clock.monotonicMs() - started;
    this.#countCompaction(tookMs);
    const { parents } = task;
    if (meta === undefined) log.info('nothing is left of compacted blocks', { parents });
    else log.info('compacted blocks', { parents, ...fieldsOf(meta, tookMs) });
  }

  #countCompaction(tookMs: number): void {
    this.counters.compactions++;
    this.counters.lastCompactionSeconds = tookMs / 1000;
  }

  #delegate(worker: CompactionWorker, task: CompactionTask): void {
    const { clock, log } = this.#options;
    const started = clock.monotonicMs();
    this.#isWorkerBusy = true;
    const finish = (error: unknown): void => {
      this.#isWorkerBusy = false;
      this.#nextReloadMs = 0;
      this.#countCompaction(clock.monotonicMs() - started);
      if (error instanceof OperationError) this.#fail(error);
      else if (error !== undefined) throw error;
      else log.info('compacted blocks', { parents: task.parents, ulid: task.ulid });
    };
    worker.run(task).then(() => finish(undefined), finish);
  }

  #task(blocks: readonly BlockMeta[], purpose: CompactionTask['purpose']): CompactionTask {
    const { directory, clock, random } = this.#options;
    const ulid = makeUlid(clock.nowMs(), random);
    return { directory, ulid, parents: blocks.map((meta) => meta.ulid), purpose };
  }

  *#delete(request: DeleteRequest): Steps {
    const { files, directory, blocks, head } = this.#options;
    for (const { ulid } of blocks.metas) {
      if (yield* deleteFromBlock(files, `${directory}/${ulid}`, request)) blocks.touch(ulid);
      yield;
    }
    yield* head.delete(request);
    yield* this.#reload();
  }

  *#clean(): Steps {
    const { blocks } = this.#options;
    for (const meta of blocks.metas) {
      if (meta.stats.numTombstones === 0) continue;
      yield* this.#compactHere(this.#task([meta], 'clean'));
    }
  }

  *#snapshot(target: string, withHead: boolean): Steps {
    const { files, directory, blocks, head } = this.#options;
    files.makeDirectory(target);
    for (const { ulid } of blocks.metas) {
      linkBlock(files, `${directory}/${ulid}`, `${target}/${ulid}`);
      yield;
    }
    if (withHead && head.minTime <= head.maxTime) yield* this.#writeHead(target, head.maxTime + 1);
    files.syncDirectory(target);
  }
}

/** Where the aligned range that holds the time ends. */
function rangeEnd(time: number, rangeMs: number): number {
  return (Math.floor(time / rangeMs) + 1) * rangeMs;
}

function fieldsOf(meta: BlockMeta, durationMs: number): Readonly<Record<string, unknown>> {
  const { ulid, minTime, maxTime, stats } = meta;
  return {
    ulid,
    mint: minTime,
    maxt: maxTime,
    series: stats.numSeries,
    samples: stats.numSamples,
    durationMs: Math.round(durationMs),
  };
}

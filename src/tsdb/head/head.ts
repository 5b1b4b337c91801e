/**
 * The newest samples of a database: series in memory, whose full chunks lie in chunks_head, and which are all in the
 * write-ahead log. One owner in one thread; readers in others ask by messages (head-queryable.ts). All calls are
 * synchronous and short; what takes long comes as steps.
 *
 * To open one that is on the disk: scan chunks_head into a ChunkCatalog, open the log, with the same kernel, and the writer
 * of chunks, make the head, seal it up to where the blocks end, let `replay` use the catalog, let the log replay into
 * `replay`, finish.
 */
import type { Kernel } from '../../base/kernel.ts';
import type { CompiledMatcher, Matcher } from '../../model/matcher.ts';
import type { Appender } from '../../storage/appender.ts';
import type { Interval } from '../block/tombstones.ts';
import { mergeIntervals } from '../block/tombstones.ts';
import { ExemplarRing, type SeriesExemplars } from './exemplar-ring.ts';
import { HeadAppender } from './head-appender.ts';
import { HeadBatch } from './head-batch.ts';
import { HeadHistograms } from './head-histograms.ts';
import { selectSeries } from './head-index.ts';
import { type HeadChunkFiles, HeadMemory } from './head-memory.ts';
import {
  clampTime,
  type HeadCounters,
  type HeadLog,
  type HeadParts,
  headTimes,
  newCounters,
} from './head-parts.ts';
import type { HeadRequest } from './head-protocol.ts';
import { HeadReplay, type ReplayLosses } from './head-replay.ts';
import { type HeadCardinality, type HeadStats, headCardinality, headStats } from './head-stats.ts';
import { type HeadAnswer, readHead } from './read-head.ts';

export interface HeadOptions {
  /** Of its memory the head takes what it needs, and never gives it back. */
  readonly kernel: Kernel;
  readonly chunkFiles: HeadChunkFiles;
  readonly log: HeadLog;
  /** Range of the blocks that the head becomes; chunks do not cross multiples of it. Default 2 h. */
  readonly chunkRangeMs?: number;
  /** Default 0: none are kept. */
  readonly maxExemplars?: number;
  /** For open chunks of native histograms, which lie outside of the kernel's memory. Default 256 MiB. */
  readonly histogramBudgetBytes?: number;
}

/** Samples of the series that matchers accept, both times inclusive. */
export interface HeadDeletion {
  readonly matchers: readonly CompiledMatcher[];
  readonly minTime: number;
  readonly maxTime: number;
}

const CHUNK_RANGE_MS = 7_200_000;
const HISTOGRAM_BUDGET_BYTES = 256 << 20;
/** Entries of posting lists that one step of a truncation looks at. */
const SWEEP_ENTRIES = 50_000;

export class Head {
  readonly #parts: HeadParts;
  readonly #appender: HeadAppender;
  readonly #replay: HeadReplay;
  /** By ref in the log: time up to which records of a series that has ended, or of an alias, are kept. */
  readonly #keptUntil = new Map<number, number>();
  #oldestFile = 0;

  constructor(options: HeadOptions) {
    const { kernel, chunkFiles, log, chunkRangeMs = CHUNK_RANGE_MS } = options;
    const memory = new HeadMemory({ kernel, chunkFiles, chunkRangeMs });
    const budgetBytes = options.histogramBudgetBytes ?? HISTOGRAM_BUDGET_BYTES;
    this.#parts = {
      memory,
      batch: new HeadBatch(memory),
      histograms: new HeadHistograms(memory, chunkRangeMs, budgetBytes),
      exemplars: new ExemplarRing(options.maxExemplars ?? 0),
      log,
      metadata: new Map(),
      deleted: new Map(),
      counters: newCounters(),
      chunkRangeMs,
      minValidTime: -Infinity,
    };
    this.#appender = new HeadAppender(this.#parts);
    this.#replay = new HeadReplay(this.#parts);
  }

  /** For the files of the head: what it consists of. */
  get parts(): HeadParts {
    return this.#parts;
  }

  /** Takes what chunks_head and the log hold, before anything is appended. */
  get replay(): HeadReplay {
    return this.#replay;
  }

  /** After the last record of the log. */
  finishReplay(): ReplayLosses {
    const { maxTime } = headTimes(this.#parts);
    for (const ref of this.#replay.finish()) this.#keptUntil.set(ref, maxTime);
    return this.#replay.losses;
  }

  get counters(): Readonly<HeadCounters> {
    return this.#parts.counters;
  }

  /** Of its samples, in milliseconds; Infinity when there are none. */
  get minTime(): number {
    return headTimes(this.#parts).minTime;
  }

  /** −Infinity when there are none. */
  get maxTime(): number {
    return headTimes(this.#parts).maxTime;
  }

  /** The only one; it is empty. */
  appender(): Appender {
    this.#parts.counters.appendersCreated++;
    this.#appender.rollback();
    return this.#appender;
  }

  /** Answers a reader. The request comes from a HeadQueryable. */
  read(request: HeadRequest): HeadAnswer {
    return readHead(this.#parts, request);
  }

  exemplars(
    selectors: readonly (readonly Matcher[])[],
    minTime: number,
    maxTime: number,
  ): SeriesExemplars[] {
    return this.#parts.exemplars.select(selectors, minTime, maxTime);
  }

  resizeExemplars(capacity: number): void {
    this.#parts.exemplars.resize(capacity);
  }

  /** Takes no samples before the time from now on. */
  seal(minTime: number): void {
    this.#parts.minValidTime = Math.max(this.#parts.minValidTime, minTime);
  }

  /**
   * Forgets samples before a time, which are in a block: chunks that end before it, and series without newer samples.
   * Samples in open chunks that reach over the time stay.
   */
  *truncate(minTime: number): Generator<void, void> {
    const { memory, histograms, metadata, deleted, counters } = this.#parts;
    this.seal(minTime);
    const { maxTime } = headTimes(this.#parts);
    const time = clampTime(minTime);
    for (let from: number | undefined = 0; from !== undefined; ) {
      from = memory.truncate(time, from, ({ slot, handle, ref }) => {
        histograms.forget(slot);
        metadata.delete(handle);
        deleted.delete(handle);
        this.#keptUntil.set(ref, maxTime);
        counters.seriesRemoved++;
      });
      yield;
    }
    const { exports } = memory.kernel;
    const first = clampTime(histograms.minTime);
    this.#oldestFile = exports.headEndTruncation(memory.head, first) >>> 0;
    this.#dropIntervals(minTime);
    for (const [ref, until] of this.#keptUntil) if (until < minTime) this.#keptUntil.delete(ref);
    counters.truncations++;
    while (!memory.sweep(SWEEP_ENTRIES)) yield;
  }

  /** Files of chunks_head with a lower number are needed no more since the last truncation. */
  get oldestFile(): number {
    return this.#oldestFile;
  }

  /**
   * Whether a checkpoint of the log keeps records of a series, as of now: of those that live, and of others as long as
   * their samples may be in later segments.
   */
  keeper(): (ref: number) => boolean {
    const { kernel, head } = this.#parts.memory;
    const { exports } = kernel;
    const refs = new Float64Array(exports.headLive(head) >>> 0);
    let count = 0;
    for (let slot = 0; slot < exports.headSlots(head) >>> 0 && count < refs.length; slot++) {
      if (exports.headIsAlive(head, slot) !== 0) refs[count++] = exports.headRef(head, slot);
    }
    refs.sort();
    const kept = new Set(this.#keptUntil.keys());
    return (ref) => kept.has(ref) || includes(refs, ref);
  }

  /** Marks samples as deleted: readers and blocks leave them out. Throws OperationError when it cannot be logged. */
  delete({ matchers, minTime, maxTime }: HeadDeletion): number {
    const { memory, deleted, log } = this.#parts;
    const { kernel, head } = memory;
    const times = headTimes(this.#parts);
    const from = Math.max(minTime, times.minTime);
    const slots = from > maxTime ? new Uint32Array(0) : selectSeries(memory, matchers);
    const added: { handle: number; ref: number; interval: Interval }[] = [];
    for (const slot of slots) {
      const to = Math.min(maxTime, kernel.exports.headLastTime(head, slot));
      if (to < from) continue;
      const handle = kernel.exports.headHandle(head, slot);
      const interval = { minTime: from, maxTime: to };
      added.push({ handle, ref: kernel.exports.headRef(head, slot), interval });
    }
    log.log({ tombstones: added.map(({ ref, interval }) => ({ ref, ...interval })) });
    for (const { handle, interval } of added) {
      deleted.set(handle, mergeIntervals([...(deleted.get(handle) ?? []), interval]));
    }
    return added.length;
  }

  /** For metrics. */
  stats(): HeadStats {
    return headStats(this.#parts);
  }

  /** Which labels make the head large: the `limit` largest of each kind. */
  cardinality(limit: number): HeadCardinality {
    return headCardinality(this.#parts, limit);
  }

  /** Writes the full chunks that are not written yet. */
  flush(): void {
    this.#parts.memory.flush();
  }

  #dropIntervals(minTime: number): void {
    const { deleted } = this.#parts;
    for (const [handle, intervals] of deleted) {
      const kept = intervals.filter((interval) => interval.maxTime >= minTime);
      if (kept.length === 0) deleted.delete(handle);
      else if (kept.length < intervals.length) deleted.set(handle, kept);
    }
  }
}

function includes(sorted: Float64Array, wanted: number): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === wanted;
}

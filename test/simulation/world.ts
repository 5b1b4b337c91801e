/** All that lives in one history, made from its seed. */
import xxhash from 'xxhash-wasm';
import { Kernel } from '../../src/base/kernel.ts';
import { KernelPool } from '../../src/base/kernel-pool.ts';
import { type Random, seededRandom } from '../../src/base/random.ts';
import type { FaultyFiles } from '../../src/base/testing/faulty-files.ts';
import type { ScrapeConfig } from '../../src/scrape/scrape-config.ts';
import { scrapeConfig } from '../../src/scrape/testing/scrape-config.ts';
import type { Appender } from '../../src/storage/appender.ts';
import type { Hash64 } from '../../src/storeapi/source-shard.ts';
import { SimulatedClock } from './clock.ts';
import { DbStore } from './db-store.ts';
import { SimulatedNetwork } from './network.ts';
import { type Ask, createQuerier, type RangeAnswer } from './querier.ts';
import { Replica } from './replica.ts';
import { startSidecar } from './sidecar.ts';
import { Target } from './target.ts';
import type { WireAnswer } from './wire.ts';

export interface Counts {
  scrapes: number;
  failedScrapes: number;
  samples: number;
  deaths: number;
  damages: number;
  deletions: number;
  /** Of targets: counters that began anew, pages that were late, cut or torn, series and whole targets that were gone. */
  resets: number;
  badPages: number;
  absences: number;
  queries: number;
  partialAnswers: number;
  /** That are there in the end. */
  blocks: number;
}

export function noCounts(): Counts {
  return {
    scrapes: 0,
    failedScrapes: 0,
    samples: 0,
    deaths: 0,
    damages: 0,
    deletions: 0,
    resets: 0,
    badPages: 0,
    absences: 0,
    queries: 0,
    partialAnswers: 0,
    blocks: 0,
  };
}

/** Where a saboteur lays hands on a system that is sound without it. */
export interface Sabotage {
  readonly neverDeduplicates?: boolean;
  readonly ignoresDeletions?: boolean;
  /** What scrapes write through. */
  wrapAppender?(appender: Appender): Appender;
  /** What the querier gives instead of an answer that was merged. */
  changeMerged?(answer: RangeAnswer, replicas: readonly Replica[]): RangeAnswer;
  /** Called between a death and the restart. */
  onRestart?(files: FaultyFiles): void;
  /** Called after a bit of a segment of the log was flipped. */
  onRot?(files: FaultyFiles, path: string): void;
}

/** Kernels are costly to make: these serve all histories, one after the other. */
export class Kernels {
  readonly pages: Kernel;
  readonly queries: Kernel;
  /** For blocks while they are written: one at a time. */
  readonly blocks: Kernel;
  /** For chunks while they are read, of each replica. */
  readonly reads: readonly KernelPool[];
  /** For the heads of the replicas. */
  readonly heads: readonly Kernel[];
  readonly sidecars: readonly Kernel[];
  readonly hash: Hash64;
  readonly #marks: ReadonlyMap<Kernel, number>;

  private constructor(module: WebAssembly.Module, hash: Hash64) {
    this.hash = hash;
    const make = (): Kernel => new Kernel(module, KERNEL_BYTES);
    this.pages = make();
    this.queries = make();
    this.blocks = make();
    this.reads = [new KernelPool(make), new KernelPool(make)];
    this.heads = [make(), make()];
    this.sidecars = [make(), make()];
    const all = [this.pages, this.queries, this.blocks, ...this.heads, ...this.sidecars];
    this.#marks = new Map(all.map((kernel) => [kernel, kernel.arena.mark()]));
  }

  static async make(module: WebAssembly.Module): Promise<Kernels> {
    return new Kernels(module, (await xxhash()).h64Raw);
  }

  /** The kernel as if it were new: whoever had it before has no use for it any more. */
  anew(kernel: Kernel): Kernel {
    kernel.arena.release(this.#marks.get(kernel) ?? 0);
    return kernel;
  }

  clear(): void {
    for (const kernel of this.#marks.keys()) this.anew(kernel);
  }
}

export interface HistoryOptions {
  readonly seed: number;
  readonly kernels: Kernels;
  readonly counts: Counts;
  readonly sabotage?: Sabotage;
}

export interface World {
  readonly random: Random;
  readonly clock: SimulatedClock;
  readonly network: SimulatedNetwork;
  readonly targets: readonly Target[];
  readonly intervalMs: number;
  readonly replicas: readonly Replica[];
  readonly ask: Ask;
  /** What the sidecars sent since it was emptied. */
  readonly wire: WireAnswer[];
  readonly counts: Counts;
  readonly sabotage: Sabotage;
  readonly startMs: number;
  /** Chaos ends then. */
  readonly endMs: number;
  /** A whole number from 0 on. */
  below(limit: number): number;
}

const KERNEL_BYTES = 64 << 20;
const START_MS = 1_800_000_000_000;
const ROUNDS = 24;
/** So that some histories make blocks, and some blocks are joined. */
const BLOCK_INTERVALS = 6;
const INTERVALS_MS = [15_000, 60_000];

export function makeWorld({ seed, kernels, counts, sabotage = {} }: HistoryOptions): World {
  kernels.clear();
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random.next() * limit);
  const clock = new SimulatedClock(START_MS);
  const network = new SimulatedNetwork(clock, random);
  const intervalMs = INTERVALS_MS[below(INTERVALS_MS.length)];
  const targets = makeTargets(below);
  const blockMs = BLOCK_INTERVALS * intervalMs;
  const replicas = ['A', 'B'].map(
    (name, i) =>
      new Replica({
        name,
        targets,
        scrapeConfig: configOf(intervalMs),
        keptMs: blockMs / 2,
        clock,
        random,
        network,
        pageKernel: kernels.pages,
        openStore: (files) =>
          new DbStore({
            files,
            clock,
            random,
            blockMs,
            kernel: kernels.anew(kernels.heads[i]),
            openKernel: () => kernels.anew(kernels.blocks),
            readKernels: kernels.reads[i],
          }),
        wrapAppender: (appender) => sabotage.wrapAppender?.(appender) ?? appender,
        count(what, by = 1) {
          counts[what] += by;
        },
      }),
  );
  const { hash } = kernels;
  const wire: WireAnswer[] = [];
  const stores = replicas.map((replica, i) =>
    startSidecar({
      replica,
      network,
      clock,
      hash,
      wire,
      reads: kernels.reads[i],
      kernel: kernels.sidecars[i],
    }),
  );
  const ask = createQuerier({ stores, clock, kernel: kernels.queries });
  return {
    random,
    clock,
    network,
    targets,
    intervalMs,
    replicas,
    ask: sabotaged(ask, sabotage, replicas),
    wire,
    counts,
    sabotage,
    startMs: START_MS,
    endMs: START_MS + ROUNDS * intervalMs,
    below,
  };
}

function sabotaged(
  ask: Ask,
  { neverDeduplicates, changeMerged }: Sabotage,
  replicas: readonly Replica[],
): Ask {
  return async (request) => {
    if (neverDeduplicates === true) return await ask({ ...request, deduplicate: false });
    const answer = await ask(request);
    return request.deduplicate ? (changeMerged?.(answer, replicas) ?? answer) : answer;
  };
}

function makeTargets(below: World['below']): readonly Target[] {
  return Array.from({ length: 1 + below(2) }, (_, number) => {
    const seriesCount = 1 + below(3);
    return new Target({ number, seriesCount, isOpenMetrics: below(2) === 0, startedMs: START_MS });
  });
}

/** A scrape may take most of an interval. */
function configOf(intervalMs: number): ScrapeConfig {
  const scrapeTimeoutMs = (2 * intervalMs) / 3;
  return scrapeConfig({
    jobName: 'work',
    scrapeIntervalMs: intervalMs,
    scrapeTimeoutMs,
    enableCompression: false,
  });
}

/** One half of the pair: scrapes its targets into a store on its own simulated disk, dies and comes back. */
import type { Clock } from '../../src/base/clock.ts';
import { OperationError } from '../../src/base/errors.ts';
import type { Kernel } from '../../src/base/kernel.ts';
import type { Random } from '../../src/base/random.ts';
import { FaultyFiles, SimulatedDeath } from '../../src/base/testing/faulty-files.ts';
import type { IngestPort } from '../../src/scrape/ingest-port.ts';
import { createPageIngester } from '../../src/scrape/page-ingester.ts';
import { targetSettings } from '../../src/scrape/testing/ingest-script.ts';
import type { DbStore } from './db-store.ts';
import { ReplicaModel } from './model.ts';
import type { SimulatedNetwork } from './network.ts';
import { METRIC, page, type Target, valueAt } from './target.ts';

export interface ReplicaOptions {
  readonly name: string;
  readonly targets: readonly Target[];
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly network: SimulatedNetwork;
  /** For pages; shared by all replicas. */
  readonly pageKernel: Kernel;
  openStore(files: FaultyFiles): DbStore;
  /** Told of what a scrape or a restart has done. */
  count(what: 'scrapes' | 'failedScrapes' | 'deaths' | 'damages' | 'samples', by?: number): void;
}

interface Life {
  readonly store: DbStore;
  readonly port: IngestPort;
}

export class Replica {
  readonly name: string;
  readonly files: FaultyFiles;
  readonly model: ReplicaModel = new ReplicaModel();
  /** Its files are damaged: it may refuse to start, or to read some of them. */
  isRotten = false;
  readonly #options: ReplicaOptions;
  #life: Life | undefined;

  constructor(options: ReplicaOptions) {
    this.name = options.name;
    this.#options = options;
    this.files = new FaultyFiles(options.random);
  }

  get isAlive(): boolean {
    return this.#life !== undefined;
  }

  /** Throws OperationError 'unavailable' while the replica is dead. */
  get store(): DbStore {
    if (this.#life !== undefined) return this.#life.store;
    throw new OperationError('unavailable', `cannot reach ${this.name}: connection refused`);
  }

  /** Its files must have been restarted after a death. */
  start(): void {
    const { openStore, pageKernel, clock, targets, count } = this.#options;
    try {
      const store = openStore(this.files);
      count('damages', store.damages);
      const port = createPageIngester({ kernel: pageKernel, appender: store.appender, clock });
      for (const [key, { labels }] of targets.entries()) {
        port.openTarget(key, targetSettings({ labels }));
      }
      this.#life = { store, port };
    } catch (error) {
      const isRotten = error instanceof OperationError && error.kind === 'corrupt';
      if (!isRotten && !(error instanceof SimulatedDeath)) throw error;
    }
  }

  /** What ends the process ends it, whoever asked for the work and whatever he makes of it: the connection is lost. */
  async work<T>(task: (store: DbStore) => Promise<T>): Promise<T> {
    const life = this.#life;
    let result: T;
    try {
      result = await task(this.store);
    } catch (error) {
      if (!(error instanceof SimulatedDeath)) throw error;
      this.#end(life);
      throw this.#lost();
    }
    if (!this.files.isDead) return result;
    this.#end(life);
    throw this.#lost();
  }

  #lost(): OperationError {
    return new OperationError('unavailable', `lost the connection to ${this.name}`);
  }

  #end(life: Life | undefined): void {
    if (life === this.#life) this.kill();
  }

  kill(): void {
    if (this.#life !== undefined) this.#options.count('deaths');
    this.#life = undefined;
  }

  /** Scrapes a target at its phase of every interval, for ever. */
  async scrape(key: number): Promise<never> {
    const { clock, intervalMs, random } = this.#options;
    const phaseMs = Math.floor(random.next() * intervalMs);
    for (;;) {
      const nowMs = clock.nowMs();
      const nextMs = Math.floor((nowMs - phaseMs) / intervalMs + 1) * intervalMs + phaseMs;
      await clock.sleep(nextMs - nowMs);
      await this.#scrapeOnce(key);
    }
  }

  async #scrapeOnce(key: number): Promise<void> {
    const { clock, network, targets } = this.#options;
    const life = this.#life;
    if (life === undefined) return;
    const target = targets[key];
    const timeMs = clock.nowMs();
    let bytes: Uint8Array | undefined;
    try {
      bytes = await network.exchange(this.name, target.name, async () => page(target, timeMs));
    } catch {
      bytes = undefined;
    }
    if (life !== this.#life) return; // it died while it waited
    await this.#ingest(life, { key, timeMs, bytes });
  }

  async #ingest(
    { port, store }: Life,
    scraped: {
      readonly key: number;
      readonly timeMs: number;
      readonly bytes?: Uint8Array | undefined;
    },
  ): Promise<void> {
    const { targets, count } = this.#options;
    const { key, timeMs, bytes } = scraped;
    const rows = rowsOf(targets[key], timeMs, bytes !== undefined);
    const outcome =
      bytes === undefined
        ? ({ kind: 'failed', bodySizeBytes: 0 } as const)
        : ({ kind: 'page', bytes, format: 'text' } as const);
    try {
      const { error } = await port.ingest({ target: key, timeMs, outcome, elapsedMs: 1 });
      const isTaken = error === '';
      count(isTaken ? 'scrapes' : 'failedScrapes');
      if (isTaken) for (const [name, value] of rows) this.model.acknowledge(name, timeMs, value);
      else for (const [name, value] of rows) this.model.doubt(name, timeMs, value);
      count('samples', isTaken ? rows.length : 0);
      store.step();
    } catch (error) {
      if (error instanceof OperationError) {
        count('failedScrapes');
        return; // refused as a whole: nothing of it may be there
      }
      if (!(error instanceof SimulatedDeath)) throw error;
      for (const [name, value] of rows) this.model.doubt(name, timeMs, value);
      this.kill();
    }
  }
}

/** Series and values that a scrape gives: the page's, and `up`. */
function rowsOf(
  { name, seriesCount }: Target,
  timeMs: number,
  isUp: boolean,
): readonly (readonly [string, number])[] {
  const up = [`up ${name}`, isUp ? 1 : 0] as const;
  if (!isUp) return [up];
  return [
    up,
    ...Array.from(
      { length: seriesCount },
      (_, i) => [`${METRIC} ${name} ${i}`, valueAt(name, i, timeMs)] as const,
    ),
  ];
}

/** One half of the pair: scrapes its targets into a store on its own simulated disk, dies and comes back. */
import type { Clock } from '../../src/base/clock.ts';
import { OperationError } from '../../src/base/errors.ts';
import type { Kernel } from '../../src/base/kernel.ts';
import type { Random } from '../../src/base/random.ts';
import { FaultyFiles, SimulatedDeath } from '../../src/base/testing/faulty-files.ts';
import { NO_LABELS } from '../../src/model/labels.ts';
import { PageBuffers } from '../../src/scrape/page-buffers.ts';
import { createPageIngester } from '../../src/scrape/page-ingester.ts';
import type { ScrapeConfig } from '../../src/scrape/scrape-config.ts';
import { declareScrapeMetrics, type ScrapeMetrics } from '../../src/scrape/scrape-metrics.ts';
import { ScrapePool } from '../../src/scrape/scrape-pool.ts';
import type { Appender } from '../../src/storage/appender.ts';
import { silentLogger } from '../../src/telemetry/logger.ts';
import { createMetricRegistry } from '../../src/telemetry/metrics.ts';
import { ProcessClock } from './clock.ts';
import type { DbStore } from './db-store.ts';
import { JudgedPort } from './judged-port.ts';
import { ReplicaModel } from './model.ts';
import type { SimulatedNetwork } from './network.ts';
import type { Target } from './target.ts';
import { createTargetClient } from './target-client.ts';

export interface ReplicaOptions {
  readonly name: string;
  readonly targets: readonly Target[];
  readonly scrapeConfig: ScrapeConfig;
  /** The head keeps all series with samples that are no older. */
  readonly keptMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly network: SimulatedNetwork;
  /** For pages; shared by all replicas. */
  readonly pageKernel: Kernel;
  openStore(files: FaultyFiles): DbStore;
  /** What scrapes write through. */
  wrapAppender(appender: Appender): Appender;
  /** Told of what a scrape or a restart has done. */
  count(what: 'scrapes' | 'failedScrapes' | 'deaths' | 'damages' | 'samples', by?: number): void;
}

interface Life {
  readonly store: DbStore;
  readonly clock: ProcessClock;
  readonly pool: ScrapePool;
  readonly port: JudgedPort;
}

export class Replica {
  readonly name: string;
  readonly files: FaultyFiles;
  readonly model: ReplicaModel;
  /** Of its scrapes. */
  readonly faults: string[] = [];
  /** Its files are damaged: it may refuse to start, or to read some of them. */
  isRotten = false;
  readonly #options: ReplicaOptions;
  readonly #buffers = new PageBuffers();
  readonly #phaseSeed: string;
  readonly #metrics: ScrapeMetrics = declareScrapeMetrics(createMetricRegistry());
  #life: Life | undefined;

  constructor(options: ReplicaOptions) {
    const { name, clock, random } = options;
    this.name = name;
    this.#options = options;
    this.files = new FaultyFiles(random);
    this.#phaseSeed = `${name} ${random.next()}`;
    this.model = new ReplicaModel(() => clock.nowMs());
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
    const { openStore, count } = this.#options;
    try {
      const store = openStore(this.files);
      count('damages', store.damages);
      this.#life = this.#live(store);
      this.followDiscovery();
    } catch (error) {
      const isRotten = error instanceof OperationError && error.kind === 'corrupt';
      if (!isRotten && !(error instanceof SimulatedDeath)) throw error;
    }
  }

  /** When all has been calm for a while, whatever discovery lost has gone stale. */
  checkTargets(): void {
    const { targets } = this.#options;
    const open = this.#life?.port.targets ?? targets.length;
    if (open !== targets.length) this.faults.push(`${this.name} still has ${open} targets`);
  }

  /** Scrapes what discovery finds now. */
  followDiscovery(): void {
    const { targets } = this.#options;
    const listed = targets.filter(({ isListed }) => isListed);
    const groups = [
      { source: 'all', labels: NO_LABELS, targets: listed.map(({ discovered }) => discovered) },
    ];
    this.#life?.pool.sync(groups).catch((error: unknown) => {
      this.faults.push(`${this.name} cannot follow discovery: ${String(error)}`);
    });
  }

  #live(store: DbStore): Life {
    const { name, pageKernel, targets, network, scrapeConfig, wrapAppender } = this.#options;
    const clock = new ProcessClock(this.#options.clock);
    const port = this.#judgedPort(store, clock, () =>
      createPageIngester({ kernel: pageKernel, appender: wrapAppender(store.appender), clock }),
    );
    let lastKey = 0;
    const pool = new ScrapePool(
      {
        port,
        clock,
        logger: silentLogger,
        metrics: this.#metrics,
        createClient: () =>
          createTargetClient({
            ...{ from: name, targets, network, clock },
            onPage: (target, page) => port.arrive(target, page),
          }),
        buffers: this.#buffers,
        nextKey: () => ++lastKey,
        userAgent: 'simulation',
        phaseSeed: this.#phaseSeed,
        toleranceMs: 2,
        logFailure: () => undefined,
      },
      scrapeConfig,
    );
    return { store, clock, pool, port };
  }

  #judgedPort(
    store: DbStore,
    clock: Clock,
    open: () => ReturnType<typeof createPageIngester>,
  ): JudgedPort {
    const { count, scrapeConfig, keptMs } = this.#options;
    const isDead = (): boolean => {
      if (this.#life?.store === store && this.files.isDead) this.kill();
      return this.#life?.store !== store;
    };
    return new JudgedPort({
      port: open(),
      clock,
      model: this.model,
      intervalMs: scrapeConfig.scrapeIntervalMs,
      keptMs,
      isDead,
      onTaken(samples) {
        count('scrapes');
        count('samples', samples);
        store.step();
      },
      onRefused: () => count('failedScrapes'),
      onFault: (text) => this.faults.push(`${this.name}, ${text}`),
    });
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
    if (this.#life === undefined) return;
    this.#options.count('deaths');
    this.stop();
  }

  /** The history is over, for this process or for all. */
  stop(): void {
    this.#life?.clock.die();
    this.#life = undefined;
  }
}

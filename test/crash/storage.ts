/** The storage that is tried, as `tsanos prometheus` composes it, but in one thread and with a clock of its own. */
import type { Clock } from '../../src/base/clock.ts';
import type { FileSystem } from '../../src/base/file-system.ts';
import { Kernel } from '../../src/base/kernel.ts';
import { KernelPool } from '../../src/base/kernel-pool.ts';
import { seededRandom } from '../../src/base/random.ts';
import { StorageReader } from '../../src/ingest/storage-reader.ts';
import { OUTCOMES } from '../../src/storage/appender.ts';
import type { Logger } from '../../src/telemetry/logger.ts';
import { type Db, openDb } from '../../src/tsdb/db.ts';
import { DEFAULT_DB_OPTIONS } from '../../src/tsdb/db-options.ts';
import type { HeadRequest } from '../../src/tsdb/head/head-protocol.ts';
import { NO_HINTS } from '../../src/tsdb/testing/dump.ts';
import { realClock } from '../../src/world/clock.ts';
import {
  Check,
  type Deletion,
  type Expectation,
  type Finding,
  START_MS,
  STEP_MS,
  samplesOf,
} from './workload.ts';

const WAL_SEGMENT_BYTES = 32_768;

export interface StorageOptions {
  readonly files: FileSystem;
  readonly directory: string;
  readonly module: WebAssembly.Module;
  readonly seed: number;
  /** The log is not compressed. */
  readonly isPlain: boolean;
  /** The next batch. */
  readonly batch: number;
  onTrouble(text: string): void;
}

export class Storage {
  readonly #options: StorageOptions;
  readonly #db: Db;
  #nowMs: number;

  /** Throws what openDb throws. */
  constructor(options: StorageOptions) {
    const { files, directory, module, seed, isPlain, batch } = options;
    this.#options = options;
    this.#nowMs = START_MS + STEP_MS * batch;
    this.#db = openDb({
      files,
      directory,
      kernel: new Kernel(module),
      openKernel: () => new Kernel(module),
      clock: this.#clock(),
      random: seededRandom(seed),
      log: this.#logger(),
      options: {
        ...DEFAULT_DB_OPTIONS,
        retention: { timeMs: 0, sizeBytes: 0, percentage: 0 },
        walSegmentBytes: WAL_SEGMENT_BYTES,
        walCompression: isPlain ? 'none' : 'snappy',
      },
    });
  }

  /** Reads everything, as a query does. */
  async look(expected: Expectation): Promise<Finding> {
    const { files, directory, module } = this.#options;
    const kernels = new KernelPool(() => new Kernel(module));
    using reader = new StorageReader({ files, directory, cacheBytes: 1 << 24, kernels });
    const { head } = this.#db;
    const storage = reader.open(async (request) => ({
      blocks: this.#db.blockNames,
      head: head.read(request as HeadRequest).value,
    }));
    const matchers = [{ type: '!=', name: '__name__', value: '' }] as const;
    const request = { matchers, minTime: 0, maxTime: 1e15, hints: NO_HINTS };
    using set = await storage.select(request, { signal: new AbortController().signal });
    const kernel = new Kernel(module);
    const check = new Check();
    while (set.next()) {
      const mark = kernel.arena.mark();
      const { times, values, count } = set.read(kernel);
      for (let i = 0; i < count; i++) {
        const time = kernel.f64[(times >>> 3) + i] as number;
        check.take(set.labels, time, kernel.f64[(values >>> 3) + i] as number);
      }
      kernel.arena.release(mark);
    }
    return check.finish(expected);
  }

  /** When it returns, the batch is acknowledged. A minute passes with it. */
  add(batch: number): void {
    this.#nowMs = START_MS + STEP_MS * batch;
    const appender = this.#db.appender();
    const words = new Uint32Array(2);
    const double = new Float64Array(words.buffer);
    for (const { labels, time, value } of samplesOf(batch)) {
      double[0] = value;
      appender.float(appender.seriesRef(labels), time, words[0] as number, words[1] as number);
    }
    const { outcomes } = appender.commit();
    const refused = outcomes.find((outcome) => outcome !== 0);
    if (refused !== undefined) throw new Error(`batch ${batch}: ${OUTCOMES[refused]}`);
  }

  /** When it returns, the deletion is acknowledged. */
  async remove({ number, first, last }: Deletion): Promise<void> {
    const matchers = [
      { type: '=', name: '__name__', value: 'numbered' },
      { type: '=', name: 'number', value: String(number) },
    ] as const;
    const [minTime, maxTime] = [START_MS + STEP_MS * first, START_MS + STEP_MS * last];
    const done = this.#db.deleteSeries(matchers, minTime, maxTime);
    this.step();
    await done;
  }

  /** All background work that is due. */
  step(): void {
    while (this.#db.step(1));
  }

  async close(): Promise<void> {
    await this.#db.close();
  }

  /** Time stands still but between batches: what has to wait for a while does not take one. */
  #clock(): Clock {
    return { ...realClock, nowMs: () => this.#nowMs, monotonicMs: () => this.#nowMs };
  }

  #logger(): Logger {
    const warn = (text: string, fields: object = {}): void =>
      this.#options.onTrouble(`${text} ${JSON.stringify(fields)}`);
    const nothing = (): void => undefined;
    const logger: Logger = { debug: nothing, info: nothing, warn, error: warn, with: () => logger };
    return logger;
  }
}

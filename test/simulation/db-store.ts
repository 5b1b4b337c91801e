/** A store of one replica: the real database on simulated files, read as a query worker reads it. */
import type { Clock } from '../../src/base/clock.ts';
import type { Kernel } from '../../src/base/kernel.ts';
import type { KernelPool } from '../../src/base/kernel-pool.ts';
import type { Random } from '../../src/base/random.ts';
import type { FaultyFiles } from '../../src/base/testing/faulty-files.ts';
import { StorageReader } from '../../src/ingest/storage-reader.ts';
import type { Matcher } from '../../src/model/matcher.ts';
import type { Appender } from '../../src/storage/appender.ts';
import type { ChunkQueryable } from '../../src/storage/chunk-queryable.ts';
import type { Queryable } from '../../src/storage/queryable.ts';
import { silentLogger } from '../../src/telemetry/logger.ts';
import { type Db, openDb } from '../../src/tsdb/db.ts';
import { DEFAULT_DB_OPTIONS } from '../../src/tsdb/db-options.ts';

const DIRECTORY = '/data';

export interface StoreOptions {
  readonly files: FaultyFiles;
  readonly kernel: Kernel;
  /** For a block while it is written: one at a time. */
  readonly openKernel: () => Kernel;
  /** For chunks while they are read. */
  readonly readKernels: KernelPool;
  readonly clock: Clock;
  readonly random: Random;
  /** Range of a block. */
  readonly blockMs: number;
}

export class DbStore {
  readonly #db: Db;
  readonly #reader: StorageReader;

  /** Throws what openDb throws. */
  constructor(options: StoreOptions) {
    const { files, kernel, openKernel, readKernels: kernels, clock, random, blockMs } = options;
    this.#db = openDb({
      files,
      directory: DIRECTORY,
      kernel,
      openKernel,
      clock,
      random,
      log: silentLogger,
      options: {
        ...DEFAULT_DB_OPTIONS,
        minBlockMs: blockMs,
        maxBlockMs: 3 * blockMs,
        retention: { timeMs: 0, sizeBytes: 0, percentage: 0 },
        walSegmentBytes: 32_768,
        walCompression: 'none',
      },
    });
    this.#reader = new StorageReader({ files, directory: DIRECTORY, cacheBytes: 1 << 20, kernels });
  }

  /** Damaged places that were found and repaired when it was opened. */
  get damages(): number {
    return this.#db.stats().wal.corruptions;
  }

  /** Milliseconds; Infinity when there are no samples. */
  get minTime(): number {
    return this.#db.stats().minTime;
  }

  get blockCount(): number {
    return this.#db.blocks.length;
  }

  get appender(): Appender {
    return this.#db.appender();
  }

  /** As one query sees it. */
  get storage(): Queryable & ChunkQueryable {
    const { head } = this.#db;
    return this.#reader.open(async (request) => ({
      blocks: this.#db.blockNames,
      head: head.read(request as Parameters<typeof head.read>[0]).value,
    }));
  }

  /** Both ends belong to it. */
  async delete(matchers: readonly Matcher[], minTime: number, maxTime: number): Promise<void> {
    const done = this.#db.deleteSeries(matchers, minTime, maxTime);
    done.catch(() => undefined); // the step may end the process before anybody waits for it
    this.step();
    await done;
  }

  /** Does what is due in the background. */
  step(): void {
    while (this.#db.step(1));
  }
}

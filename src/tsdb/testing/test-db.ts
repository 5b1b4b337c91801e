/** A database on a disk in memory, beside a plain model of what it must hold. */
import { strict as assert } from 'node:assert';
import { Kernel } from '../../base/kernel.ts';
import { KernelPool } from '../../base/kernel-pool.ts';
import { type Random, seededRandom } from '../../base/random.ts';
import { FaultyFiles } from '../../base/testing/faulty-files.ts';
import { kernelModule } from '../../base/testing/kernel.ts';
import { ManualClock } from '../../base/testing/manual-clock.ts';
import { type Labels, labelsOf } from '../../model/labels.ts';
import { printLabels } from '../../model/labels-text.ts';
import type { ChunkQueryable } from '../../storage/chunk-queryable.ts';
import type { Queryable } from '../../storage/queryable.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { openBlocks } from '../blocks.ts';
import { type Db, openDb } from '../db.ts';
import { type DbOptions, DEFAULT_DB_OPTIONS } from '../db-options.ts';
import type { HeadRequest } from '../head/head-protocol.ts';
import { headQueryable } from '../head/head-queryable.ts';
import { LiveBlocks } from '../live-blocks.ts';
import { dump, dumpChunks } from './dump.ts';

const DIRECTORY = '/data';
/** Range of the blocks of a head. */
export const RANGE_MS = 1000;

export class TestDb {
  readonly #module = kernelModule();
  readonly random: Random;
  readonly files: FaultyFiles;
  readonly clock: ManualClock = new ManualClock();
  readonly options: DbOptions;
  db: Db;
  /** Lines of samples that were acknowledged. */
  readonly acknowledged: Set<string> = new Set();
  /** Of the batch that was under way when the process died: all of it may be there, or nothing. */
  unsure: readonly string[] = [];

  constructor(seed: number, options: Partial<DbOptions> = {}) {
    this.random = seededRandom(seed);
    this.files = new FaultyFiles(this.random);
    this.options = {
      ...DEFAULT_DB_OPTIONS,
      retention: { timeMs: 0, sizeBytes: 0, percentage: 0 },
      minBlockMs: RANGE_MS,
      maxBlockMs: 9 * RANGE_MS,
      walSegmentBytes: 32_768,
      ...options,
    };
    this.db = this.open();
  }

  /** As a new process does. */
  open(): Db {
    const { files, clock, random, options } = this;
    this.db = openDb({
      ...{ files, clock, random, options },
      directory: DIRECTORY,
      kernel: new Kernel(this.#module),
      openKernel: () => new Kernel(this.#module),
      log: silentLogger,
    });
    return this.db;
  }

  /** One sample of each series, in one batch. */
  append(time: number, series: number): void {
    const appender = this.db.appender();
    const lines: string[] = [];
    const value = new Float64Array(1);
    const [words] = [new Uint32Array(value.buffer)];
    for (let i = 0; i < series; i++) {
      const labels = seriesLabels(i);
      value[0] = Math.floor(this.random.next() * 1000);
      appender.float(appender.seriesRef(labels), time, words[0] as number, words[1] as number);
      lines.push(`${printLabels(labels)} ${value[0]} ${time}`);
    }
    this.unsure = lines;
    const { appended } = appender.commit();
    assert.equal(appended, series);
    for (const line of lines) this.acknowledged.add(line);
    this.unsure = [];
  }

  /** Until nothing is due; gives the number of steps. */
  work(): number {
    for (let steps = 1; ; steps++) if (!this.db.step(0)) return steps;
  }

  get ranges(): string {
    return this.db.blocks.map((meta) => `${meta.minTime}-${meta.maxTime}`).join(' ');
  }

  get reader(): Queryable & ChunkQueryable {
    return headQueryable({
      files: this.files,
      directory: DIRECTORY,
      kernels: new KernelPool(() => new Kernel(this.#module)),
      call: async (request) =>
        structuredClone(this.db.head.read(structuredClone(request) as HeadRequest).value),
    });
  }

  /** Every acknowledged sample is there, exactly once, and nothing that was never written. */
  async check(): Promise<void> {
    const head = await dump(this.reader, new Kernel(this.#module));
    const stored = [...(await this.#dumpBlocks()), ...head];
    const found = new Set(stored);
    assert.equal(found.size, stored.length, 'no sample is there twice');
    const unsure = this.unsure.filter((line) => found.has(line));
    assert.ok(unsure.length === 0 || unsure.length === this.unsure.length, 'a batch is whole');
    for (const line of unsure) this.acknowledged.add(line);
    this.unsure = [];
    assert.deepEqual(
      [...this.acknowledged].filter((line) => !found.has(line)),
      [],
      'no acknowledged sample is missing',
    );
    assert.equal(found.size, this.acknowledged.size);
  }

  /** Samples as who hands chunks on gives them: the same as a query finds. */
  async checkChunks(): Promise<void> {
    const kernels = new KernelPool(() => new Kernel(this.#module));
    const options = { files: this.files, directory: DIRECTORY, cacheBytes: 0, kernels };
    using blocks = new LiveBlocks(options);
    blocks.use(this.db.blockNames);
    const stored = await dumpChunks(blocks, new Kernel(this.#module));
    const head = await dumpChunks(this.reader, new Kernel(this.#module));
    assert.deepEqual([...stored, ...head].sort(), [...this.acknowledged].sort());
  }

  /** Those of the list: what has left it may still be on the disk. */
  async #dumpBlocks(): Promise<string[]> {
    const names = new Set(this.db.blockNames.map(({ ulid }) => ulid));
    const { files } = this;
    const list = (path: string): readonly string[] =>
      files.list(path).filter((name) => path !== DIRECTORY || names.has(name));
    const listed = new Proxy(files, {
      get: (target, key: keyof FaultyFiles) => {
        const member = target[key];
        if (key === 'list') return list;
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    using blocks = openBlocks(listed, DIRECTORY, { cacheBytes: 0 });
    return dump(blocks, new Kernel(this.#module));
  }
}

function seriesLabels(i: number): Labels {
  return labelsOf({ __name__: 'm', i: String(i), zone: i % 3 === 0 ? 'a' : '' });
}

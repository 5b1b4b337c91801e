import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Kernel } from '../base/kernel.ts';
import { KernelPool } from '../base/kernel-pool.ts';
import { seededRandom } from '../base/random.ts';
import { FaultyFiles } from '../base/testing/faulty-files.ts';
import { testKernel } from '../base/testing/kernel.ts';
import { ManualClock } from '../base/testing/manual-clock.ts';
import { allocChunkTable, decodeChunks, setChunkRow } from '../chunk/columns.ts';
import { labelValue } from '../model/labels.ts';
import { createPageIngester } from '../scrape/page-ingester.ts';
import { targetSettings } from '../scrape/testing/ingest-script.ts';
import type { EncodedChunk } from '../storage/chunk-queryable.ts';
import type { SelectRequest } from '../storage/queryable.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { type Db, openDb } from '../tsdb/db.ts';
import { DEFAULT_DB_OPTIONS } from '../tsdb/db-options.ts';
import { NO_HINTS } from '../tsdb/testing/dump.ts';
import { dbStorage } from './db-storage.ts';
import { createIngestClient, type IngestClient } from './ingest-client.ts';
import { createIngestService } from './ingest-service.ts';
import { StorageReader } from './storage-reader.ts';
import { PlacedThread } from './testing/placed-thread.ts';

const DIRECTORY = '/data';
/** Of the blocks that the head becomes. */
const RANGE_MS = 10_000;
const START_MS = 1_700_000_000_000;
const SETTINGS = { maxExemplars: 100, retention: { timeMs: 0, sizeBytes: 0, percentage: 0 } };
const signal = new AbortController().signal;

/** A whole server in one thread: pages go in, queries come out. Values of series are their times in seconds. */
class Server {
  readonly files = new FaultyFiles(seededRandom(5));
  readonly clock = new ManualClock(START_MS);
  readonly client: IngestClient;
  readonly reader: StorageReader;
  readonly db: Db;
  seconds = 0;

  constructor() {
    this.db = openDb({
      files: this.files,
      directory: DIRECTORY,
      kernel: testKernel(),
      openKernel: () => testKernel(),
      clock: this.clock,
      random: seededRandom(6),
      log: silentLogger,
      options: { ...DEFAULT_DB_OPTIONS, ...SETTINGS, minBlockMs: RANGE_MS, maxBlockMs: RANGE_MS },
    });
    const thread = new PlacedThread();
    this.client = createIngestClient({
      worker: thread.port,
      logger: silentLogger,
      onLost: (error) => assert.fail(error),
    });
    const appender = this.db.appender();
    const ingester = createPageIngester({ kernel: testKernel(), appender, clock: this.clock });
    const storage = dbStorage({ db: this.db, settings: SETTINGS, replayMs: 3 });
    thread.serve(createIngestService({ storage, ingester }), this.clock);
    this.client.port.openTarget(1, targetSettings({}));
    const kernels = new KernelPool(() => testKernel());
    const { files } = this;
    this.reader = new StorageReader({ files, directory: DIRECTORY, cacheBytes: 0, kernels });
  }

  /** One page a second. */
  async scrape(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.clock.advance(1000);
      this.seconds++;
      const page = `# TYPE age gauge\nage{k="a"} ${this.seconds}\nage{k="b"} ${this.seconds}\n`;
      const bytes = new TextEncoder().encode(page);
      const { error } = await this.client.port.ingest({
        target: 1,
        timeMs: this.clock.nowMs(),
        outcome: { kind: 'page', bytes, format: 'text' },
        elapsedMs: 1,
      });
      assert.equal(error, '');
    }
  }

  /** All background work that is due. */
  work(): void {
    while (this.db.step(50));
  }

  get storage() {
    return this.reader.open((request) => this.client.call('head', request));
  }

  /** `k: seconds` of each series, and the same out of its chunks. */
  async dump(): Promise<{ readonly samples: string[]; readonly chunks: string[] }> {
    const kernel = testKernel();
    const request: SelectRequest = {
      matchers: [{ type: '=', name: '__name__', value: 'age' }],
      minTime: START_MS,
      maxTime: this.clock.nowMs(),
      hints: NO_HINTS,
    };
    const samples: string[] = [];
    using set = await this.storage.select(request, { signal });
    while (set.next()) {
      const { values, count } = set.read(kernel);
      const seconds = kernel.f64.subarray(values >>> 3, (values >>> 3) + count);
      samples.push(`${labelValue(set.labels, 'k')}: ${spans(seconds)}`);
    }
    const chunks: string[] = [];
    using chunked = await this.storage.selectChunks(request, { signal });
    while (chunked.next()) {
      const seconds = chunked.chunks().flatMap((chunk) => valuesOf(kernel, chunk));
      const unique = [...new Set(seconds)].sort((a, b) => a - b);
      chunks.push(`${labelValue(chunked.labels, 'k')}: ${spans(unique)}`);
    }
    return { samples, chunks };
  }
}

function valuesOf(kernel: Kernel, { data, encoding }: EncodedChunk): number[] {
  const table = allocChunkTable(kernel, 1);
  const address = kernel.arena.alloc(data.length);
  kernel.u8.set(data, address);
  setChunkRow(kernel, table, 0, { address, length: data.length, encoding });
  const { values, count } = decodeChunks(kernel, { table, count: 1, describe: String });
  return [...kernel.f64.subarray(values >>> 3, (values >>> 3) + count)];
}

/** `1-5 8-9` of ascending numbers. */
function spans(numbers: Iterable<number>): string {
  const found: [number, number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else found.push([number, number]);
  }
  return found.map(([from, to]) => `${from}-${to}`).join(' ');
}

async function holds(server: Server, ...want: readonly string[]): Promise<void> {
  assert.deepEqual(await server.dump(), { samples: want, chunks: want });
}

test('what is scraped can be read at once, from samples and from chunks', async () => {
  const server = new Server();
  await holds(server);
  await server.scrape(3);
  await holds(server, 'a: 1-3', 'b: 1-3');
});

test('samples that move from head to block are read once, whatever the time', async () => {
  const server = new Server();
  for (let round = 0; round < 8; round++) {
    await server.scrape(9);
    server.work();
    await holds(server, `a: 1-${server.seconds}`, `b: 1-${server.seconds}`);
  }
  assert.ok(server.db.blocks.length >= 4, `${server.db.blocks.length} blocks`);
  const open = await server.storage.select(
    {
      matchers: [{ type: '=', name: 'k', value: 'a' }],
      minTime: START_MS,
      maxTime: START_MS + 72_000,
      hints: NO_HINTS,
    },
    { signal },
  );
  await server.scrape(30);
  server.work();
  await holds(server, `a: 1-${server.seconds}`, `b: 1-${server.seconds}`);
  const kernel = testKernel();
  assert.ok(open.next());
  const names = ['age', 'scrape_duration_seconds'];
  assert.ok(names.includes(labelValue(open.labels, '__name__')));
  assert.equal(open.read(kernel).count, 72);
  open[Symbol.dispose]();
});

test('what is deleted is not read any more, neither from the head nor from blocks', async () => {
  const server = new Server();
  await server.scrape(45);
  server.work();
  assert.ok(server.db.blocks.length >= 2);
  const deleted = server.client.call('deleteSeries', {
    matchers: [{ type: '=', name: 'k', value: 'a' }],
    minTime: START_MS + 5000,
    maxTime: START_MS + 42_000,
  });
  await new Promise(setImmediate);
  server.work();
  await deleted;
  await holds(server, 'a: 1-4 43-45', 'b: 1-45');
  const cleaned = server.client.call('cleanTombstones', undefined);
  await new Promise(setImmediate);
  server.work();
  await cleaned;
  await holds(server, 'a: 1-4 43-45', 'b: 1-45');
});

test('labels of head and blocks are told together', async () => {
  const server = new Server();
  await server.scrape(45);
  server.work();
  const scope = { matchers: [], minTime: START_MS, maxTime: START_MS + 1e6, limit: 0 };
  const { values } = await server.storage.labelValues('k', scope, { signal });
  assert.deepEqual(values, ['a', 'b']);
  const names = await server.storage.labelNames(scope, { signal });
  assert.deepEqual(names.values, ['__name__', 'instance', 'job', 'k']);
});

test('figures are those of the storage, and metadata those of the target', async () => {
  const server = new Server();
  await server.scrape(5);
  const stats = await server.client.call('stats', undefined);
  assert.deepEqual([stats.series, stats.minTime], [7, START_MS + 1000]);
  assert.equal(stats.metrics['prometheus_tsdb_head_samples_appended_total{type="float"}'], 35);
  const top = await server.client.call('cardinality', { limit: 1 });
  assert.deepEqual(top.seriesByMetric, [{ name: 'age', value: 2 }]);
  const found = await server.client.call('metadata', { targets: [1, 2], metric: 'age' });
  assert.deepEqual(found, [[{ metric: 'age', type: 'gauge', help: '', unit: '' }], []]);
});

/** One data directory, used by our database and by Prometheus in turns. */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kernel } from '../../src/base/kernel.ts';
import { KernelPool } from '../../src/base/kernel-pool.ts';
import type { FloatHistogram } from '../../src/model/histogram.ts';
import { labelsOf } from '../../src/model/labels.ts';
import { printLabels } from '../../src/model/labels-text.ts';
import type { Queryable } from '../../src/storage/queryable.ts';
import { silentLogger } from '../../src/telemetry/logger.ts';
import { openBlocks } from '../../src/tsdb/blocks.ts';
import { type Db, openDb } from '../../src/tsdb/db.ts';
import { DEFAULT_DB_OPTIONS } from '../../src/tsdb/db-options.ts';
import type { HeadRequest } from '../../src/tsdb/head/head-protocol.ts';
import { headQueryable } from '../../src/tsdb/head/head-queryable.ts';
import { NO_HINTS } from '../../src/tsdb/testing/dump.ts';
import { realClock } from '../../src/world/clock.ts';
import { realFileSystem } from '../../src/world/file-system.ts';
import { realRandom } from '../../src/world/random.ts';
import { freePort, type Program, startPrometheus, temporaryFolder } from './real-programs.ts';

const HOUR_MS = 3_600_000;
const INTERVAL_MS = 30_000;
const module = new WebAssembly.Module(
  readFileSync(new URL('../../kernel/build/kernel.wasm', import.meta.url)),
);

function open(directory: string): Db {
  return openDb({
    files: realFileSystem,
    directory,
    kernel: new Kernel(module),
    openKernel: () => new Kernel(module),
    clock: realClock,
    random: realRandom,
    log: silentLogger,
    options: {
      ...DEFAULT_DB_OPTIONS,
      retention: { timeMs: 0, sizeBytes: 0, percentage: 0 },
      maxExemplars: 100,
    },
  });
}

function histogram(size: number): FloatHistogram {
  return {
    counterResetHint: 'unknown',
    schema: 2,
    zeroThreshold: 0.001,
    zeroCount: size,
    count: 6 * size,
    sum: size * 1.5,
    stale: false,
    positiveSpans: [
      { offset: -2, length: 1 },
      { offset: 3, length: 1 },
    ],
    negativeSpans: [],
    positiveBuckets: Float64Array.of(3 * size, 2 * size),
    negativeBuckets: new Float64Array(0),
    customValues: new Float64Array(0),
  };
}

/** Six hours of floats, both kinds of histograms and exemplars, up to a time; a part of them is deleted. */
async function fill(db: Db, end: number): Promise<void> {
  const value = new Float64Array(1);
  const words = new Uint32Array(value.buffer);
  const series = (name: string, i: number) => labelsOf({ __name__: name, i: String(i) });
  for (let time = end - 6 * HOUR_MS, n = 1; time <= end; time += INTERVAL_MS, n++) {
    const appender = db.appender();
    for (let i = 0; i < 20; i++) {
      value[0] = i % 2 === 0 ? n * (i + 1) : Math.sin(n + i) * 1e3;
      const ref = appender.seriesRef(series('ours_total', i));
      appender.float(ref, time, words[0] as number, words[1] as number);
    }
    appender.histogram(appender.seriesRef(series('ours_seconds', 0)), time, histogram(n), true);
    const half = { ...histogram(n), count: 6 * n + 0.5, zeroCount: n + 0.5 };
    appender.histogram(appender.seriesRef(series('ours_seconds', 1)), time, half, false);
    const exemplar = { labels: labelsOf({ trace: `t${n}` }), value: n, time };
    if (n % 50 === 0) appender.exemplar(appender.seriesRef(series('ours_total', 1)), exemplar);
    assert.equal(appender.commit().appended, 22);
    if (n % 100 === 0) while (db.step(50));
  }
  const nineteen = { type: '=', name: 'i', value: '19' } as const;
  const deleted = db.deleteSeries([nineteen], end - 4 * HOUR_MS, end - HOUR_MS);
  while (db.step(50));
  await deleted;
}

/** A line for each sample of our database: of histograms count and sum. */
async function dumpOurs(directory: string, db: Db): Promise<string[]> {
  const head = headQueryable({
    files: realFileSystem,
    directory,
    kernels: new KernelPool(() => new Kernel(module)),
    call: async (request) => db.head.read(request as HeadRequest).value,
  });
  using blocks = openBlocks(realFileSystem, directory);
  assert.equal(blocks.blocks.length, db.blocks.length);
  return [...(await linesOf(blocks)), ...(await linesOf(head))].sort();
}

async function linesOf(storage: Queryable): Promise<string[]> {
  const kernel = new Kernel(module);
  const matchers = [{ type: '!=', name: '__name__', value: '' }] as const;
  const request = { matchers, minTime: 0, maxTime: 1e15, hints: NO_HINTS };
  using set = await storage.select(request, { signal: new AbortController().signal });
  const lines: string[] = [];
  while (set.next()) {
    const mark = kernel.arena.mark();
    const { times, values, count, histograms } = set.read(kernel);
    const labels = printLabels(set.labels);
    for (let i = 0; i < count; i++) {
      const sample = kernel.f64[(values >>> 3) + i] as number;
      lines.push(`${labels} ${kernel.f64[(times >>> 3) + i]} ${sample}`);
    }
    for (const { time, histogram: one } of histograms) {
      lines.push(`${labels} ${time} ${one.count} ${one.sum}`);
    }
    kernel.arena.release(mark);
  }
  return lines;
}

interface Matrix {
  readonly metric: Readonly<Record<string, string>>;
  readonly values?: readonly (readonly [number, string])[];
  readonly histograms?: readonly (readonly [
    number,
    { readonly count: string; readonly sum: string },
  ])[];
}

async function dumpTheirs({ url }: Program, selector: string, time: number): Promise<string[]> {
  const query = new URLSearchParams({ query: `${selector}[12h]`, time: String(time / 1000) });
  const answer = await fetch(`${url}/api/v1/query?${query}`);
  const { data } = (await answer.json()) as { data: { result: readonly Matrix[] } };
  return data.result
    .flatMap(({ metric, values = [], histograms = [] }) => {
      const labels = printLabels(labelsOf(metric));
      const ms = (seconds: number): number => Math.round(seconds * 1000);
      return [
        ...values.map(
          ([at, text]) => `${labels} ${ms(at)} ${Number(text.replace('Inf', 'Infinity'))}`,
        ),
        ...histograms.map(
          ([at, { count, sum }]) => `${labels} ${ms(at)} ${Number(count)} ${Number(sum)}`,
        ),
      ];
    })
    .sort();
}

test('Prometheus goes on in our directory, and we in its', { timeout: 60_000 }, async () => {
  using folder = temporaryFolder();
  const directory = join(folder.path, 'data');
  const end = Math.floor(Date.now() / INTERVAL_MS) * INTERVAL_MS - 60_000;
  const first = open(directory);
  await fill(first, end);
  assert.ok(first.blocks.length >= 2 && first.head.minTime < end);
  const written = await dumpOurs(directory, first);
  await first.close();
  assert.ok(written.length > 14_000);

  const port = await freePort();
  const config = `
    global: { scrape_interval: 250ms }
    scrape_configs:
      - { job_name: self, static_configs: [{ targets: ['127.0.0.1:${port}'] }] }`;
  const theirs: string[] = [];
  {
    await using prometheus = await startPrometheus({ dataPath: directory, config, port });
    assert.deepEqual(await dumpTheirs(prometheus, '{__name__=~"ours_.+"}', end), written);
    while ((await dumpTheirs(prometheus, 'up', Date.now())).length < 6) await sleep(100);
    const metrics = await (await fetch(`${prometheus.url}/metrics`)).text();
    assert.match(metrics, /^prometheus_tsdb_wal_corruptions_total 0$/m);
    assert.match(metrics, /^prometheus_tsdb_mmap_chunk_corruptions_total 0$/m);
    theirs.push(...(await dumpTheirs(prometheus, '{job="self"}', Date.now())));
  }
  assert.ok(theirs.length > 1000);

  const second = open(directory);
  const found = new Set(await dumpOurs(directory, second));
  const total = [{ type: '=', name: '__name__', value: 'ours_total' }] as const;
  const [kept] = second.head.exemplars([total], 0, 1e15);
  assert.match(kept?.exemplars.at(-1)?.labels[1] ?? '', /^t\d+$/);
  await second.close();
  assert.deepEqual(
    [...written, ...theirs].filter((line) => !found.has(line)),
    [],
  );
});

/** One data directory, used by our database and by Prometheus in turns. */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kernel } from '../../src/base/kernel.ts';
import { KernelPool } from '../../src/base/kernel-pool.ts';
import { labelsOf } from '../../src/model/labels.ts';
import { printLabels } from '../../src/model/labels-text.ts';
import type { Queryable } from '../../src/storage/queryable.ts';
import { openBlocks } from '../../src/tsdb/blocks.ts';
import type { Db } from '../../src/tsdb/db.ts';
import type { HeadRequest } from '../../src/tsdb/head/head-protocol.ts';
import { headQueryable } from '../../src/tsdb/head/head-queryable.ts';
import { NO_HINTS } from '../../src/tsdb/testing/dump.ts';
import { realFileSystem } from '../../src/world/file-system.ts';
import { freePort, type Program, startPrometheus, temporaryFolder } from './real-programs.ts';
import { fillDatabase, openDatabase, SAMPLE_INTERVAL_MS } from './written-database.ts';

const module = new WebAssembly.Module(
  readFileSync(new URL('../../kernel/build/kernel.wasm', import.meta.url)),
);

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
  const end = Math.floor(Date.now() / SAMPLE_INTERVAL_MS) * SAMPLE_INTERVAL_MS - 60_000;
  const first = openDatabase(directory);
  await fillDatabase(first, end);
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

  const second = openDatabase(directory);
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

/**
 * Targets that change, break, exceed limits and go away, scraped by `tsanos prometheus` and by Debian's Prometheus at once:
 * in each phase both must have the same series with the same values, reports and stale markers included.
 */
import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import {
  type Program,
  startOwnPrometheus,
  startPrometheus,
  temporaryFolder,
} from './real-programs.ts';

type Page = readonly [status: number, body: string | Buffer, headers?: Record<string, string>];

const OPEN = { 'content-type': 'application/openmetrics-text; version=1.0.0' };
const PACKED = { 'content-encoding': 'gzip' };
const HISTOGRAM = 'h_bucket{le="0.5"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n';

/** By target, what it answers in each phase. */
const PAGES: Readonly<Record<string, readonly Page[]>> = {
  plain: [
    [200, `# TYPE a counter\na{x="1"} 1\na{x="2"} 2\nb 3\n# TYPE h histogram\n${HISTOGRAM}`],
    [200, 'a{x="1"} 5\nc NaN\n'],
    [200, 'a{x="1"} 6\na{x="2"} 1\n}bad\nb 1\n'],
    [500, 'a 1\n'],
    [200, 'a{x="1"} 7\nb +Inf\n'],
  ],
  open: [
    [200, '# TYPE r counter\nr_total{job="own",y=""} 1.5\nr_created 12\n# EOF\n', OPEN],
    [200, 'r_total 2\n', OPEN],
    [200, '# EOF\n', OPEN],
    [200, 'g 17 x\n# EOF\n', OPEN],
    [200, 'g 1e3\n# EOF\n', OPEN],
  ],
  packed: [
    [200, gzipSync('z 1\ny 2\n'), PACKED],
    [200, 'no gzip', PACKED],
    [200, gzipSync(`z{l="${'x'.repeat(2000)}"} 1\n`), PACKED],
    [200, ''],
    [404, ''],
  ],
  limited: [
    [200, 'a 1\nb 2\n'],
    [200, 'a 1\nb 2\nc 3\nd 4\n'],
    [200, 'a 1\nb 2\ne 3\nf 4\n'],
    [200, `a{long="${'x'.repeat(100)}"} 1\n`],
    [200, 'a 1\na 2\n'],
  ],
  relabeled: [
    [200, 'a{B="1",b="2"} 1\n'],
    [200, 'a{instance="i",job="j",exported_job="k"} 1\n'],
    [200, 'a{b="2",B="1"} 1\n'],
    [200, 'a{B="1",b="2"} 1 1000\n'],
    [200, 'a 5'],
  ],
};
const PHASES = 5;
const INTERVAL_MS = 250;

const folder = temporaryFolder();
let phase = 0;
let targets: Server;
let real: Program;
let own: Program;

before(async () => {
  targets = createServer((request, response) => {
    const name = (request.url ?? '').slice(1).replace(/\?.*$/, '');
    const [status, body, headers] = PAGES[name]?.[phase] ?? [410, ''];
    response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4', ...headers });
    response.end(body);
  }).listen(0, '127.0.0.1');
  await once(targets, 'listening');
  const address = `127.0.0.1:${(targets.address() as AddressInfo).port}`;
  const job = (name: string, more: string): string =>
    `  - { job_name: ${name}, metrics_path: /${name}, ${more}
      static_configs: [{ targets: ['${address}'], labels: { zone: z } }] }`;
  const config = `
global: { scrape_interval: ${INTERVAL_MS}ms, scrape_timeout: ${INTERVAL_MS}ms }
scrape_configs:
${job('plain', '')}
${job('open', 'honor_labels: true,')}
${job('packed', 'body_size_limit: 1KB,')}
${job(
  'limited',
  `sample_limit: 3, label_value_length_limit: 50,
    metric_relabel_configs: [{ source_labels: [__name__], regex: d, action: drop }],`,
)}
${job(
  'relabeled',
  `params: { q: ['1 2', b] }, honor_timestamps: false,
    relabel_configs: [{ source_labels: [__address__], target_label: addr }],
    metric_relabel_configs:
      [{ source_labels: [B], regex: (.+), target_label: c, replacement: v$1 }],`,
)}
`;
  real = await startPrometheus({ dataPath: join(folder.path, 'real'), config });
  own = await startOwnPrometheus({ dataPath: join(folder.path, 'own'), config });
});

after(async () => {
  for (const program of [own, real]) await program[Symbol.asyncDispose]();
  targets.closeAllConnections();
  targets.close();
  folder[Symbol.dispose]();
});

/** Value by labels, of everything but durations. */
async function samples({ url }: Program): Promise<ReadonlyMap<string, string>> {
  const query = '{__name__!="scrape_duration_seconds",zone="z"}';
  const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query })}`);
  const { data } = (await answer.json()) as {
    readonly data: {
      readonly result: readonly {
        readonly metric: Readonly<Record<string, string>>;
        readonly value: readonly [number, string];
      }[];
    };
  };
  return new Map(
    data.result
      .map(
        ({ metric, value }) => [JSON.stringify(Object.entries(metric).sort()), value[1]] as const,
      )
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

async function isScraped(program: Program): Promise<boolean> {
  const found = await samples(program);
  return Object.keys(PAGES).every((name) => [...found.keys()].some((key) => key.includes(name)));
}

test('series and values are those of Prometheus, whatever targets do', async () => {
  for (const program of [real, own]) while (!(await isScraped(program))) await sleep(50);
  for (phase = 0; phase < PHASES; phase++) {
    await sleep(4 * INTERVAL_MS);
    let [ours, theirs] = await Promise.all([own, real].map(samples));
    // Either may have been late under load: what is wrong stays wrong.
    for (let i = 0; i < 40 && JSON.stringify([...ours]) !== JSON.stringify([...theirs]); i++) {
      await sleep(INTERVAL_MS);
      [ours, theirs] = await Promise.all([own, real].map(samples));
    }
    assert.deepEqual(ours, theirs, `phase ${phase}`);
    assert.ok(ours.size > 20);
  }
});

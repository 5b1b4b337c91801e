/**
 * `tsanos prometheus` beside Debian's Prometheus: both scrape the same targets. One target's samples carry their own
 * times, so that what both keep of it is the same to the bit.
 */
import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  freePort,
  type Program,
  ready,
  startCommand,
  startOwnPrometheus,
  startProgram,
  startPrometheus,
  temporaryFolder,
} from './real-programs.ts';
import { ScriptedTarget } from './scripted-target.ts';

const STEPS = 16;
const STEP_MS = 1000;
/** Samples of the scripted target lie in the near past, beside the grid of queries: Prometheus 2 closed windows on both sides. */
const START_MS = Math.floor(Date.now() / 1000) * 1000 - 120_000 + 3;
const END_MS = START_MS + STEPS * STEP_MS;

const folder = temporaryFolder();
let target: ScriptedTarget;
let exporter: Program;
let real: Program;
let own: Program;
let config = '';

before(async () => {
  target = await ScriptedTarget.start();
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  exporter = startProgram(
    'prometheus-node-exporter',
    [
      `--web.listen-address=${address}`,
      '--collector.disable-defaults',
      '--collector.loadavg',
      '--collector.meminfo',
    ],
    `http://${address}`,
  );
  config = `
global:
  scrape_interval: 200ms
  scrape_timeout: 200ms
  external_labels: { cluster: demo, replica: A }
scrape_configs:
  - job_name: demo
    static_configs:
      - { targets: ['${target.address}'], labels: { team: t } }
  - job_name: node
    scrape_interval: 1s
    static_configs: [{ targets: ['${address}'] }]
  - job_name: dropped
    static_configs: [{ targets: ['127.0.0.1:1'] }]
    relabel_configs: [{ source_labels: [__address__], regex: '127.*', action: drop }]
`;
  real = await startPrometheus({ dataPath: join(folder.path, 'real'), config });
  own = await startOwnPrometheus({
    dataPath: join(folder.path, 'own'),
    config,
    flags: ['--web.enable-lifecycle'],
  });
  for (let i = 0; i < STEPS; i++) await target.show(START_MS + i * STEP_MS, 2);
  for (const server of [real, own]) await hasStep(server, STEPS - 1);
});

after(async () => {
  for (const program of [own, real, exporter]) await program[Symbol.asyncDispose]();
  await target[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function ask(server: Program, path: string): Promise<unknown> {
  const answer = await fetch(`${server.url}/api/v1/${path}`);
  const { data } = (await answer.json()) as { readonly data?: unknown };
  return data ?? (await answer.status);
}

function query(expr: string, timeMs: number): string {
  return `query?${new URLSearchParams({ query: expr, time: String(timeMs / 1000) })}`;
}

/** Waits until a step of the scripted target can be queried. */
async function hasStep(server: Program, step: number): Promise<void> {
  for (;;) {
    const timeMs = START_MS + step * STEP_MS;
    const found = JSON.stringify(await ask(server, query(`demo_step == ${step}`, timeMs)));
    if (found.includes('demo_step')) return;
    assert.equal(server.child.exitCode, null, server.output());
    await sleep(50);
  }
}

test('queries over what both have scraped are answered alike', async () => {
  const exprs = [
    'demo_requests_total',
    'demo_heat',
    'rate(demo_requests_total[10s])',
    'sum by (code) (increase(demo_requests_total[5s]))',
    'histogram_quantile(0.9, rate(demo_seconds_bucket[8s]))',
    'count({job="demo", __name__=~"demo_.*"})',
    'max_over_time(demo_step[5s]) - min_over_time(demo_step[5s])',
    'count_over_time(demo_visitor[1m])',
    'absent(demo_nothing)',
    'topk(2, demo_seconds_bucket)',
  ];
  for (const expr of exprs) {
    const range = new URLSearchParams({
      query: expr,
      start: String((START_MS - 3) / 1000),
      end: String((END_MS - 3) / 1000),
      step: '0.7',
    });
    for (const path of [query(expr, END_MS - 300), `query_range?${range}`]) {
      assert.deepEqual(await ask(own, path), await ask(real, path), path);
    }
  }
});

test('series, labels, metadata and targets are told alike', async () => {
  const times = `start=${START_MS / 1000 - 60}`;
  const paths = [
    `series?match[]={job="demo"}&match[]={job="node",__name__=~"node_.*"}&${times}`,
    `labels?match[]={job="demo"}&${times}`,
    `label/__name__/values?match[]={job=~".%2B"}&${times}`,
    'metadata?metric=demo_requests_total',
    'metadata?metric=node_load1',
    'targets/metadata?match_target={job="demo"}&metric=demo_seconds',
  ];
  for (const path of paths) {
    const [ours, theirs] = [await ask(own, path), await ask(real, path)].map(sorted);
    assert.deepEqual(ours, theirs, path);
  }
  const [ours, theirs] = [await ask(own, 'targets'), await ask(real, 'targets')].map(stableTargets);
  assert.deepEqual(ours, theirs);
});

function sorted(data: unknown): unknown {
  if (!Array.isArray(data)) return data;
  return data.map((one) => JSON.stringify(one, Object.keys(one).sort())).sort();
}

/** What is the same whenever one asks. */
function stableTargets(data: unknown): unknown {
  const { activeTargets, droppedTargets } = data as Record<string, Record<string, unknown>[]>;
  const active = (activeTargets ?? []).map((one) => {
    const { labels, scrapePool, scrapeUrl, globalUrl, health, lastError } = one;
    return { labels, scrapePool, scrapeUrl, globalUrl, health, lastError };
  });
  return { active, dropped: (droppedTargets ?? []).length };
}

test('a sidecar and a querier read what it has scraped', async () => {
  const grpc = `127.0.0.1:${await freePort()}`;
  await using sidecar = await startCommand('sidecar', [
    `--prometheus.url=${own.url}`,
    `--grpc-address=${grpc}`,
  ]);
  await ready(sidecar);
  await using querier = await startCommand('query', [
    `--endpoint=${grpc}`,
    `--grpc-address=127.0.0.1:${await freePort()}`,
  ]);
  await ready(querier);
  for (;;) {
    const { length } = JSON.stringify(await ask(querier, query('count(demo_step)', END_MS - 300)));
    if (length > 60) break;
    await sleep(100);
  }
  const path = query(
    'sum without (cluster, replica) (rate(demo_requests_total{replica="A"}[10s]))',
    END_MS - 300,
  );
  const plain = query(
    'sum without (cluster, replica) (rate(demo_requests_total[10s]))',
    END_MS - 300,
  );
  assert.deepEqual(resultOf(await ask(querier, path)), resultOf(await ask(real, plain)));
});

function resultOf(data: unknown): unknown {
  return (data as { readonly result: unknown }).result;
}

test('a wrong configuration is refused, told, and changes nothing', async () => {
  const configPath =
    own.child.spawnargs.find((arg) => arg.startsWith('--config.file='))?.slice(14) ?? '';
  writeFileSync(configPath, `${config}  - job_name: wrong\n    no_such_key: 1\n`);
  const answer = await fetch(`${own.url}/-/reload`, { method: 'POST' });
  assert.equal(answer.status, 500);
  assert.match(await answer.text(), /^failed to reload config: .*no_such_key/s);
  const page = await (await fetch(`${own.url}/metrics`)).text();
  assert.match(page, /^prometheus_config_last_reload_successful 0$/m);
  assert.deepEqual(await ask(own, 'scrape_pools'), { scrapePools: ['demo', 'dropped', 'node'] });
  writeFileSync(configPath, config.replace('job_name: dropped', 'job_name: renamed'));
  own.child.kill('SIGHUP');
  while (!JSON.stringify(await ask(own, 'scrape_pools')).includes('renamed')) await sleep(50);
  const after = await (await fetch(`${own.url}/metrics`)).text();
  assert.match(after, /^prometheus_config_last_reload_successful 1$/m);
});

test('after a kill all that could be read is there, once, and scraping goes on', async () => {
  const everything = query('{__name__=~"demo_.*"}[10m]', Date.now());
  const before = await ask(own, everything);
  own.child.kill('SIGKILL');
  await own.ended;
  const port = Number(new URL(own.url).port);
  own = await startOwnPrometheus({ dataPath: join(folder.path, 'own'), config, port });
  assert.deepEqual(await ask(own, everything), before);
  await target.show(START_MS + STEPS * STEP_MS, 1);
  await hasStep(own, STEPS);
});

test('it ends in good order, and Prometheus itself opens its directory', async () => {
  const everything = query('{__name__=~"demo_.*"}[10m]', END_MS + 1000);
  const before = await ask(own, everything);
  own.child.kill('SIGTERM');
  assert.equal(await own.ended, 0, own.output());
  const alone = 'global: { external_labels: { cluster: demo } }\n';
  await using reader = await startPrometheus({ dataPath: join(folder.path, 'own'), config: alone });
  assert.deepEqual(await ask(reader, everything), before);
});

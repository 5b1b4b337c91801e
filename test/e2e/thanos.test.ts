/**
 * Our querier beside Thanos' own over the same sidecars of Thanos, and Thanos' querier over ours. Runs only where
 * TSANOS_THANOS names a thanos binary.
 */
import { strict as assert } from 'node:assert';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createBlocks,
  freePort,
  type Program,
  ready,
  startCommand,
  startProgram,
  startPrometheus,
  temporaryFolder,
} from './real-programs.ts';
import { noise, printSeries, type ReplicaText, type SeriesText, START_MS } from './series-text.ts';

const THANOS = process.env.TSANOS_THANOS;
const SAMPLES = 800;

const SERIES: readonly SeriesText[] = [
  ...['a', 'b', 'c'].map((handler, k) => ({
    name: 'requests_total',
    type: 'counter' as const,
    labels: `handler="${handler}",job="web"`,
    value: (i: number) => Math.floor((i + 90 * k) * (2 + k) + noise(i, k)),
  })),
  { name: 'temperature', type: 'gauge', labels: 'job="x"', value: (i) => 20 + Math.sin(i / 9) },
  { name: 'temperature', type: 'gauge', labels: 'job="x",zone="q"', value: (i) => -i },
];

/** Both miss samples now and then, B for long while A is there, and A for long while B is there. */
const REPLICAS: Readonly<Record<string, ReplicaText>> = {
  A: { offsetMs: 0, isMissing: (i) => i % 97 === 0 || (i > 300 && i < 380) },
  B: { offsetMs: 6411, isMissing: (i) => i % 61 === 0 || (i > 500 && i < 520) },
};

const QUERIES: readonly string[] = [
  'requests_total[20m]',
  'requests_total[2h]',
  'temperature',
  'rate(requests_total[5m])',
  'sum by (job) (increase(requests_total[1h]))',
  'irate(requests_total[2m])',
  'avg_over_time(temperature[30m])',
  'count_over_time(temperature[3h])',
  'max(temperature) by (zone)',
  'requests_total{replica="B"}[10m]',
  'temperature offset 1h',
  'absent(nothing)',
];

/** URLs of our querier and theirs over the sidecars, and of theirs over ours. */
interface Queriers {
  ours: string;
  theirs: string;
  above: string;
}

async function answerOf(url: string, path: string, form: Record<string, string>): Promise<unknown> {
  const answer = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(form)}`);
  const { status, data } = (await answer.json()) as { status: string; data: unknown };
  assert.equal(status, 'success', JSON.stringify(form));
  if (Array.isArray(data)) return data;
  const { result } = data as { result: { metric: unknown }[] };
  return result.sort((a, b) => (JSON.stringify(a.metric) < JSON.stringify(b.metric) ? -1 : 1));
}

async function readStores(url: string, count: number): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/api/v1/stores`);
    const { data } = (await answer.json()) as { data: Record<string, unknown[]> };
    if (Object.values(data).flat().length === count) return;
    await sleep(100);
  }
}

function suite(binary: string): void {
  const folder = temporaryFolder();
  const programs: Program[] = [];
  const urls: Queriers = { ours: '', theirs: '', above: '' };

  const start = async (program: Program): Promise<Program> => {
    programs.push(program);
    return await ready(program);
  };

  const thanos = async (command: string, ...args: string[]): Promise<Program> => {
    const address = `127.0.0.1:${await freePort()}`;
    const all = [command, `--http-address=${address}`, '--log.level=warn', ...args];
    return start(startProgram(binary, all, `http://${address}`));
  };

  const sidecar = async (replica: string, text: ReplicaText): Promise<string> => {
    const own = join(folder.path, replica);
    mkdirSync(own);
    const dataPath = createBlocks(own, printSeries(SERIES, SAMPLES, text));
    const config = `global: { external_labels: { cluster: demo, replica: ${replica} } }`;
    const prometheus = await startPrometheus({ dataPath, config });
    programs.push(prometheus);
    const grpc = `127.0.0.1:${await freePort()}`;
    await thanos('sidecar', `--grpc-address=${grpc}`, `--prometheus.url=${prometheus.url}`);
    return grpc;
  };

  before(async () => {
    const sidecars = await Promise.all(Object.entries(REPLICAS).map((one) => sidecar(...one)));
    const common = ['--query.replica-label=replica', '--grpc-compression=snappy'];
    const endpoints = sidecars.map((address) => `--endpoint=${address}`);
    const grpc = await freePort();
    const own = [`--grpc-address=127.0.0.1:${grpc}`, ...endpoints, ...common];
    urls.ours = (await start(await startCommand('query', own))).url;
    const other = `--grpc-address=127.0.0.1:${await freePort()}`;
    urls.theirs = (await thanos('query', other, ...endpoints, ...common)).url;
    const third = `--grpc-address=127.0.0.1:${await freePort()}`;
    urls.above = (await thanos('query', third, `--endpoint=127.0.0.1:${grpc}`, ...common)).url;
    const { ours, theirs, above } = urls;
    await Promise.all([readStores(ours, 2), readStores(theirs, 2), readStores(above, 1)]);
  });

  after(async () => {
    await Promise.all(programs.map((program) => program[Symbol.asyncDispose]()));
    folder[Symbol.dispose]();
  });

  defineTests(urls);
}

function defineTests(urls: Queriers): void {
  for (const query of QUERIES) {
    test(`${query} is the same`, async () => {
      for (const dedup of ['true', 'false']) {
        for (const seconds of [4000, 7213.4, 11_999]) {
          const form = { query, dedup, time: String(START_MS / 1000 + seconds) };
          const want = await answerOf(urls.theirs, 'query', form);
          assert.deepEqual(await answerOf(urls.ours, 'query', form), want, JSON.stringify(form));
          assert.deepEqual(await answerOf(urls.above, 'query', form), want, JSON.stringify(form));
        }
      }
    });
  }

  test('label names, label values and series are the same', async () => {
    const scope = { start: String(START_MS / 1000), end: String(START_MS / 1000 + 9000) };
    for (const [path, form] of [
      ['labels', {}],
      ['label/replica/values', {}],
      ['label/zone/values', { 'match[]': 'temperature' }],
      ['series', { 'match[]': '{job="web"}' }],
      ['series', { 'match[]': '{job="web"}', dedup: 'false' }],
      ['series', { 'match[]': '{replica="A"}', dedup: 'false' }],
    ] as const) {
      const want = await answerOf(urls.theirs, path, { ...scope, ...form });
      assert.deepEqual(await answerOf(urls.ours, path, { ...scope, ...form }), want, path);
      assert.deepEqual(await answerOf(urls.above, path, { ...scope, ...form }), want, path);
    }
  });
}

if (THANOS !== undefined) describe('beside Thanos', () => suite(THANOS));

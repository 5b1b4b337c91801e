import { strict as assert } from 'node:assert';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createBlocks,
  freePort,
  type Program,
  ready,
  startCommand,
  startPrometheus,
  temporaryFolder,
} from './real-programs.ts';
import { noise, printSeries, type SeriesText, START_MS } from './series-text.ts';

const SAMPLES = 600;
const EXTERNAL = ['cluster', 'region', 'replica'];
const CONFIG = `
global:
  external_labels: { cluster: demo, region: local, replica: A }
`;
const BOUNDS = ['0.1', '0.5', '2.5', '+Inf'];

/** Counters with resets, gauges with gaps of NaN, classic histograms. */
const SERIES: readonly SeriesText[] = [
  ...[0, 1, 2, 3].flatMap((instance) =>
    ['200', '500'].map((code, k) => ({
      name: 'requests_total',
      type: 'counter' as const,
      labels: `code="${code}",instance="i${instance}",job="${instance < 2 ? 'web' : 'api'}"`,
      value: (i: number) => Math.floor(((i + 40 * instance) % 170) * (3 + k + noise(7, instance))),
    })),
  ),
  ...[0, 1, 2, 3].map((instance) => ({
    name: 'temperature',
    type: 'gauge' as const,
    labels: `instance="i${instance}",job="${instance < 2 ? 'web' : 'api'}"`,
    value: (i: number) =>
      (i + 13 * instance) % 97 === 50 ? NaN : 20 + 5 * Math.sin(i / (9 + instance)) + noise(i, 3),
  })),
  ...[0, 1].flatMap((instance) =>
    BOUNDS.map((le, k) => ({
      name: 'latency_bucket',
      type: 'gauge' as const,
      labels: `instance="i${instance}",job="web",le="${le}"`,
      value: (i: number) => Math.floor(i * (k + 1) * (2 + instance) + noise(i, k)),
    })),
  ),
  { name: 'limits', type: 'gauge', labels: 'job="web"', value: () => 24.5 },
  { name: 'limits', type: 'gauge', labels: 'job="api",tier="b"', value: (i) => 23 + (i % 2) },
];

const folder = temporaryFolder();
let prometheus: Program;
let sidecar: Program;
let querier: Program;

before(async () => {
  const dataPath = createBlocks(folder.path, printSeries(SERIES, SAMPLES));
  prometheus = await startPrometheus({ dataPath, config: CONFIG });
  const grpc = `127.0.0.1:${await freePort()}`;
  sidecar = await startCommand('sidecar', [
    `--grpc-address=${grpc}`,
    `--prometheus.url=${prometheus.url}`,
  ]);
  await ready(sidecar);
  querier = await startCommand('query', [
    `--grpc-address=127.0.0.1:${await freePort()}`,
    `--endpoint=${grpc}`,
    '--query.replica-label=replica',
  ]);
  await ready(querier);
  while (!(await (await fetch(`${querier.url}/api/v1/stores`)).text()).includes('"cluster"')) {
    await sleep(50);
  }
});

after(async () => {
  await querier?.[Symbol.asyncDispose]();
  await sidecar?.[Symbol.asyncDispose]();
  await prometheus?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

interface Point {
  readonly time: number;
  readonly value: number;
}

/** Series by their labels without the external ones, or one nameless series for a scalar. */
type Answer = ReadonlyMap<string, readonly Point[]>;

type Pair = readonly [time: number, value: string];

interface Result {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: Pair;
  readonly values?: readonly Pair[];
}

async function ask(url: string, path: string, parameters: Record<string, string>): Promise<Answer> {
  const answer = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  const { data } = JSON.parse(text) as { data: { resultType: string; result: unknown } };
  if (data.resultType === 'scalar') return new Map([['', [pointOf(data.result as Pair)]]]);
  const results = data.result as readonly Result[];
  const series = results.map(({ metric, value, values }): [string, Point[]] => {
    const names = Object.keys(metric).filter((name) => !EXTERNAL.includes(name));
    const key = names.sort().map((name) => `${name}=${metric[name]}`);
    return [key.join(' '), (values ?? [value ?? assert.fail(text)]).map(pointOf)];
  });
  const found = new Map(series);
  assert.equal(found.size, series.length, 'series differ in external labels alone');
  return found;
}

function pointOf([time, text]: Pair): Point {
  return { time, value: Number(text.replace('Inf', 'Infinity')) };
}

function isNear(a: number, b: number): boolean {
  if (Object.is(a, b) || a === b) return true;
  return Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
}

function compare(found: Answer, want: Answer, what: string): void {
  assert.deepEqual([...found.keys()].sort(), [...want.keys()].sort(), what);
  for (const [key, points] of want) {
    const own = found.get(key) ?? assert.fail(key);
    assert.deepEqual(
      own.map(({ time }) => time),
      points.map(({ time }) => time),
      `${what}: times of ${key}`,
    );
    points.forEach(({ time, value }, i) => {
      const got = own[i]?.value ?? Number.NaN;
      assert.ok(isNear(got, value), `${what}: ${key} at ${time} is ${got}, not ${value}`);
    });
  }
}

/** Neither steps nor edges of windows meet a sample: those lie within 2 ms of whole quarter minutes. */
const RANGE = {
  start: String(START_MS / 1000 + 1807.123),
  end: String(START_MS / 1000 + 8407.123),
  step: '61',
};
const INSTANT = { time: String(START_MS / 1000 + 7207.123) };

const QUERIES: readonly string[] = [
  'requests_total',
  'temperature{job="web",instance!="i1"}',
  'requests_total{code=~"5..",instance!~"i[23]"}',
  'temperature offset 7m',
  'temperature @ 1767229207.123',
  'rate(requests_total[5m])',
  'increase(requests_total{job="api"}[13m])',
  'irate(requests_total[3m])',
  'resets(requests_total[1h])',
  'changes(temperature[20m])',
  'delta(temperature[10m])',
  'deriv(temperature[15m])',
  'predict_linear(temperature[30m], 3600)',
  'sum by (job) (rate(requests_total[5m]))',
  'sum without (instance, code) (requests_total)',
  'avg by (code) (increase(requests_total[10m]))',
  'max by (job) (max_over_time(temperature[17m]))',
  'min_over_time(temperature[11m])',
  'avg_over_time(temperature[1h])',
  'stddev_over_time(temperature[20m])',
  'quantile_over_time(0.9, temperature[40m])',
  'count_over_time(temperature[2m])',
  'topk(2, temperature)',
  'quantile by (job) (0.25, temperature)',
  'histogram_quantile(0.9, sum by (le) (rate(latency_bucket[5m])))',
  'histogram_quantile(0.5, rate(latency_bucket[9m]))',
  'temperature > on (job) group_left limits',
  'sum by (job) (requests_total) / on (job) group_right limits',
  'max_over_time(rate(requests_total{code="500"}[5m])[30m:61s501ms])',
  'label_replace(count by (job) (temperature), "kind", "$1", "job", "(.).*")',
  'absent(temperature{job="none"})',
  'clamp(round(temperature, 0.5), 18, 22) + 2 ^ 0.5',
  'requests_total{code="200"} unless on (instance) temperature{job="web"}',
  'scalar(sum(limits)) * time()',
];

test('range queries through sidecar and querier equal those of the Prometheus behind', async () => {
  assert.ok(QUERIES.length >= 30);
  for (const query of QUERIES) {
    const want = await ask(prometheus.url, 'query_range', { query, ...RANGE });
    assert.ok(want.size > 0, `${query} selects nothing`);
    compare(await ask(querier.url, 'query_range', { query, ...RANGE }), want, query);
  }
});

test('instant queries do so too, raw samples included', async () => {
  for (const query of [...QUERIES, 'temperature[7m]', 'requests_total[1h] offset 1h']) {
    const want = await ask(prometheus.url, 'query', { query, ...INSTANT });
    compare(await ask(querier.url, 'query', { query, ...INSTANT }), want, query);
  }
});

test('label calls give the same, but for the external labels', async () => {
  const range = { start: RANGE.start, end: RANGE.end };
  const list = async (url: string, path: string): Promise<unknown[]> => {
    const parameters = new URLSearchParams({ ...range, 'match[]': '{job="web"}' });
    const answer = await fetch(`${url}/api/v1/${path}?${parameters}`);
    return ((await answer.json()) as { data: unknown[] }).data;
  };
  const names = await list(querier.url, 'labels');
  assert.deepEqual(
    names.filter((name) => !EXTERNAL.includes(String(name))),
    await list(prometheus.url, 'labels'),
  );
  for (const path of ['label/instance/values', 'label/le/values']) {
    assert.deepEqual(await list(querier.url, path), await list(prometheus.url, path));
  }
  const own = (await list(querier.url, 'series')) as Record<string, string>[];
  const bare = own.map((labels) =>
    Object.fromEntries(Object.entries(labels).filter(([name]) => !EXTERNAL.includes(name))),
  );
  const sorted = (sets: readonly object[]): string[] =>
    sets.map((set) => JSON.stringify(set)).sort();
  assert.deepEqual(sorted(bare), sorted((await list(prometheus.url, 'series')) as object[]));
});

interface Difference {
  readonly name: string;
  readonly query: string;
  /** Seconds after the first sample: on the grid of samples, where the versions differ. */
  readonly offsetS: number;
  /** undefined: no result. */
  readonly prometheus242: number | undefined;
  readonly ours: number;
}

/** Where Prometheus 2.42 and 3.x, which we follow, are known to differ. */
const DIFFERENCES: readonly Difference[] = [
  {
    name: 'a window is open at its left end since 3.0',
    query: 'count_over_time(limits{job="web"}[90s])',
    offsetS: 900,
    prometheus242: 7,
    ours: 6,
  },
  {
    name: 'so is the window of a subquery',
    query: 'count_over_time(limits{job="web"}[3m:1m])',
    offsetS: 900,
    prometheus242: 4,
    ours: 3,
  },
  {
    name: 'topk of NaN alone keeps the first series, 2.42 the last',
    query: 'count(topk(1, limits * NaN) and limits{tier="b"})',
    offsetS: 907,
    prometheus242: undefined,
    ours: 1,
  },
];

test('known differences of 2.42 to 3.x are these and no others', async (t) => {
  for (const { name, query, offsetS, prometheus242, ours } of DIFFERENCES) {
    await t.test(name, async () => {
      const parameters = { query, time: String(START_MS / 1000 + offsetS) };
      const value = async (url: string): Promise<number | undefined> =>
        [...(await ask(url, 'query', parameters)).values()][0]?.[0]?.value;
      assert.equal(await value(prometheus.url), prometheus242, 'Prometheus');
      assert.equal(await value(querier.url), ours, 'ours');
    });
  }
});

interface Part {
  readonly totalSamples: number;
  readonly series?: number;
  readonly fanout?: readonly { readonly endpointAddr: string; readonly series: number }[];
  readonly children?: readonly Part[];
}

interface Told {
  readonly data: {
    readonly stats: { readonly samples: { readonly totalQueryableSamples: number } };
    readonly analysis?: Part;
  };
}

test('queries tell of as many samples as Prometheus saw, and who sent their series', async () => {
  const f = async (query: string, series: number): Promise<void> => {
    const range = { start: `${START_MS / 1000 + 700.5}`, end: `${START_MS / 1000 + 4000}` };
    const asked = new URLSearchParams({ query, ...range, step: '61', stats: 'true', analyze: '1' });
    const tell = async ({ url }: Program): Promise<Told['data']> =>
      ((await (await fetch(`${url}/api/v1/query_range?${asked}`)).json()) as Told).data;
    const [{ stats, analysis }, theirs] = [await tell(querier), await tell(prometheus)];
    assert.deepEqual(
      stats.samples.totalQueryableSamples,
      theirs.stats.samples.totalQueryableSamples,
      query,
    );
    const parts = [analysis ?? assert.fail(query)];
    for (const part of parts) parts.push(...(part.children ?? []));
    assert.equal(parts[0]?.totalSamples, stats.samples.totalQueryableSamples, query);
    const [sent, ...others] = parts.flatMap(({ fanout = [] }) => fanout);
    assert.deepEqual([sent?.series, others], [series, []], query);
    assert.match(sent?.endpointAddr ?? '', /^127\.0\.0\.1:\d+$/);
  };
  await f('temperature', 4);
  await f('sum by (job) (rate(requests_total[5m]))', 8);
  await f('max_over_time(temperature[11m:2m])', 4);
});

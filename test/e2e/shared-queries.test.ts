/** The same directory, the same questions: first to Prometheus, which reads what we wrote, then to us. */
import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type Program,
  ready,
  startOwnPrometheus,
  startPrometheus,
  temporaryFolder,
} from './real-programs.ts';
import { fillDatabase, openDatabase, SAMPLE_INTERVAL_MS } from './written-database.ts';

const FLOATS: readonly string[] = [
  'ours_total',
  'ours_total{i="3"}',
  'ours_total{i=~"1.",i!="15"}',
  'ours_total{i!~".|1[0-5]"}',
  'ours_total offset 25m',
  'ours_total offset -3m',
  'rate(ours_total[5m])',
  'increase(ours_total[37m])',
  'irate(ours_total{i=~"[02468]"}[3m])',
  'delta(ours_total[10m])',
  'idelta(ours_total[10m])',
  'deriv(ours_total[20m])',
  'predict_linear(ours_total[30m], 600)',
  'resets(ours_total[1h])',
  'changes(ours_total[1h])',
  'sum(ours_total)',
  'sum by (i) (rate(ours_total[10m]))',
  'avg without (i) (ours_total)',
  'min(ours_total)',
  'max by (i) (max_over_time(ours_total[1h]))',
  'min_over_time(ours_total[1h])',
  // Those around zero are left out: 2.42 adds up without compensation.
  'avg_over_time(ours_total{i=~".*[02468]"}[2h])',
  'sum_over_time(ours_total[20m])',
  'count_over_time(ours_total[90m])',
  'last_over_time(ours_total[4m])',
  'present_over_time(ours_total{i="19"}[1h])',
  'absent_over_time(ours_total{i="19"}[5m])',
  'quantile_over_time(0.3, ours_total[40m])',
  'stddev_over_time(ours_total[15m])',
  'stdvar(ours_total)',
  'quantile(0.9, ours_total)',
  'count(ours_total > 100)',
  'topk(3, ours_total{i=~"[02468]"})',
  'bottomk(2, ours_total{i=~"[02468]"})',
  'count_values("v", ours_total{i="4"})',
  'ours_total{i="2"} / on() group_left() ours_total{i="4"}',
  'ours_total and on(i) (ours_total > 50)',
  'ours_total unless on(i) (ours_total > 50)',
  'ours_total{i="1"} or ours_total{i="3"}',
  'label_replace(ours_total{i="7"}, "j", "x$1", "i", "(.*)")',
  'clamp(ours_total, -100, 100)',
  'timestamp(ours_total)',
  // Steps of subqueries lie on whole minutes, as samples do.
  'max_over_time(rate(ours_total[5m] offset 7s)[1h:7m])',
  'absent(ours_total{i="99"})',
  'scalar(ours_total{i="6"}) * 2',
];

const HISTOGRAMS: readonly string[] = [
  'histogram_count(ours_seconds)',
  'histogram_sum(ours_seconds)',
  'histogram_count(rate(ours_seconds[10m]))',
  'histogram_sum(sum(ours_seconds))',
  'histogram_fraction(0, 2, ours_seconds)',
  'histogram_count(increase(ours_seconds{i="0"}[1h]))',
];

type Pair = readonly [time: number, value: string];

interface Result {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: Pair;
  readonly values?: readonly Pair[];
}

/** A line for each value: series, time, number. */
type Answer = readonly (readonly [key: string, value: number])[];

async function ask({ url }: Program, path: string, query: Record<string, string>): Promise<Answer> {
  const answer = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(query)}`);
  const text = await answer.text();
  assert.equal(answer.status, 200, `${query.query}: ${text}`);
  const { data } = JSON.parse(text) as { data: { resultType: string; result: unknown } };
  const results =
    data.resultType === 'scalar'
      ? [{ metric: {}, value: data.result as Pair }]
      : (data.result as readonly Result[]);
  return results
    .flatMap(({ metric, value, values }: Result) => {
      const names = Object.keys(metric).sort();
      const labels = names.map((name) => `${name}=${metric[name]}`).join(' ');
      return (values ?? (value === undefined ? [] : [value])).map(
        ([time, number]) =>
          [`${labels} ${time}`, Number(number.replace('Inf', 'Infinity'))] as const,
      );
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Off the grid of samples, where 2.42 and 3.x agree about the edges of windows. */
async function askAll(program: Program, end: number): Promise<ReadonlyMap<string, Answer>> {
  const answers = new Map<string, Answer>();
  const at = end / 1000 - 7.123;
  for (const query of [...FLOATS, ...HISTOGRAMS]) {
    answers.set(query, await ask(program, 'query', { query, time: String(at) }));
    const range = { start: String(at - 5 * 3600), end: String(at), step: '311' };
    answers.set(`${query} as range`, await ask(program, 'query_range', { query, ...range }));
  }
  return answers;
}

/** Of the last hour, which is surely in the head: a restart of theirs forgets older ones, ours does not. */
async function exemplars({ url }: Program, end: number): Promise<unknown> {
  const query = {
    query: 'ours_total',
    start: String(end / 1000 - 3500),
    end: String(end / 1000),
  };
  const answer = await fetch(`${url}/api/v1/query_exemplars?${new URLSearchParams(query)}`);
  const { data } = (await answer.json()) as { readonly data: unknown };
  return data;
}

function isNear(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
}

test('one directory gives both the same answers', { timeout: 120_000 }, async () => {
  using folder = temporaryFolder();
  const dataPath = join(folder.path, 'data');
  const end = Math.floor(Date.now() / SAMPLE_INTERVAL_MS) * SAMPLE_INTERVAL_MS - 60_000;
  const db = openDatabase(dataPath);
  await fillDatabase(db, end);
  await db.close();
  const config = 'global: {}\n';
  let want: ReadonlyMap<string, Answer>;
  let wantExemplars: unknown;
  {
    const flags = ['--enable-feature=exemplar-storage,native-histograms'];
    await using theirs = await startPrometheus({ dataPath, config, flags });
    want = await askAll(theirs, end);
    wantExemplars = await exemplars(theirs, end);
  }
  await using ours = await startOwnPrometheus({ dataPath, config });
  await ready(ours);
  const found = await askAll(ours, end);
  const wrong: string[] = [];
  let compared = 0;
  for (const [what, answer] of want) {
    const own = found.get(what) ?? [];
    assert.deepEqual(
      own.map(([key]) => key),
      answer.map(([key]) => key),
      what,
    );
    answer.forEach(([key, value], i) => {
      const got = own[i]?.[1] ?? Number.NaN;
      if (!isNear(got, value)) wrong.push(`${what}: ${key} is ${got}, not ${value}`);
      compared++;
    });
  }
  assert.deepEqual(wrong, []);
  assert.ok(want.size >= 100 && compared > 5000, `${want.size} answers, ${compared} values`);
  assert.deepEqual(await exemplars(ours, end), wantExemplars);
  assert.match(JSON.stringify(wantExemplars), /"trace":"t\d+"/);
});

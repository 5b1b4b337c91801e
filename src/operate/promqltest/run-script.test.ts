import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { OperationError } from '../../base/errors.ts';
import { labelsOf } from '../../model/labels.ts';
import type { QueryResult } from '../../model/result.ts';
import { customBucketSeries } from './custom-buckets.ts';
import type { SeriesSamples } from './load.ts';
import type { QueryOutcome, QueryTarget, TargetQuery } from './query-target.ts';
import { runScript } from './run-script.ts';
import { scriptResult } from './script-result.ts';

/** Answers every query with what a test says, and remembers what it was asked. */
class ScriptedTarget implements QueryTarget {
  readonly asked: string[] = [];
  loaded: readonly SeriesSamples[] = [];
  readonly #answer: (query: TargetQuery) => QueryResult | OperationError;
  readonly #annotations: {
    readonly warnings: readonly string[];
    readonly infos: readonly string[];
  };

  constructor(
    answer: (query: TargetQuery) => QueryResult | OperationError,
    warnings: readonly string[] = [],
    infos: readonly string[] = [],
  ) {
    this.#answer = answer;
    this.#annotations = { warnings, infos };
  }

  async load(series: readonly SeriesSamples[]): Promise<void> {
    this.loaded = series;
  }

  async clear(): Promise<void> {
    this.loaded = [];
  }

  async query(query: TargetQuery): Promise<QueryOutcome> {
    const { startMs, endMs, stepMs } = query;
    this.asked.push(`${query.query} ${startMs}${stepMs > 0 ? `..${endMs}/${stepMs}` : ''}`);
    const result = this.#answer(query);
    if (result instanceof OperationError) throw result;
    return { result: scriptResult(result), ...this.#annotations };
  }
}

/** `a 1` and `b 2`, at every step of a range query. */
function twoSeries({ startMs, endMs, stepMs }: TargetQuery): QueryResult {
  const pairs: [string, number][] = [
    ['a', 1],
    ['b', 2],
  ];
  const labels = (name: string) => labelsOf({ __name__: name });
  if (stepMs === 0) {
    const samples = pairs.map(([name, value]) => ({ labels: labels(name), time: startMs, value }));
    return { kind: 'vector', samples };
  }
  const steps = Math.floor((endMs - startMs) / stepMs) + 1;
  const times = Float64Array.from({ length: steps }, (_, i) => startMs + i * stepMs);
  const series = pairs.map(([name, value]) => ({
    labels: labels(name),
    times,
    values: new Float64Array(steps).fill(value),
    histograms: [],
  }));
  return { kind: 'matrix', series };
}

async function run(script: string, target: QueryTarget): Promise<string> {
  const lines: string[] = [];
  for await (const { line, outcome, reason } of runScript(script, target)) {
    lines.push(`${line} ${outcome}${reason === '' ? '' : `: ${reason}`}`);
  }
  return lines.join('\n');
}

test('results must be what the script says', async () => {
  const f = async (script: string, want: string): Promise<void> =>
    assert.equal(await run(script, new ScriptedTarget(twoSeries)), want, script);
  await f('eval instant at 1m x\n  b 2\n a 1.0000001', '1 passed');
  await f('eval_ordered instant at 1m x\n a 1\n b 2', '1 passed');
  await f(
    'eval instant at 1m x\n expect ordered\n b 2\n a 1',
    '1 failed: expected {__name__="a"} at position 2, not 1',
  );
  await f('eval instant at 1m x\n a 1', '1 failed: unexpected {__name__="b"} 2');
  await f('eval instant at 1m x\n a 1\n b 2\n c 3', '1 failed: missing {__name__="c"} 3');
  await f('eval instant at 1m x\n a 1\n b 2.1', '1 failed: expected {__name__="b"} 2.1, got 2');
  await f('eval instant at 1m x\n 1', '1 failed: expected scalar 1, got a vector');
  await f('eval range from 0 to 2m step 1m x\n a 1 1 1\n b 2x2', '1 passed');
  await f(
    'eval range from 0 to 1m step 1m x\n a 1 _\n b 2 2',
    '1 failed: {__name__="a"}: 1 samples expected, got 2; got 1 @0 1 @60000',
  );
  await f(
    '\n# eval\nclear\neval instant at 0 x\n a 1\n b 2\n\neval instant at 0 x',
    ['4 passed', '8 failed: unexpected {__name__="a"} 1'].join('\n'),
  );
});

test('an error must be expected, and its text', async () => {
  const fails = (): OperationError => new OperationError('execution', 'no such thing (1:2)');
  const f = async (script: string, want: string): Promise<void> =>
    assert.equal(await run(script, new ScriptedTarget(fails)), want, script);
  await f('eval_fail instant at 0 x', '1 passed');
  await f('eval instant at 0 x\n expect fail', '1 passed');
  await f('eval instant at 0 x\n expect fail msg: no such thing (1:2)', '1 passed');
  await f('eval instant at 0 x\n expect fail regex: th.ng', '1 passed');
  await f('eval_fail instant at 0 x\n expected_fail_message no such thing (1:2)', '1 passed');
  await f(
    'eval instant at 0 x\n expect fail msg: no such',
    '1 failed: expected the error no such, got no such thing (1:2)',
  );
  await f('eval instant at 0 x', '1 failed: no such thing (1:2)');
  assert.equal(
    await run('eval_fail instant at 0 x', new ScriptedTarget(twoSeries)),
    '1 failed: expected an error, got none',
  );
  const refuses = (): OperationError => new OperationError('not-acceptable', 'not here');
  assert.equal(
    await run('eval instant at 0 x', new ScriptedTarget(refuses)),
    '1 skipped: not here',
  );
});

test('annotations must be what the script says', async () => {
  const f = async (lines: string, want: string): Promise<void> => {
    const target = new ScriptedTarget(twoSeries, ['PromQL warning: W (1:1)'], []);
    const script = `eval${lines.startsWith('_') ? '' : ' instant at 0 x'}${lines}\n a 1\n b 2`;
    assert.equal(await run(script, target), want, lines);
  };
  await f('', '1 passed');
  await f('_warn instant at 0 x', '1 passed');
  await f('_info instant at 0 x', '1 failed: expected an info, got none');
  await f('\nexpect warn', '1 passed');
  await f('\nexpect warn regex: W', '1 passed');
  await f('\nexpect no_info\nexpect warn msg: PromQL warning: W (1:1)', '1 passed');
  await f('\nexpect warn msg:W', '1 failed: expected warning W, got PromQL warning: W (1:1)');
  await f('\nexpect no_warn', '1 failed: unexpected warning PromQL warning: W (1:1)');
  await f('\nexpect info', '1 failed: expected info .*, got none');
});

test('instant queries run again with @ at other times and inside a range query', async () => {
  const asked = async (script: string): Promise<readonly string[]> => {
    const target = new ScriptedTarget(twoSeries);
    assert.equal(await run(script, target), '1 passed');
    return target.asked;
  };
  const range = (query: string, time: number): string =>
    `${query} ${time - 6e4}..${time + 6e4}/60000`;
  const both = (query: string, time: number): string[] => [`${query} ${time}`, range(query, time)];
  assert.deepEqual(await asked('eval instant at 50s x\n a 1\n b 2'), [
    ...both('x', 50_000),
    ...[-500_000, 0, 10_000, 50_000, 500_000].flatMap((time) => both('x @ 50.000', time)),
  ]);
  assert.deepEqual(await asked('eval instant at 0 x @ end() + rate(y[1m:] @ 3)\n a 1\n b 2'), [
    'x @ end() + rate(y[1m:] @ 3) 0',
    ...[-1000, 0, 1000].flatMap((time) => both('x @ 0.000 + rate(y[1m:] @ 3.000)', time)),
  ]);
  assert.deepEqual(
    await asked('eval instant at 5s timestamp(x)\n a 1\n b 2'),
    both('timestamp(x)', 5000),
  );
  assert.deepEqual(await asked('eval instant at 5s x + step()\n a 1\n b 2'), ['x + step() 5000']);
  assert.deepEqual(await asked('eval instant at 5s rate(x[1m:])\n expect ordered\n a 1\n b 2'), [
    ...both('rate(x[1m:])', 5000),
    ...[-50_000, 0, 1000, 5000, 50_000].flatMap((time) => both('rate(x[1m:] @ 5.000)', time)),
  ]);
});

test('scripts that cannot be read are reported with their line', async () => {
  const f = async (script: string, want: string): Promise<void> =>
    assert.equal(await run(script, new ScriptedTarget(twoSeries)), `0 failed: ${want}`, script);
  await f('\nboom', 'line 2: unknown command "boom", expected clear, load or eval');
  await f('load 5x', 'line 1: the interval of load is not a duration: "5x"');
  await f('load 5m\n a 1 b', 'line 2: unexpected "b" among series values');
  await f('eval instant at 1m sum(', 'line 1: 1:5: parse error: unclosed left parenthesis');
  await f('eval instant at soon x', 'line 1: the time of eval is not a duration: "soon"');
  await f('eval range from 1m to 0 step 1m x', 'line 1: the end 0 is before the start 1m');
  await f(
    'eval instant at 1m x\n a 1 2',
    'line 2: several values for an instant query; use "expect range vector" for a range vector',
  );
  await f(
    'eval instant at 1m x\n expect warn\n expect no_warn',
    'line 3: expect warn and expect no_warn cannot be used together',
  );
  await f('load 1m\n a@st 1s\n b 1', 'line 3: the @st line above is for another series');
  await f('load 1m\n a@st 1s\n a 1 2', 'line 3: the @st line above has 1 items for 2 samples');
});

test('loads give every sample its time', async () => {
  const target = new ScriptedTarget(twoSeries);
  await run('load 10s\n a@st _ -5s _\n a 1 2 stale\n b _ 3', target);
  const name = (text: string) => labelsOf({ __name__: text });
  assert.deepEqual(target.loaded, [
    {
      labels: name('a'),
      samples: [
        { time: 0, value: 1, startTime: 0 },
        { time: 10_000, value: 2, startTime: 5000 },
        { time: 20_000, value: 'stale', startTime: 0 },
      ],
    },
    { labels: name('b'), samples: [{ time: 10_000, value: 3, startTime: 0 }] },
  ]);
});

test('classic histograms become native ones with custom buckets', () => {
  const series = (labels: Record<string, string>, ...values: number[]): SeriesSamples => ({
    labels: labelsOf(labels),
    samples: values.map((value, time) => ({ time, value })),
  });
  const [family, ...others] = customBucketSeries([
    series({ __name__: 'h_bucket', le: '5', x: 'y' }, 3, 4),
    series({ __name__: 'h_bucket', le: '1', x: 'y' }, 1, 1),
    series({ __name__: 'h_count', x: 'y' }, 7, 7.5),
    series({ __name__: 'h_sum', x: 'y' }, 12),
    series({ __name__: 'other', x: 'y' }, 12),
  ]);
  assert.equal(others.length, 0);
  assert.deepEqual(family?.labels, labelsOf({ __name__: 'h', x: 'y' }));
  const counts = family?.samples.map(({ value }) =>
    typeof value === 'object' ? [...value.positiveBuckets, value.count, value.sum] : [],
  );
  assert.deepEqual(counts, [
    [1, 2, 4, 7, 12],
    [1, 3, 3.5, 7.5, 0],
  ]);
  const falling = [
    series({ __name__: 'h_bucket', le: '1' }, 3),
    series({ __name__: 'h_bucket', le: '+Inf' }, 2),
  ];
  assert.throws(
    () => customBucketSeries(falling),
    /cannot make a native histogram of \{__name__="h"\}: counts 3 2 of 2/,
  );
});

import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Kernel } from '../base/kernel.ts';
import { testKernel } from '../base/testing/kernel.ts';
import type { FloatHistogram } from '../model/histogram.ts';
import { parseNumber, printSample } from '../model/number-text.ts';
import type { SampleColumns } from '../model/sample.ts';
import { isStaleAt, writeStale } from '../model/stale.ts';
import { type DeduplicateOptions, deduplicate } from './deduplicate.ts';
import { penaltyOracle, type ReplicaSample } from './testing/dedup-oracle.ts';

type TestValue = number | 'stale' | FloatHistogram;
type TestSample = readonly [time: number, value: TestValue];

const kernel = testKernel();

function columnsOf(samples: readonly TestSample[]): SampleColumns {
  const floats = samples.filter(([, value]) => typeof value !== 'object');
  const times = kernel.arena.alloc(8 * floats.length);
  const values = kernel.arena.alloc(8 * floats.length);
  floats.forEach(([time, value], i) => {
    kernel.f64[(times >>> 3) + i] = time;
    if (value === 'stale') writeStale(kernel.u32, (values >>> 3) + i);
    else kernel.f64[(values >>> 3) + i] = value as number;
  });
  const histograms = samples.flatMap(([time, value]) =>
    typeof value === 'object' ? [{ time, startTime: 0, histogram: value }] : [],
  );
  return { times, values, count: floats.length, startTimes: 0, histograms };
}

function samplesOf({ u32, f64 }: Kernel, columns: SampleColumns): TestSample[] {
  const floats = Array.from({ length: columns.count }, (_, i): TestSample => {
    const at = (columns.values >>> 3) + i;
    const value = isStaleAt(u32, at) ? 'stale' : (f64[at] ?? 0);
    return [f64[(columns.times >>> 3) + i] ?? 0, value];
  });
  const histograms = columns.histograms.map(({ time, histogram }): TestSample => [time, histogram]);
  return [...floats, ...histograms].sort(([a], [b]) => a - b);
}

function merged(
  replicas: readonly (readonly TestSample[])[],
  options: DeduplicateOptions,
): TestSample[] {
  const mark = kernel.arena.mark();
  const result = samplesOf(kernel, deduplicate(kernel, replicas.map(columnsOf), options));
  kernel.arena.release(mark);
  return result;
}

function histogramOf(count: number): FloatHistogram {
  const empty = new Float64Array();
  return {
    counterResetHint: 'not_reset',
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    count,
    sum: 0,
    stale: false,
    positiveSpans: [],
    negativeSpans: [],
    positiveBuckets: empty,
    negativeBuckets: empty,
    customValues: empty,
  };
}

const gauge: DeduplicateOptions = { func: 'penalty', isCounter: false };
const counter: DeduplicateOptions = { func: 'penalty', isCounter: true };
const chain: DeduplicateOptions = { func: 'chain', isCounter: false };

/** Scrapes of one replica: an interval, an offset, some missing, sometimes a restart. */
const replicaSamples = fc
  .record({
    interval: fc.constantFrom(1000, 15_000, 15_000, 15_000, 30_000),
    offset: fc.integer({ min: 0, max: 30_000 }),
    gaps: fc.array(fc.constantFrom(1, 1, 1, 1, 1, 1, 2, 3, 7, 40), { size: 'max', maxLength: 60 }),
    values: fc.array(fc.constantFrom<TestValue>(0, 1, 2, 5, 5, 9, 100, Number.NaN, 'stale'), {
      minLength: 60,
      maxLength: 60,
    }),
    histogramEach: fc.constantFrom(1000, 1000, 1000, 5, 2),
  })
  .map(({ interval, offset, gaps, values, histogramEach }) => {
    let time = offset;
    return gaps.map((gap, i): TestSample => {
      time += gap * interval;
      const isHistogram = i % histogramEach === histogramEach - 1;
      return [time, isHistogram ? histogramOf(time) : (values[i] ?? 0)];
    });
  });

/** Stale markers are NaN to the rules. */
function toOracle(samples: readonly TestSample[]): ReplicaSample[] {
  return samples.map(([time, value]) => ({
    time,
    value: typeof value === 'object' ? 'histogram' : value === 'stale' ? Number.NaN : value,
  }));
}

for (const options of [gauge, counter]) {
  test(`penalties give what the rules say, counter ${options.isCounter}`, () => {
    const replicas = fc.array(replicaSamples, { minLength: 2, maxLength: 4, size: 'max' });
    const property = fc.property(replicas, (columns) => {
      const want = penaltyOracle(columns.map(toOracle), options.isCounter);
      assert.deepEqual(toOracle(merged(columns, options)), want);
    });
    fc.assert(property, { numRuns: 300 });
  });
}

const at = (...times: number[]): TestSample[] => times.map((time) => [time * 1000, time]);

test('one replica is followed until it lacks two intervals', () => {
  const left = at(0, 15, 30, 45, 60, 150, 165);
  const right = at(3, 18, 33, 48, 63, 78, 93, 108, 123, 138, 153, 168);
  assert.deepEqual(
    merged([left, right], gauge).map(([, value]) => value),
    [0, 15, 30, 45, 60, 93, 108, 123, 138, 153, 168],
  );
});

test('a counter does not drop where the replica changes', () => {
  const left: TestSample[] = [
    [0, 100],
    [15_000, 110],
    [30_000, 120],
  ];
  const right: TestSample[] = [
    [3000, 90],
    [18_000, 100],
    [93_000, 118],
    [108_000, 119],
  ];
  const values = (options: DeduplicateOptions): TestValue[] =>
    merged([left, right], options).map(([, value]) => value);
  assert.deepEqual(values(gauge), [100, 110, 120, 118, 119]);
  assert.deepEqual(values(counter), [100, 110, 120, 120, 121]);
});

test('stale markers keep their bits through every merge', () => {
  const left: TestSample[] = [
    [0, 1],
    [15_000, 'stale'],
  ];
  const right: TestSample[] = [
    [1000, 2],
    [16_000, 3],
    [61_000, 'stale'],
  ];
  for (const options of [gauge, counter]) {
    const values = merged([left, right], options).map(([, value]) => value);
    assert.deepEqual(values, [1, 'stale', 'stale']);
  }
  const times = merged([left, right], chain).map(([time]) => time);
  assert.deepEqual(times, [0, 1000, 15_000, 16_000, 61_000]);
  assert.deepEqual(merged([left, right], chain).at(-1), [61_000, 'stale']);
});

test('a chain has every timestamp once', () => {
  const replicas = fc.array(replicaSamples, { minLength: 2, maxLength: 4, size: 'max' });
  const property = fc.property(replicas, (columns) => {
    const times = new Set(columns.flatMap((samples) => samples.map(([time]) => time)));
    const got = merged(columns, chain);
    assert.deepEqual(
      got.map(([time]) => time),
      [...times].sort((a, b) => a - b),
    );
    for (const [time, value] of got) {
      const candidates = columns.flatMap((samples) =>
        samples.filter(([sampleTime]) => sampleTime === time).map(([, candidate]) => candidate),
      );
      const isHistogram = typeof value === 'object';
      assert.ok(
        candidates.some((one) => (isHistogram ? typeof one === 'object' : Object.is(one, value))),
      );
    }
  });
  fc.assert(property, { numRuns: 200 });
});

test('a single replica is what it is', () => {
  const columns = columnsOf(at(1, 2, 3));
  assert.equal(deduplicate(kernel, [columns], counter), columns);
});

interface GoldenCase {
  readonly name: string;
  readonly algorithm: 'penalty' | 'chain';
  readonly counter: boolean;
  readonly replicas: readonly (readonly GoldenSample[])[];
  readonly expected: readonly GoldenSample[];
}
type GoldenSample = readonly [time: number, value: number | string];

test('replicas are merged as Thanos itself merges them', () => {
  const path = new URL('../../test/golden/dedup.json', import.meta.url);
  const cases = JSON.parse(readFileSync(path, 'utf8')) as GoldenCase[];
  assert.equal(cases.length, 240);
  for (const { name, algorithm, counter: isCounter, replicas, expected } of cases) {
    const parsed = replicas.map((samples) =>
      samples.map(([time, value]): TestSample => [time, goldenValue(value)]),
    );
    // Adding its raise, even one of 0, makes an ordinary NaN of Thanos' stale marker; ours stays one.
    const nan = isCounter ? 'NaN' : 'stale';
    const got = merged(parsed, { func: algorithm, isCounter }).map(([time, value]) =>
      value === 'stale' ? [time, nan] : [time, printSample(value as number)],
    );
    const want = expected.map(([time, value]) => [
      time,
      typeof value === 'number' ? printSample(value) : value.replace(/^Inf/, '+Inf'),
    ]);
    assert.deepEqual(got, want, name);
  }
});

function goldenValue(value: number | string): TestValue {
  return typeof value === 'number' || value === 'stale' ? value : parseNumber(value);
}

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { type Random, seededRandom } from '../../base/random.ts';
import type { FloatHistogram } from '../../model/histogram.ts';
import { printLabels } from '../../model/labels-text.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { MemoryValue } from '../../storage/memory-series.ts';
import { MemoryStore } from '../../storage/memory-store.ts';
import type { SelectHints } from '../../storage/queryable.ts';
import {
  dump,
  EVERYTHING,
  HINTS,
  histogramOf,
  labelsFor,
  outcomesOf,
  START,
} from './testing/head-text.ts';
import { appendValue, reopened, TestHead } from './testing/test-head.ts';

const matcherSets: readonly (readonly Matcher[])[] = [
  [{ type: '=', name: '__name__', value: 'metric_3' }],
  [
    { type: '=', name: 'job', value: 'job1' },
    { type: '!=', name: 'zone', value: 'a' },
  ],
  [{ type: '=~', name: 'instance', value: 'i1.*' }],
  [
    { type: '=~', name: '__name__', value: 'metric_(1|2)' },
    { type: '!~', name: 'instance', value: '.*[13579]' },
  ],
  [{ type: '=', name: 'zone', value: '' }],
  [{ type: '!=', name: 'zone', value: '' }],
  [
    { type: '=~', name: 'zone', value: 'b|' },
    { type: '=', name: 'job', value: 'job0' },
  ],
  [{ type: '=~', name: 'none', value: '.*' }],
  [{ type: '=', name: 'none', value: 'x' }],
  [{ type: '!=', name: '__name__', value: 'metric_9' }],
];
const { signal } = new AbortController();

/** Values and gaps that reach every form of the encoding. */
function nextSample(random: Random, time: number, value: number): [number, number] {
  const kind = Math.floor(random.next() * 10);
  const jitter = [0, 1, 9000, 70_000, 600_000][Math.floor(random.next() * 5)] ?? 0;
  const gap = kind < 8 ? 15_000 : 1 + Math.floor(random.next() * jitter);
  const values = [value, value + 1, random.next(), -0, Infinity, 5e-324, value * 1.5];
  return [time + gap, values[Math.floor(random.next() * values.length)] ?? 0];
}

test('selections are those of a plain store, also after the process has died', async () => {
  const random = seededRandom(1);
  let bench = TestHead.inMemory(random);
  const store = new MemoryStore();
  const series = Array.from({ length: 60 }, (_, i) => ({
    labels: labelsFor(i),
    time: START + i,
    value: i,
  }));
  const compare = async (): Promise<void> => {
    for (const matchers of matcherSets) {
      for (const [from, to] of [
        [-Infinity, Infinity],
        [START + 1_000_000, START + 1_500_000],
        [START - 5000, START + 10],
      ] as const) {
        const want = await dump(store, matchers, from, to);
        assert.deepEqual(await dump(bench.reader, matchers, from, to), want);
      }
    }
  };
  for (let round = 0; round < 400; round++) {
    const appender = bench.head.appender();
    for (const one of series) {
      if (random.next() < 0.2) continue;
      const newest = Math.max(...series.map(({ time }) => time));
      [one.time, one.value] = nextSample(random, one.time, one.value);
      one.time = Math.max(one.time, newest - 1_800_000);
      const value: MemoryValue = random.next() < 0.02 ? 'stale' : one.value;
      appendValue(appender, bench.ref(appender, one.labels), one.time, value, false);
      store.append(one.labels, { time: one.time, value });
    }
    assert.match(outcomesOf(appender), /^(appended ?)+$/);
    if (round % 133 === 50) bench = reopened(bench);
    if (round % 100 === 0) await compare();
  }
  await compare();
});

test('what became of a row is told, and rows of one batch are checked against each other', () => {
  const { head } = TestHead.inMemory(seededRandom(1));
  const appender = head.appender();
  const ref = appender.seriesRef(labelsFor(0));
  const f = (want: string, ...rows: readonly (readonly [number, MemoryValue])[]): void => {
    for (const [time, value] of rows) appendValue(appender, ref, time, value, false);
    assert.equal(outcomesOf(appender), want);
  };
  f('appended', [START, 1]);
  f('same duplicate out-of-order', [START, 1], [START, 2], [START - 1, 1]);
  f('appended same out-of-order', [START + 10, 1], [START + 10, 1], [START + 5, 1]);
  f('bad-time bad-time bad-time', [Number.NaN, 1], [START + 10.5, 1], [2 ** 60, 1]);
  f('appended appended', [START + 20, 1], [START + 30, 2]);
  f('too-old', [START - 3_700_000, 1]);
  f('appended same', [START + 40, Number.NaN], [START + 40, Number.NaN]);
  head.seal(START + 100);
  f('too-old appended', [START + 99, 1], [START + 100, 1]);
  appender.float(ref + 1, START + 200, 0, 0);
  appender.float(Number.NaN, START + 200, 0, 0);
  f('no-series no-series appended', [START + 200, 1]);
  assert.equal(head.counters.outOfOrder, 2);
  assert.equal(head.counters.outOfBounds, 2);
  assert.equal(head.counters.seriesNotFound, 2);
  assert.equal(head.counters.floatsAppended, 7);
});

test('of a batch that cannot be logged nothing is kept', async () => {
  const bench = TestHead.inMemory(seededRandom(1));
  const appender = bench.head.appender();
  const ref = appender.seriesRef(labelsFor(0));
  appendValue(appender, ref, START, 1, false);
  appender.commit();
  const before = await dump(bench.reader);
  for (let i = 1; i < 5000; i++) appendValue(appender, ref, START + i, i, false);
  const late = appender.seriesRef(labelsFor(1));
  appendValue(appender, late, START, 5, false);
  appendValue(appender, late, START + 9, histogramOf(1, 2), true);
  bench.files.capacityBytes = 0;
  assert.throws(() => appender.commit(), { kind: 'unavailable' });
  bench.files.capacityBytes = Infinity;
  assert.deepEqual(await dump(bench.reader), before);
  appendValue(appender, ref, START, 1, false);
  appendValue(appender, ref, START + 1, 7, false);
  appendValue(appender, late, START + 3, 5, false);
  assert.equal(outcomesOf(appender), 'same appended appended');
  const after = await dump(bench.reader);
  assert.equal(after.length, 2);
  const again = reopened(bench);
  assert.deepEqual(await dump(again.reader), after);
});

/** Counts that mostly rise, in buckets that come and go; sometimes something that ends a chunk. */
function nextHistogram(random: Random, last: FloatHistogram, isInteger: boolean): FloatHistogram {
  const roll = random.next();
  const grow = (count: number): number =>
    count + (isInteger ? Math.floor(random.next() * 9) : random.next() * 9);
  const fresh = roll < 0.03;
  const buckets = fresh ? new Float64Array(last.positiveBuckets.length) : last.positiveBuckets;
  let positiveSpans = last.positiveSpans;
  let positiveBuckets = buckets.map(grow);
  if (roll > 0.9) {
    positiveSpans = [...positiveSpans, { offset: roll > 0.95 ? 0 : 3, length: 1 }];
    positiveBuckets = Float64Array.of(...positiveBuckets, grow(0));
  } else if (roll > 0.85) {
    positiveSpans = [{ offset: -3, length: 2 }];
    positiveBuckets = Float64Array.of(grow(0), grow(0));
  }
  const negativeBuckets = last.negativeBuckets.map(grow);
  const zeroCount = fresh ? 0 : last.zeroCount;
  const count = [...positiveBuckets, ...negativeBuckets].reduce((a, b) => a + b, zeroCount);
  const schema = roll > 0.84 && roll < 0.85 ? last.schema - 1 : last.schema;
  const sum = random.next() * 1e6;
  return {
    ...last,
    schema,
    positiveSpans,
    positiveBuckets,
    negativeBuckets,
    count,
    zeroCount,
    sum,
  };
}

test('histograms are read as they were given, between floats and stale markers', async () => {
  const random = seededRandom(7);
  let bench = TestHead.inMemory(random);
  const store = new MemoryStore();
  const first = histogramOf(1, 2, 3);
  const starts: readonly FloatHistogram[] = [
    first,
    {
      ...first,
      count: 16,
      negativeSpans: [{ offset: 1, length: 2 }],
      negativeBuckets: Float64Array.of(4, 5),
    },
    { ...first, counterResetHint: 'gauge', zeroThreshold: 0.3 },
    {
      ...first,
      schema: -53,
      zeroThreshold: 0,
      zeroCount: 0,
      count: 6,
      positiveSpans: [{ offset: 0, length: 3 }],
      customValues: Float64Array.of(0.005, 0.1, 1 / 3, 1e9),
    },
  ];
  const series = starts.flatMap((start, i) =>
    [true, false].map((isInteger) => ({
      labels: labelsFor(2 * i + (isInteger ? 1 : 0)),
      isInteger,
      start,
      last: start,
    })),
  );
  for (let round = 0; round < 300; round++) {
    const appender = bench.head.appender();
    const time = START + 15_000 * round;
    for (const one of series) {
      const roll = random.next();
      const isCustom = one.start.schema === -53;
      const next = isCustom ? one.start : nextHistogram(random, one.last, one.isInteger);
      one.last = next.schema < 0 || roll < 0.05 ? one.start : next;
      if (isCustom && round % 9 > 3) one.last = customRise(one.start, round);
      const value: MemoryValue = roll < 0.97 ? one.last : roll < 0.985 ? 'stale' : round;
      appendValue(appender, bench.ref(appender, one.labels), time, value, one.isInteger);
      store.append(one.labels, { time, value });
    }
    assert.match(outcomesOf(appender), /^(appended ?)+$/);
    if (round === 120 || round === 250) bench = reopened(bench);
  }
  assert.ok(bench.head.stats().chunks > 30);
  const [from, to] = [START, START + 15_000 * 300];
  const want = await dump(store, EVERYTHING, from, to);
  assert.deepEqual(await dump(bench.reader, EVERYTHING, from, to), want);
});

function customRise(start: FloatHistogram, round: number): FloatHistogram {
  const positiveBuckets = start.positiveBuckets.map((count) => count + round);
  const count = positiveBuckets.reduce((a, b) => a + b, 0);
  return { ...start, positiveBuckets, count, sum: round };
}

test('histograms that contradict themselves are refused', () => {
  const { head } = TestHead.inMemory(seededRandom(1));
  const appender = head.appender();
  const ref = appender.seriesRef(labelsFor(0));
  const good = histogramOf(1, 2);
  const f = (want: string, change: Partial<FloatHistogram>, isInteger = true): void => {
    appender.histogram(ref, START, { ...good, ...change }, isInteger);
    assert.equal(outcomesOf(appender), want);
  };
  f('bad-histogram', { count: 3 });
  f('bad-histogram', { positiveSpans: [{ offset: 0, length: 3 }] });
  f('bad-histogram', { positiveBuckets: Float64Array.of(-1, 4) });
  f('bad-histogram', { schema: -10 });
  f('bad-histogram', { customValues: Float64Array.of(1) });
  f('bad-histogram', { schema: -53 });
  f('appended', { count: 9, sum: Number.NaN });
  f('same', { count: 9, sum: Number.NaN });
  f('duplicate', {});
  f('duplicate', {}, false);
});

test('labels are listed for all series and for some', async () => {
  const bench = TestHead.inMemory(seededRandom(1));
  const store = new MemoryStore();
  const appender = bench.head.appender();
  for (let i = 0; i < 300; i++) {
    appendValue(appender, appender.seriesRef(labelsFor(i)), START, i, false);
    store.append(labelsFor(i), { time: START, value: i });
  }
  appender.commit();
  for (const matchers of [[], ...matcherSets]) {
    const request = { matchers, minTime: START, maxTime: START, limit: 0 };
    const want = await store.labelNames(request);
    assert.deepEqual(await bench.reader.labelNames(request, { signal }), want);
    for (const name of ['instance', 'zone', 'none']) {
      const values = await store.labelValues(name, request);
      assert.deepEqual(await bench.reader.labelValues(name, request, { signal }), values);
    }
  }
  const none = { matchers: [], minTime: START + 1, maxTime: START + 2, limit: 0 };
  assert.deepEqual((await bench.reader.labelNames(none, { signal })).values, []);
});

test('limits, shards and labels alone are given as a store gives them', async () => {
  const bench = TestHead.inMemory(seededRandom(1));
  const appender = bench.head.appender();
  for (let i = 0; i < 40; i++) {
    appendValue(appender, appender.seriesRef(labelsFor(i)), START, i, false);
  }
  appender.commit();
  const f = async (change: Partial<SelectHints>): Promise<string[]> => {
    const request = { matchers: EVERYTHING, minTime: 0, maxTime: START };
    const options = { signal };
    const names: string[] = [];
    using set = await bench.reader.select({ ...request, hints: { ...HINTS, ...change } }, options);
    while (set.next()) names.push(printLabels(set.labels));
    return names;
  };
  const all = await f({});
  assert.equal(all.length, 40);
  assert.deepEqual(await f({ func: 'series' }), all);
  assert.deepEqual(await f({ limit: 7 }), all.slice(0, 7));
  const shard = { index: 1, count: 3 };
  assert.deepEqual(
    await f({ shard }),
    all.filter((_, i) => i % 3 === 1),
  );
});

test('what is before a truncation is forgotten, and its series with it, in steps', async () => {
  const random = seededRandom(3);
  const bench = TestHead.inMemory(random, { chunkRangeMs: 600_000 });
  const store = new MemoryStore();
  const end = Math.floor(START / 600_000) * 600_000;
  const append = (i: number, time: number): string => {
    const appender = bench.head.appender();
    appendValue(appender, bench.ref(appender, labelsFor(i)), time, i + time, false);
    return outcomesOf(appender);
  };
  for (let time = end - 1_200_000; time < end + 300_000; time += 15_000) {
    for (let i = 0; i < 50; i++) {
      if (i >= 20 && time >= end) continue;
      append(i, time);
      if (time >= end) store.append(labelsFor(i), { time, value: i + time });
    }
  }
  assert.equal(bench.head.stats().series, 50);
  const refs = bench.writer.lastFile;
  let steps = 0;
  for (const _ of bench.head.truncate(end)) steps++;
  assert.ok(steps > 0);
  assert.equal(bench.head.stats().series, 20);
  assert.equal(bench.head.minTime, end);
  assert.equal(bench.head.counters.seriesRemoved, 30);
  assert.ok(bench.head.oldestFile <= refs || bench.head.oldestFile === 0xffffffff);
  const want = await dump(store);
  assert.deepEqual(await dump(bench.reader), want);
  assert.equal(append(0, end - 1), 'too-old');
  assert.equal(append(30, end + 400_000), 'no-series');
  const keep = bench.head.keeper();
  assert.ok(keep(1) && keep(50), 'a series that has just ended is kept in the log');
  bench.forgetRefs();
  assert.equal(append(30, end + 400_000), 'appended');
  const names = await bench.reader.labelValues(
    'instance',
    { matchers: [], minTime: 0, maxTime: Infinity, limit: 0 },
    { signal },
  );
  assert.equal(names.values.length, 21);
  for (const _ of bench.head.truncate(end + 1_200_000));
  assert.equal(bench.head.stats().series, 0);
  assert.equal(bench.head.minTime, Infinity);
  assert.equal(bench.head.keeper()(5), false);
});

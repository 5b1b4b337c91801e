/** What happens to a head over time: memory that runs out, series that end, deletions, logs of others. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { OperationError } from '../../base/errors.ts';
import { seededRandom } from '../../base/random.ts';
import { labelsOf } from '../../model/labels.ts';
import { compileMatcher } from '../../model/matcher.ts';
import type { SelectHints } from '../../storage/queryable.ts';
import { selectSeries, sortSeries } from './head-index.ts';
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

test('at its limit a head takes no more series but all samples, until series end', async () => {
  const bench = TestHead.inMemory(seededRandom(1), { limitBytes: 18 << 20 });
  const appender = bench.head.appender();
  const refs: number[] = [];
  assert.throws(
    () => {
      for (let i = 0; i < 100_000; i++) refs.push(appender.seriesRef(labelsFor(i)));
    },
    { kind: 'limit', message: /^cannot add a series to the head of \d+ series in \d+ bytes: / },
  );
  assert.ok(refs.length > 1000 && bench.head.stats().series === refs.length);
  let time = START;
  const append = (): void => {
    time += 15_000;
    for (const [i, ref] of refs.entries()) appendValue(appender, ref, time, i * time, false);
    assert.equal(appender.commit().appended, refs.length);
  };
  for (let round = 0; round < 125; round++) append();
  const found = await dump(bench.reader);
  assert.equal(found.length, refs.length);
  for (const _ of bench.head.truncate(time + 1));
  assert.equal(bench.head.stats().series, 0);
  const before = refs.length;
  refs.length = 0;
  for (let i = 0; i < before; i++) refs.push(appender.seriesRef(labelsFor(i)));
  append();
});

test('what ended series have held serves the next ones', () => {
  const bench = TestHead.inMemory(seededRandom(1));
  const sizes: number[] = [];
  for (let generation = 0; generation < 12; generation++) {
    const appender = bench.head.appender();
    const own = Array.from({ length: 300 }, (_, i) =>
      labelsOf({ __name__: 'up', i: String(i), g: String(generation) }),
    );
    const start = START + generation * 8_000_000;
    for (let i = 0; i < 300; i++) {
      for (const labels of own) {
        appendValue(appender, bench.ref(appender, labels), start + i * 15_000, i / 7, false);
      }
      appender.commit();
    }
    for (const _ of bench.head.truncate(start));
    const { series, memoryBytes, freeBytes } = bench.head.stats();
    assert.equal(series, 300);
    assert.deepEqual(bench.head.cardinality(3).seriesByPair[0], {
      name: '__name__=up',
      value: 300,
    });
    assert.equal(bench.head.cardinality(3).labelPairs, 302);
    sizes.push(memoryBytes - freeBytes);
  }
  // Each of the hash tables gets a second buffer once, when removed entries fill the first one.
  const growth = (sizes[11] ?? 0) - (sizes[1] ?? 0);
  assert.ok(growth <= 3 * 32_768, `used bytes ${sizes.join(' ')}`);
});

test('a handle is never that of another series', () => {
  const bench = TestHead.inMemory(seededRandom(1));
  const seen = new Set<number>();
  for (let generation = 0; generation < 50; generation++) {
    const appender = bench.head.appender();
    const time = START + generation * 8_000_000;
    const refs = Array.from({ length: 20 }, (_, i) =>
      appender.seriesRef(labelsFor(20 * generation + i)),
    );
    for (const ref of refs) {
      assert.ok(!seen.has(ref) && Number.isSafeInteger(ref) && ref > 0);
      seen.add(ref);
      appendValue(appender, ref, time, 1, false);
    }
    appender.commit();
    for (const _ of bench.head.truncate(time + 1));
    appendValue(appender, refs[0] ?? 0, time + 2, 1, false);
    assert.equal(outcomesOf(appender), 'no-series');
  }
});

test('deleted samples are left out by readers, also after the head was opened again', async () => {
  let bench = TestHead.inMemory(seededRandom(1));
  const appender = bench.head.appender();
  for (let i = 0; i < 300; i++) {
    for (const k of [0, 1]) {
      const ref = bench.ref(appender, labelsFor(k));
      appendValue(appender, ref, START + i * 1000, i, false);
    }
    appender.commit();
  }
  const matchers = [compileMatcher({ type: '=', name: 'instance', value: 'i1' })];
  const f = async (want: number): Promise<void> => {
    const [first, second] = await dump(bench.reader);
    assert.equal(first?.split(',').length, 300 + 3);
    assert.equal((second?.split(',').length ?? 2) - 2, want);
  };
  const minTime = START + 10_000;
  assert.equal(bench.head.delete({ matchers, minTime, maxTime: START + 19_999 }), 1);
  await f(290);
  assert.equal(bench.head.delete({ matchers, minTime: START + 20_000, maxTime: Infinity }), 1);
  await f(10);
  bench = reopened(bench);
  await f(10);
  assert.equal(bench.head.delete({ matchers, minTime: Infinity, maxTime: Infinity }), 0);
});

test('samples behind a deletion are there', async () => {
  const bench = TestHead.inMemory(seededRandom(1));
  const appender = bench.head.appender();
  const ref = appender.seriesRef(labelsFor(0));
  appendValue(appender, ref, START, 1, false);
  appender.commit();
  bench.head.delete({ matchers: [], minTime: -Infinity, maxTime: Infinity });
  appendValue(appender, ref, START + 1, 2, false);
  appender.commit();
  assert.match((await dump(bench.reader)).join(), new RegExp(`: ${START + 1} 40000000:0$`));
});

test('exemplars are kept up to a number, found by selectors and replayed', () => {
  const options = { maxExemplars: 5 };
  let bench = TestHead.inMemory(seededRandom(1), options);
  const appender = bench.head.appender();
  const add = (series: number, ...rows: readonly (readonly [number, number])[]): number => {
    const ref = bench.ref(appender, labelsFor(series));
    for (const [time, value] of rows) {
      appender.exemplar(ref, { labels: ['id', `${time}`], value, time: START + time });
    }
    return appender.commit().exemplarsOutOfOrder;
  };
  const f = (want: string, from = 0): void => {
    const selectors = [
      [{ type: '=', name: 'instance', value: 'i1' }],
      [{ type: '=~', name: 'instance', value: 'i(2|3)' }],
    ] as const;
    const found = bench.head.exemplars(selectors, START + from, Infinity);
    const lines = found.map(({ labels, exemplars }) => {
      const own = exemplars.map(({ time, value }) => `${time - START}=${value}`);
      return `${labels[3]} ${own.join(' ')}`;
    });
    assert.equal(lines.join(', '), want);
  };
  assert.equal(add(1, [1, 10], [2, 20]), 0);
  assert.equal(add(4, [1, 1]), 0);
  f('i1 1=10 2=20');
  assert.equal(add(1, [1, 5], [2, 20], [2, 10], [2, 30]), 2);
  f('i1 1=10 2=20 2=30');
  add(2, [7, 7]);
  f('i1 1=10 2=20 2=30, i2 7=7');
  add(3, [8, 8], [9, 9]);
  f('i1 2=30, i2 7=7, i3 8=8 9=9');
  f('i2 7=7, i3 8=8 9=9', 3);
  bench = reopened(bench, options);
  f('i1 2=30, i2 7=7, i3 8=8 9=9');
  bench.head.resizeExemplars(2);
  f('i3 8=8 9=9');
  bench.head.resizeExemplars(3);
  assert.equal(bench.head.stats().exemplars, 2);
});

test('what a log says about a series under several refs is one series', async () => {
  const bench = TestHead.inMemory(seededRandom(1));
  const labels = labelsFor(0);
  const other = labelsFor(1);
  bench.head.appender();
  const { kernel } = bench.head.parts.memory;
  const log = (ref: number, time: number, value: number): void => {
    const [refs, times, values] = [0, 1, 2].map(() => kernel.arena.alloc(8)) as [
      number,
      number,
      number,
    ];
    kernel.f64[refs >>> 3] = ref;
    kernel.f64[times >>> 3] = time;
    kernel.f64[values >>> 3] = value;
    bench.wal.log({ samples: { refs, times, values, count: 1 } });
  };
  bench.wal.log({ series: [{ ref: 7, labels }] });
  log(7, START, 1);
  bench.wal.log({ series: [{ ref: 900_000_000_000, labels }] });
  log(900_000_000_000, START + 1, 2);
  log(7, START + 2, 3);
  log(8, START + 2, 3);
  log(950_000_000_000, START + 2, 3);
  bench.wal.log({ series: [{ ref: 8, labels: other }] });
  log(8, START + 3, 4);
  const again = reopened(bench);
  const before = await dump(again.reader);
  assert.equal(before.length, 2);
  assert.match(before[0] ?? '', new RegExp(`${START} .*, ${START + 1} .*, ${START + 2} .*`));
  assert.equal(again.losses.unknownRefs, 2);
  const keep = again.head.keeper();
  assert.ok(keep(7) && keep(8) && keep(900_000_000_000) && !keep(9));
  const appender = again.head.appender();
  appendValue(appender, appender.seriesRef(labelsFor(2)), START + 9, 5, false);
  assert.equal(outcomesOf(appender), 'appended');
  const last = await dump(reopened(again).reader);
  assert.deepEqual(last.slice(0, 2), before);
  assert.equal(last.length, 3);
});

test('a series with two refs keeps its chunks over several restarts', async () => {
  let bench = TestHead.inMemory(seededRandom(1));
  const labels = labelsFor(0);
  bench.wal.log({ series: [{ ref: 900, labels }] }); // it was removed since
  let time = START;
  for (let life = 0; life < 4; life++) {
    const appender = bench.head.appender();
    const ref = appender.seriesRef(labels);
    for (let i = 0; i < 200; i++) {
      time += 15_000;
      appendValue(appender, ref, time, i / 7, false);
      assert.equal(outcomesOf(appender), 'appended');
    }
    bench.head.flush();
    const before = await dump(bench.reader);
    assert.equal(before.join(' ').match(/\b\d{13} /g)?.length, 200 * (life + 1));
    bench = reopened(bench);
    assert.deepEqual(await dump(bench.reader), before);
    assert.equal(bench.losses.chunks, 0);
    const keep = bench.head.keeper();
    assert.ok(keep(900) && keep(1));
  }
});

test('what no head takes is left out of a replay, and told', async () => {
  const bench = TestHead.inMemory(seededRandom(1));
  const timeMs = START;
  const large = histogramOf(...Array.from({ length: 5000 }, () => 1));
  bench.wal.log({
    series: [
      { ref: 2 ** 60, labels: labelsFor(0) },
      { ref: 0, labels: labelsFor(1) },
      { ref: 5, labels: ['x', 'y'.repeat(9000)] },
      { ref: 3, labels: labelsFor(3) },
    ],
    histograms: [
      { ref: 3, timeMs, histogram: large, isInteger: true },
      { ref: 3, timeMs, histogram: histogramOf(1, 2), isInteger: true },
      { ref: 2 ** 60, timeMs, histogram: histogramOf(1), isInteger: true },
    ],
  });
  const again = reopened(bench);
  assert.deepEqual(again.losses, { unknownRefs: 1, chunks: 0, series: 3, histograms: 1 });
  assert.equal((await dump(again.reader)).length, 1);
});

test('more series than are sorted at once are sorted by their labels', async () => {
  const bench = TestHead.inMemory(seededRandom(1));
  const appender = bench.head.appender();
  const { memory } = bench.head.parts;
  const random = seededRandom(3);
  const want: string[] = [];
  for (let i = 0; i < 36_000; i++) {
    const name = `m${Math.floor(random.next() * 40)}`;
    const ref = appender.seriesRef(['__name__', name, 'i', String(i)]);
    appendValue(appender, ref, i % 10 === 0 ? START - 1000 : START, i, false);
    if (i % 10 > 0) want.push(`${name} ${i}`);
    if (i % 1000 === 999) appender.commit();
  }
  const slots = selectSeries(memory, []);
  sortSeries(memory, slots);
  const sorted = Array.from(slots, (slot) => memory.labels(slot).join(' '));
  assert.deepEqual(sorted, sorted.toSorted());
  const f = async (change: Partial<SelectHints>, most: number): Promise<string[]> => {
    const request = { matchers: EVERYTHING, minTime: START, maxTime: START };
    const hints = { ...HINTS, ...change, func: 'series' };
    const names: string[] = [];
    const { signal } = new AbortController();
    using set = await bench.reader.select({ ...request, hints }, { signal });
    while (set.next()) names.push(`${set.labels[1]} ${set.labels[3]}`);
    assert.ok(names.length <= most);
    return names;
  };
  want.sort();
  assert.deepEqual(await f({}, 33_000), want);
  assert.deepEqual(await f({ limit: 20_000 }, 20_000), want.slice(0, 20_000));
  const shards = [0, 1].map((index) => f({ shard: { index, count: 2 } }, 19_000));
  assert.deepEqual((await Promise.all(shards)).flat().sort(), want);
});

test('chunks that cannot be written stop appending, and are written later', async () => {
  const bench = TestHead.inMemory(seededRandom(1));
  const appender = bench.head.appender();
  let time = START;
  const append = (): string => {
    time += 1000;
    for (let i = 0; i < 200; i++) {
      appendValue(appender, bench.ref(appender, labelsFor(i)), time, Math.sin(i * time), false);
    }
    return outcomesOf(appender);
  };
  bench.files.onChange = (operation, path) => {
    if (operation === 'write' && path.includes('chunks_head'))
      throw new OperationError('unavailable', 'no space');
  };
  let failed: unknown;
  for (let i = 0; i < 5000 && failed === undefined; i++) {
    try {
      append();
    } catch (error) {
      failed = error;
    }
  }
  assert.match(String(failed), /no space/);
  // What is not written yet can be read nevertheless.
  const before = await dump(bench.reader);
  bench.files.onChange = () => undefined;
  bench.head.flush();
  assert.deepEqual(await dump(bench.reader), before);
  assert.match(append(), /^(appended ?)+$/);
  const found = await dump(bench.reader);
  assert.deepEqual(await dump(reopened(bench).reader), found);
});

test('metadata is logged when it changes', () => {
  const bench = TestHead.inMemory(seededRandom(1));
  const appender = bench.head.appender();
  const ref = appender.seriesRef(labelsFor(0));
  const f = (help: string): void => {
    appender.metadata(ref, { type: 'counter', help, unit: 's' });
    appender.commit();
  };
  const size = (): number => bench.files.stat('/data/wal/00000000')?.sizeBytes ?? 0;
  f('one');
  const once = size();
  f('one');
  assert.equal(size(), once);
  f('two');
  assert.ok(size() > once);
  const again = reopened(bench);
  assert.deepEqual(
    [...again.head.parts.metadata.values()],
    [{ type: 'counter', help: 'two', unit: 's' }],
  );
});

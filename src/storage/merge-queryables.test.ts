import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { testKernel } from '../base/testing/kernel.ts';
import { labelsOf, labelValue } from '../model/labels.ts';
import type { ChunkQueryable, EncodedChunk } from './chunk-queryable.ts';
import { MemoryStore } from './memory-store.ts';
import { mergeChunkQueryables, mergeQueryables } from './merge-queryables.ts';
import type { Queryable, SelectHints, SelectRequest } from './queryable.ts';

const signal = new AbortController().signal;
const NO_HINTS: SelectHints = {
  stepMs: 0,
  rangeMs: 0,
  func: '',
  grouping: [],
  by: false,
  limit: 0,
};

function request(hints: Partial<SelectHints> = {}): SelectRequest {
  return {
    matchers: [{ type: '=', name: '__name__', value: 'up' }],
    minTime: 0,
    maxTime: 1000,
    hints: { ...NO_HINTS, ...hints },
  };
}

/** `job time=value time=value`, a line a series. */
function store(script: string): MemoryStore {
  const made = new MemoryStore();
  for (const line of script.trim().split('\n')) {
    const [job = '', ...samples] = line.trim().split(' ');
    for (const sample of samples) {
      const [time, value] = sample.split('=').map(Number);
      made.append(labelsOf({ __name__: 'up', job }), { time: time ?? 0, value: value ?? 0 });
    }
  }
  return made;
}

async function dump(
  parts: readonly Queryable[],
  hints: Partial<SelectHints> = {},
): Promise<string> {
  const kernel = testKernel();
  using set = await mergeQueryables(parts).select(request(hints), { signal });
  const lines: string[] = [];
  while (set.next()) {
    const { times, values, count } = set.read(kernel);
    const samples = Array.from({ length: count }, (_, i) => {
      return `${kernel.f64[(times >>> 3) + i]}=${kernel.f64[(values >>> 3) + i]}`;
    });
    lines.push([labelValue(set.labels, 'job'), ...samples].join(' '));
  }
  return lines.join('\n');
}

const head = (): MemoryStore => store('a 30=3 40=4\nc 30=1\nd 5=5');
const blocks = (): MemoryStore => store('a 10=1 20=2 30=9\nb 10=7\nc 10=0 20=0');

test('series of several storages come once, in order, with all their samples', async () => {
  assert.equal(
    await dump([head(), blocks()]),
    'a 10=1 20=2 30=3 40=4\nb 10=7\nc 10=0 20=0 30=1\nd 5=5',
  );
  assert.equal(await dump([blocks()]), await dump([blocks(), new MemoryStore()]));
  assert.equal(await dump([new MemoryStore(), new MemoryStore()]), '');
});

test('limits and shards count merged series', async () => {
  const f = async (hints: Partial<SelectHints>, want: string): Promise<void> => {
    const found = await dump([head(), blocks()], hints);
    assert.equal(found.replace(/ .*/g, '').replaceAll('\n', ''), want);
  };
  await f({ limit: 3 }, 'abc');
  await f({ shard: { index: 0, count: 2 } }, 'ac');
  await f({ shard: { index: 1, count: 2 } }, 'bd');
  await f({ shard: { index: 1, count: 2 }, limit: 1 }, 'b');
});

test('label names and values are merged', async () => {
  const merged = mergeQueryables([head(), blocks()]);
  const all = { matchers: [], minTime: 0, maxTime: 1000, limit: 0 };
  const values = await merged.labelValues('job', all, { signal });
  assert.deepEqual(values.values, ['a', 'b', 'c', 'd']);
  const limited = await merged.labelNames({ ...all, limit: 1 }, { signal });
  assert.deepEqual(limited.values, ['__name__']);
});

test('storages are asked one by one; what was opened is closed when one fails', async () => {
  const log: string[] = [];
  const part = (name: string): Queryable => ({
    async select() {
      log.push(`${name} asked`);
      await new Promise(setImmediate);
      if (name === 'broken') throw new Error('broken');
      log.push(`${name} answered`);
      return {
        warnings: [],
        next: () => false,
        labels: [],
        read: () => assert.fail(),
        [Symbol.dispose]: () => void log.push(`${name} closed`),
      };
    },
    labelNames: () => assert.fail(),
    labelValues: () => assert.fail(),
  });
  await assert.rejects(mergeQueryables([part('a'), part('broken')]).select(request(), { signal }));
  assert.deepEqual(log, ['a asked', 'a answered', 'broken asked', 'a closed']);
});

test('chunks of a series come from all storages, by their times', async () => {
  const holder = (series: Readonly<Record<string, readonly number[]>>): ChunkQueryable => ({
    async selectChunks() {
      const jobs = Object.keys(series);
      let at = -1;
      const chunk = (minTime: number): EncodedChunk => ({
        minTime,
        maxTime: minTime + 9,
        encoding: 1,
        data: new Uint8Array(1),
      });
      return {
        warnings: [],
        next: () => ++at < jobs.length,
        get labels() {
          return labelsOf({ job: jobs[at] ?? '' });
        },
        chunks: () => (series[jobs[at] ?? ''] ?? []).map(chunk),
        [Symbol.dispose]: () => undefined,
      };
    },
  });
  const merged = mergeChunkQueryables([
    holder({ a: [30, 40], c: [5] }),
    holder({ a: [10, 35], b: [1] }),
  ]);
  using set = await merged.selectChunks(request(), { signal });
  const found: string[] = [];
  while (set.next()) {
    found.push(`${labelValue(set.labels, 'job')} ${set.chunks().map(({ minTime }) => minTime)}`);
  }
  assert.deepEqual(found, ['a 10,30,35,40', 'b 1', 'c 5']);
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Kernel } from '../../base/kernel.ts';
import { testKernel } from '../../base/testing/kernel.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { isStaleAt, writeStale } from '../../model/stale.ts';
import { ColumnCache } from './column-cache.ts';

const COUNT = 10;
const SERIES_BYTES = 16 * COUNT;

function columns(kernel: Kernel, first: number): SampleColumns {
  const times = kernel.arena.alloc(8 * COUNT);
  const values = kernel.arena.alloc(8 * COUNT);
  for (let i = 0; i < COUNT; i++) {
    kernel.f64[(times >>> 3) + i] = first + i;
    kernel.f64[(values >>> 3) + i] = -first - i;
  }
  return { times, values, count: COUNT, startTimes: 0, histograms: [] };
}

test('what is kept comes back, bit for bit', () => {
  const kernel = testKernel();
  const cache = new ColumnCache(100 * SERIES_BYTES);
  const given = columns(kernel, 7);
  writeStale(kernel.u32.subarray(given.values >>> 2), 3);
  cache.offer(kernel, 'a', given);
  const found = cache.get(kernel, 'a');
  assert.ok(found !== undefined && found.times !== given.times);
  const bytes = (address: number): Uint8Array => kernel.u8.slice(address, address + 8 * COUNT);
  assert.deepEqual(bytes(found.times), bytes(given.times));
  assert.deepEqual(bytes(found.values), bytes(given.values));
  assert.ok(isStaleAt(kernel.u32.subarray(found.values >>> 2), 3));
  assert.equal(cache.get(kernel, 'b'), undefined);
});

test('a query over more than fits finds again what fitted', () => {
  const kernel = testKernel();
  const cache = new ColumnCache(20 * SERIES_BYTES);
  const hits = [0, 0, 0];
  for (const round of hits.keys()) {
    cache.beginSelect();
    for (let k = 0; k < 50; k++) {
      if (cache.get(kernel, `s${k}`) !== undefined) hits[round] = (hits[round] ?? 0) + 1;
      else cache.offer(kernel, `s${k}`, columns(kernel, k));
    }
  }
  assert.deepEqual(hits, [0, 20, 20]);
});

test('what two selects have not used makes room', () => {
  const kernel = testKernel();
  const cache = new ColumnCache(20 * SERIES_BYTES);
  const fill = (prefix: string): void => {
    cache.beginSelect();
    for (let k = 0; k < 20; k++) cache.offer(kernel, `${prefix}${k}`, columns(kernel, k));
  };
  fill('old');
  fill('early'); // the select before has used the old ones
  assert.equal(cache.get(kernel, 'early0'), undefined);
  fill('new');
  assert.ok(cache.get(kernel, 'new0') !== undefined);
  assert.equal(cache.get(kernel, 'old0'), undefined);
});

test('a series that would take much of the cache is not kept, nor are histograms', () => {
  const kernel = testKernel();
  const small = new ColumnCache(8 * SERIES_BYTES);
  small.offer(kernel, 'a', columns(kernel, 1));
  assert.equal(small.get(kernel, 'a'), undefined);
  const cache = new ColumnCache(100 * SERIES_BYTES);
  cache.offer(kernel, 'a', { ...columns(kernel, 1), startTimes: 8 });
  assert.equal(cache.get(kernel, 'a'), undefined);
});

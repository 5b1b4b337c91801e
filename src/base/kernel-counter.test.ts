import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { isStaleAt, writeStale } from '../model/stale.ts';
import { seededRandom } from './random.ts';
import { testKernel } from './testing/kernel.ts';

test('what a counter lost at its resets is added to all that follows', () => {
  const kernel = testKernel();
  const f = (given: readonly number[], want: readonly number[]): void => {
    const mark = kernel.arena.mark();
    const values = kernel.arena.alloc(8 * given.length);
    kernel.f64.set(given, values >>> 3);
    kernel.exports.correctResets(values, given.length);
    assert.deepEqual([...kernel.f64.subarray(values >>> 3, (values >>> 3) + given.length)], want);
    kernel.arena.release(mark);
  };
  f([], []);
  f([5], [5]);
  f([1, 2, 2, 7], [1, 2, 2, 7]);
  f([10, 20, 3, 4, 1], [10, 20, 23, 24, 25]);
  f([5, NaN, 2, NaN, 3], [5, NaN, 7, NaN, 8]);
  f([Infinity, 1], [Infinity, Infinity]);
});

test('long counters, with resets and gaps anywhere, are corrected value by value', () => {
  const kernel = testKernel();
  const random = seededRandom(3);
  for (let round = 0; round < 500; round++) {
    let total = 0;
    const given = Array.from({ length: Math.floor(random.next() * 40) }, () => {
      if (random.next() < 0.1) total = 0;
      total += Math.floor(random.next() * 9);
      return random.next() < 0.05 ? NaN : total;
    });
    let lost = 0;
    let last = -Infinity;
    const want = given.map((value) => {
      if (Number.isNaN(value)) return value;
      if (value < last) lost += last;
      last = value;
      return value + lost;
    });
    const mark = kernel.arena.mark();
    const values = kernel.arena.alloc(8 * given.length);
    kernel.f64.set(given, values >>> 3);
    kernel.exports.correctResets(values, given.length);
    const got = kernel.f64.slice(values >>> 3, (values >>> 3) + given.length);
    assert.deepEqual([...got], want);
    kernel.arena.release(mark);
  }
});

test('stale markers keep their bits while resets are corrected', () => {
  const kernel = testKernel();
  const values = kernel.arena.alloc(8 * 4);
  kernel.f64.set([9, 0, 0, 2], values >>> 3);
  writeStale(kernel.u32.subarray(values >>> 2), 1);
  writeStale(kernel.u32.subarray(values >>> 2), 2);
  kernel.exports.correctResets(values, 4);
  const words = kernel.u32.subarray(values >>> 2);
  assert.ok(isStaleAt(words, 1) && isStaleAt(words, 2));
  assert.equal(kernel.f64[(values >>> 3) + 3], 11);
});

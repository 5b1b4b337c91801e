import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { eachConcurrently } from './each-concurrently.ts';

test('every item is visited, never more at a time than allowed', async () => {
  const seen: number[] = [];
  let running = 0;
  let most = 0;
  await eachConcurrently(Array(20).keys(), 3, async (item) => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    seen.push(item);
    running--;
  });
  assert.deepEqual(seen, [...Array(20).keys()]);
  assert.equal(most, 3);
});

test('after a failure nothing is begun, and what runs is waited for', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const run = eachConcurrently(Array(20).keys(), 2, async (item) => {
    begun.push(item);
    if (item === 1) throw new Error('one');
    await new Promise(setImmediate);
    ended.push(item);
  });
  await assert.rejects(run, { message: 'one' });
  assert.deepEqual(begun, [0, 1]);
  assert.deepEqual(ended, [0]);
});

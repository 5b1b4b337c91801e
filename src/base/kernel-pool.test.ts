import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { KernelPool } from './kernel-pool.ts';
import { testKernel } from './testing/kernel.ts';

test('a kernel that comes back is lent again, empty', () => {
  let made = 0;
  const pool = new KernelPool(() => {
    made++;
    return testKernel();
  });
  const first = pool.borrow();
  const used = first.kernel.arena.usedBytes;
  first.kernel.arena.alloc(1000);
  const second = pool.borrow();
  assert.notEqual(second.kernel, first.kernel);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  const third = pool.borrow();
  assert.equal(third.kernel, first.kernel);
  assert.equal(third.kernel.arena.usedBytes, used);
  assert.equal(made, 2);
});

test('a kernel whose memory has grown is let go', () => {
  const pool = new KernelPool(() => testKernel());
  const first = pool.borrow();
  first.kernel.arena.alloc(20 << 20);
  first[Symbol.dispose]();
  assert.notEqual(pool.borrow().kernel, first.kernel);
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { testKernel } from './testing/kernel.ts';

test('the arena hands out aligned memory that grows and can be released', () => {
  const kernel = testKernel();
  const { arena } = kernel;
  const mark = arena.mark();
  const small = arena.alloc(3);
  const large = arena.alloc(10 << 20);
  assert.equal(small % 16, 0);
  assert.equal(large % 16, 0);
  assert.ok(large >= small + 3);
  kernel.u8[large + (10 << 20) - 1] = 7;
  assert.equal(kernel.u8[large + (10 << 20) - 1], 7);
  arena.release(mark);
  assert.equal(arena.alloc(1), small);
});

test('an allocation above the limit is refused and leaves the arena usable', () => {
  const { arena } = testKernel(4 << 20);
  assert.throws(() => arena.alloc(5 << 20), /cannot allocate kernel memory: \d+ bytes needed/);
  assert.ok(arena.alloc(1 << 20) > 0);
});

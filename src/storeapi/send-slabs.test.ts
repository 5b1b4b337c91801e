import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { SendSlabs } from './send-slabs.ts';

const SIZE = 1 << 20;

test('a slab is used again when it is filled and all its messages have been sent', () => {
  const slabs = new SendSlabs();
  const slab = slabs.take(SIZE);
  const messages = [slab.subarray(0, 100), slab.subarray(100, 300)];
  for (const _ of messages) slabs.hold(slab);
  for (const message of messages) slabs.sent(message);
  assert.notEqual(slabs.take(SIZE).buffer, slab.buffer, 'it may get another message');
  slabs.hold(slab);
  slabs.filled(slab);
  assert.notEqual(slabs.take(SIZE).buffer, slab.buffer, 'one message has not been sent');
  slabs.sent(slab.subarray(300, 400));
  assert.equal(slabs.take(SIZE).buffer, slab.buffer);
  assert.notEqual(slabs.take(SIZE).buffer, slab.buffer, 'it is used by one at a time');
});

test('messages elsewhere, small slabs and very large ones are none of its business', () => {
  const slabs = new SendSlabs();
  slabs.sent(new Uint8Array(9));
  for (const size of [100, SIZE + 1]) {
    const slab = slabs.take(size);
    assert.equal(slab.length, size);
    slabs.hold(slab);
    slabs.filled(slab);
    slabs.sent(slab);
    assert.notEqual(slabs.take(size).buffer, slab.buffer);
  }
});

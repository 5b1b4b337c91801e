import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { crc32c } from '@node-rs/crc32';
import { seededRandom } from '../base/random.ts';
import { testKernel } from '../base/testing/kernel.ts';

test('CRC-32C equals that of the native library, at any length and in pieces', () => {
  const kernel = testKernel();
  const bytes = seededRandom(1).bytes(700);
  const address = kernel.arena.alloc(bytes.length);
  kernel.u8.set(bytes, address);
  for (let length = 0; length <= bytes.length; length++) {
    const crc = kernel.exports.crc32c(address, length, 0) >>> 0;
    assert.equal(crc, crc32c(bytes.subarray(0, length)), `${length} bytes`);
  }
  const half = kernel.exports.crc32c(address, 333, 0);
  assert.equal(kernel.exports.crc32c(address + 333, 367, half) >>> 0, crc32c(bytes));
});

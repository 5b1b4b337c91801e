import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { seededRandom } from '../base/random.ts';
import { testKernel } from '../base/testing/kernel.ts';
import { printSample } from '../model/number-text.ts';

const kernel = testKernel();
const out = kernel.arena.alloc(64);
const decoder = new TextDecoder();

function written(length: number): string {
  return decoder.decode(kernel.u8.subarray(out, out + length));
}

/** What the kernel writes and what JavaScript's own shortest digits make of it. */
function assertSame(value: number): void {
  const got = written(kernel.exports.formatNumber(value, out));
  if (got !== printSample(value)) assert.equal(got, printSample(value));
}

test('numbers have the forms of the API', () => {
  const f = (value: number, want: string): void => {
    assert.equal(written(kernel.exports.formatNumber(value, out)), want);
  };
  f(0, '0');
  f(-0, '-0');
  f(Number.NaN, 'NaN');
  f(Infinity, '+Inf');
  f(-Infinity, '-Inf');
  f(1, '1');
  f(-1.5, '-1.5');
  f(0.1, '0.1');
  f(100, '100');
  f(123456789.25, '123456789.25');
  f(0.000001, '0.000001');
  f(9.9e-7, '9.9e-07');
  f(1e-7, '1e-07');
  f(1.25e-100, '1.25e-100');
  f(123456789012345680000, '123456789012345680000');
  f(1e21, '1e+21');
  f(-1.7976931348623157e308, '-1.7976931348623157e+308');
  f(5e-324, '5e-324');
  f(1e-323, '1e-323');
  f(2.2250738585072014e-308, '2.2250738585072014e-308');
  f(2 ** 53, '9007199254740992');
});

test('a quarter of a million doubles of every kind are written as JavaScript writes them', () => {
  const random = seededRandom(42);
  const double = new Float64Array(1);
  const words = new Uint32Array(double.buffer);
  for (let i = 0; i < 100_000; i++) {
    words[0] = random.next() * 2 ** 32;
    words[1] = random.next() * 2 ** 32;
    assertSame(double[0] ?? 0);
    assertSame(Math.round(random.next() * 1e7) / 10 ** (i % 8));
    if (i % 2 === 0) assertSame(Math.floor(random.next() * 2 ** (i % 64)));
  }
  for (let power = -1074; power < 1024; power++) {
    const value = 2 ** power;
    assertSame(value);
    assertSame(-value * 1.5);
  }
});

test('times are seconds with three decimals or none', () => {
  const f = (timeMs: number, want: string): void => {
    assert.equal(written(kernel.exports.writePoint(timeMs, 1, out)), `[${want},"1"]`);
  };
  f(0, '0');
  f(1435781451781, '1435781451.781');
  f(1435781451700, '1435781451.700');
  f(1435781451007, '1435781451.007');
  f(1435781451000, '1435781451');
  f(-1500, '-1.500');
  f(999, '0.999');
  f(-1, '-0.001');
});

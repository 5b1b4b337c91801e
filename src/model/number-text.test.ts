import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  parseNumber,
  printExponent,
  printFixed,
  printGeneral,
  printSample,
} from './number-text.ts';

/** value, 'f', 'e', 'g', API: printed by Go 1.26. */
const GOLDEN: readonly (readonly [number, string, string, string, string])[] = [
  [0, '0', '0e+00', '0', '0'],
  [-0, '-0', '-0e+00', '-0', '-0'],
  [1, '1', '1e+00', '1', '1'],
  [-1.5, '-1.5', '-1.5e+00', '-1.5', '-1.5'],
  [100000, '100000', '1e+05', '100000', '100000'],
  [1234567, '1234567', '1.234567e+06', '1.234567e+06', '1234567'],
  [0.0001, '0.0001', '1e-04', '0.0001', '0.0001'],
  [0.00001, '0.00001', '1e-05', '1e-05', '0.00001'],
  [1e-6, '0.000001', '1e-06', '1e-06', '0.000001'],
  [2.5e-7, '0.00000025', '2.5e-07', '2.5e-07', '2.5e-07'],
  [1e20, '100000000000000000000', '1e+20', '1e+20', '100000000000000000000'],
  [1.5e21, '1500000000000000000000', '1.5e+21', '1.5e+21', '1.5e+21'],
  [
    123456789012345680000,
    '123456789012345680000',
    '1.2345678901234568e+20',
    '1.2345678901234568e+20',
    '123456789012345680000',
  ],
  [-1e-100, `-0.${'0'.repeat(99)}1`, '-1e-100', '-1e-100', '-1e-100'],
  [NaN, 'NaN', 'NaN', 'NaN', 'NaN'],
  [Infinity, '+Inf', '+Inf', '+Inf', '+Inf'],
  [-Infinity, '-Inf', '-Inf', '-Inf', '-Inf'],
];

test('numbers print as Go prints them', () => {
  for (const [value, fixed, exponent, general, sample] of GOLDEN) {
    const got = [printFixed(value), printExponent(value), printGeneral(value), printSample(value)];
    assert.deepEqual(got, [fixed, exponent, general, sample]);
  }
});

test('what is printed reads as the same number', () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      for (const print of [printFixed, printExponent, printGeneral, printSample]) {
        const text = print(value);
        assert.ok(Object.is(parseNumber(text), value) || Number(text) === value, text);
      }
    }),
    { seed: 1 },
  );
});

test('numbers read as Go reads them', () => {
  const f = (text: string, want: number): void => assert.equal(parseNumber(text), want, text);
  f('1_000', 1000);
  f('010', 8);
  f('0_7', 7);
  f('08', 8);
  f('0x1f', 31);
  f('0X_1F', 31);
  f('0b11', 3);
  f('0o17', 15);
  f('1_0.5', 10.5);
  f('5.', 5);
  f('.5', 0.5);
  f('1e1_0', 1e10);
  f('0x1.8p1', 3);
  f('0x1.8_0p1', 3);
  f('9223372036854775807', 2 ** 63);
  f('99999999999999999999', 1e20);
  f('-Infinity', -Infinity);
  f('+iNf', Infinity);
  f('nAn', NaN);
});

test('what is not a number is refused in the words of Go', () => {
  const f = (text: string, why: string): void =>
    assert.throws(() => parseNumber(text), {
      kind: 'bad-data',
      message: `strconv.ParseFloat: parsing "${text}": ${why}`,
    });
  for (const text of [
    '',
    '.',
    '.e5',
    '_1',
    '1_',
    '1__0',
    '1_.5',
    '1._5',
    '0x',
    '0x1.8',
    '1e',
    'x',
  ]) {
    f(text, 'invalid syntax');
  }
  f('0xffffffffffffffffff', 'invalid syntax');
  f('1e999', 'value out of range');
});

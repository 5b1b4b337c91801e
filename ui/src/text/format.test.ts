import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { formatBytes, formatCount, formatDuration, formatTime, formatValue } from './format.ts';

test('durations show their two largest units', () => {
  const f = (ms: number, want: string): void => assert.equal(formatDuration(ms), want, `${ms}`);
  f(0, '0ms');
  f(0.25, '0.25ms');
  f(999, '999ms');
  f(1250, '1.25s');
  f(59_000, '59s');
  f(90_000, '1m 30s');
  f(119_700, '2m');
  f(3_600_000, '1h');
  f(3_599_900, '1h');
  f(93_600_000, '1d 2h');
  f(-90_000, '-1m 30s');
  f(Number.NaN, '–');
});

test('times are shown in the zone that was chosen', () => {
  const ms = Date.UTC(2026, 10, 24, 15, 4, 5);
  assert.equal(formatTime(ms, { timeZone: 'UTC' }), '2026-11-24 15:04:05');
  assert.equal(formatTime(ms, { timeZone: 'Asia/Seoul' }), '2026-11-25 00:04:05');
  assert.equal(formatTime(ms, { timeZone: 'UTC' }, 'minutes'), '2026-11-24 15:04');
  assert.equal(formatTime(ms, { timeZone: 'UTC' }, 'time'), '15:04:05');
  assert.equal(formatTime(ms, { timeZone: 'UTC' }, 'date'), '2026-11-24');
  assert.equal(formatTime(Number.POSITIVE_INFINITY, { timeZone: 'UTC' }), '–');
});

test('sizes and counts carry units and separators', () => {
  assert.equal(formatBytes(512), '512 B');
  assert.equal(formatBytes(1536), '1.5 KiB');
  assert.equal(formatBytes(1024 ** 2 - 1), '1 MiB');
  assert.equal(formatBytes(5 * 1024 ** 4), '5 TiB');
  assert.equal(formatCount(1_234_567, { language: 'en' }), '1,234,567');
  assert.equal(formatCount(1_234_567, { language: 'ko' }), '1,234,567');
});

test('values are short enough for an axis', () => {
  const f = (value: number, want: string): void => assert.equal(formatValue(value), want);
  f(0, '0');
  f(12_345_678, '12.35M');
  f(-1500, '-1500');
  f(15_000, '15k');
  f(0.25, '0.25');
  f(0.0012, '1.2m');
  f(1e-9, '1.00e-9');
  f(2e15, '2.00e+15');
  f(Number.NaN, 'NaN');
  f(Number.NEGATIVE_INFINITY, '-Inf');
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { parseDuration, parsePrometheusDuration, printDuration } from './duration.ts';

test('Prometheus durations are whole numbers with units in falling order', () => {
  const f = (text: string, want: number | undefined): void =>
    assert.equal(parsePrometheusDuration(text), want, text);
  f('15d', 1_296_000_000);
  f('1h30m', 5_400_000);
  f('1y2w3d4h5m6s7ms', 33_019_506_007);
  f('100ms', 100);
  f('0', 0);
  f('0s', 0);
  f('', undefined);
  f('1', undefined);
  f('1.5h', undefined);
  f('30m1h', undefined);
  f('-1h', undefined);
  f('1h ', undefined);
  f('300y', undefined);
});

test('flag durations are those of Go, with days, weeks and years besides', () => {
  const f = (text: string, want: number | undefined): void =>
    assert.equal(parseDuration(text), want, text);
  f('2m', 120_000);
  f('1.5h', 5_400_000);
  f('.5s', 500);
  f('30m1h', 5_400_000);
  f('-2w', -1_209_600_000);
  f('+1s', 1000);
  f('500us', 0.5);
  f('1ms1s', 1001);
  f('0', 0);
  f('', undefined);
  f('-', undefined);
  f('5', undefined);
  f('.s', undefined);
  f('2x', undefined);
  f('1h 2m', undefined);
});

test('durations are printed as Prometheus prints them', () => {
  const f = (durationMs: number, want: string): void =>
    assert.equal(printDuration(durationMs), want);
  f(0, '0s');
  f(300_000, '5m');
  f(5_400_000, '1h30m');
  f(604_800_000, '1w');
  f(691_200_000, '8d');
  f(31_536_000_000, '1y');
  f(1500, '1s500ms');
  f(-60_000, '-1m');
});

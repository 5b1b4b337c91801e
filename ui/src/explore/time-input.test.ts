import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { parseTypedTime, printWall } from './time-input.ts';

const NOW = Date.UTC(2026, 10, 24, 15, 4, 5);

function typed(text: string, zone: string, want: number | 'now' | 'faulty') {
  const found = parseTypedTime(text, NOW, zone);
  assert.equal(found.kind === 'time' ? found.timeMs : found.kind, want, `${text} in ${zone}`);
}

test('dates are read in the zone that is chosen', () => {
  typed('2026-11-24 15:04:05', 'UTC', NOW);
  typed('2026-11-25 00:04:05', 'Asia/Seoul', NOW);
  typed('2026-11-24', 'UTC', Date.UTC(2026, 10, 24));
  typed('2026-11-24T15:04', 'UTC', NOW - 5000);
  typed('2026-11-24 15:04:05.5', 'UTC', NOW + 500);
  typed('2026-11-24T15:04:05Z', 'Asia/Seoul', NOW);
  typed('2026-11-24 16:04:05+01:00', 'Asia/Seoul', NOW);
});

test('now, times before now and Unix times are read', () => {
  typed('', 'UTC', 'now');
  typed(' Now ', 'UTC', 'now');
  typed('now-1h30m', 'UTC', NOW - 5_400_000);
  typed('-2d', 'UTC', NOW - 2 * 86_400_000);
  typed('1700000000.5', 'UTC', 1_700_000_000_500);
  typed('1700000000123', 'UTC', 1_700_000_000_123);
});

test('what is no time is refused', () => {
  typed('yesterday', 'UTC', 'faulty');
  typed('2026-02-30', 'UTC', 'faulty');
  typed('2026-11-24 25:00', 'UTC', 'faulty');
  typed('now-1x', 'UTC', 'faulty');
});

test('hours that clocks skip or repeat are read as one time', () => {
  // Berlin: 02:00 to 03:00 did not exist on 29 March 2026, and was there twice on 25 October.
  typed('2026-03-29 02:30', 'Europe/Berlin', Date.UTC(2026, 2, 29, 1, 30));
  typed('2026-10-25 02:30', 'Europe/Berlin', Date.UTC(2026, 9, 25, 0, 30));
});

test('a printed time is read back the same', () => {
  for (const zone of ['UTC', 'Asia/Seoul', 'America/St_Johns', 'Europe/Berlin']) {
    for (const timeMs of [NOW, NOW + 123, Date.UTC(2026, 6, 1), Date.UTC(1985, 0, 1, 12)]) {
      const found = parseTypedTime(printWall(timeMs, zone, ' '), NOW, zone);
      assert.deepEqual(found, { kind: 'time', timeMs }, zone);
    }
  }
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { utcDate } from './utc-date.ts';

/** Printed by Go: year month day hour minute weekday yearday days-in-month. */
function f(seconds: number, want: string): void {
  const date = utcDate(seconds);
  const { year, month, dayOfMonth, hour, minute, dayOfWeek, dayOfYear, daysInMonth } = date;
  const parts = [year, month, dayOfMonth, hour, minute, dayOfWeek, dayOfYear, daysInMonth];
  assert.equal(parts.join(' '), want, String(seconds));
}

test('dates near and far are those of Go', () => {
  f(0, '1970 1 1 0 0 4 1 31');
  f(951782400.9, '2000 2 29 0 0 2 60 29');
  f(-1, '1969 12 31 23 59 3 365 31');
  f(-62170156800, '-1 11 28 0 0 0 332 30');
  f(1e15, '31690708 7 5 1 46 0 187 31');
  f(-1e15, '-31686769 6 29 22 13 0 180 30');
  f(1e18, '31688740476 10 23 1 46 5 297 31');
  f(Number.NaN, '292277026596 12 4 15 30 0 339 31');
  f(Infinity, '292277026596 12 4 15 30 0 339 31');
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { timeLabels } from './time-axis.ts';

const at = (text: string): number => Date.parse(text);

test('times of day are as fine as the ticks, with the date where it begins', () => {
  const f = (ticks: readonly string[], incrementMs: number, want: readonly string[]): void =>
    assert.deepEqual(timeLabels(ticks.map(at), incrementMs, 'UTC'), want);
  f(['2026-11-24T10:00:00Z', '2026-11-24T10:05:00Z'], 300_000, ['10:00\n2026-11-24', '10:05']);
  f(['2026-11-24T23:59:30Z', '2026-11-25T00:00:00Z'], 30_000, [
    '23:59:30\n2026-11-24',
    '00:00:00\n2026-11-25',
  ]);
  f(['2026-11-24T10:00:00.250Z'], 250, ['10:00:00.250\n2026-11-24']);
  f(['2026-12-31T00:00:00Z', '2027-01-01T00:00:00Z', '2027-01-02T00:00:00Z'], 86_400_000, [
    '12-31\n2026',
    '01-01\n2027',
    '01-02',
  ]);
});

test('labels are of the zone that was chosen', () => {
  assert.deepEqual(timeLabels([at('2026-11-24T16:00:00Z')], 300_000, 'Asia/Seoul'), [
    '01:00\n2026-11-25',
  ]);
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { type BlockMeta, NO_STATS } from '../block/meta.ts';
import { blockRanges, planCompaction } from './plan.ts';

const RANGES = [20, 60, 180, 540, 1620];

/** `start-end`, then notes: `failed`, `tombstones/series`, a hint. */
function meta(text: string): BlockMeta {
  const [times = '', ...notes] = text.split(' ');
  const [, minTime, maxTime] = (/^(-?\d+)-(-?\d+)$/.exec(times) ?? []).map(Number);
  const [numTombstones = 0, numSeries = 0] = (notes.find((note) => note.includes('/')) ?? '0/0')
    .split('/')
    .map(Number);
  return {
    ulid: text,
    minTime: minTime as number,
    maxTime: maxTime as number,
    stats: { ...NO_STATS, numTombstones, numSeries },
    compaction: {
      level: 1,
      sources: [],
      parents: [],
      deletable: false,
      failed: notes.includes('failed'),
      hints: notes.filter((note) => note.startsWith('from-')),
    },
    document: {},
  };
}

function plan(blocks: string, want: string): void {
  const metas = blocks.split(',').map((block) => meta(block.trim()));
  const planned = planCompaction(metas, RANGES).map(({ ulid }) => ulid);
  assert.deepEqual(planned.join(', '), want, blocks);
}

test('blocks fill the next longer range, the newest one stays', () => {
  plan('0-20', '');
  plan('0-20, 20-40', '');
  plan('0-20, 20-40, 40-60', '');
  plan('0-20, 20-40, 40-60, 60-80', '0-20, 20-40, 40-60');
  plan('60-80, 40-60, 20-40, 0-20', '0-20, 20-40, 40-60');
});

test('a gap does not keep blocks apart once nothing can fill it', () => {
  plan('0-20, 40-60, 60-80', '0-20, 40-60');
  plan('0-20, 20-40, 60-80', '');
  plan('0-20, 20-40, 60-80, 80-100', '0-20, 20-40');
  plan('0-20, 60-80, 120-140, 180-200', '');
});

test('longer ranges come after shorter ones', () => {
  plan('0-60, 60-120, 120-180, 180-200', '0-60, 60-120, 120-180');
  plan('0-60, 60-120, 120-180, 180-200, 200-220, 220-240, 240-260', '180-200, 200-220, 220-240');
  plan('0-60, 60-120, 120-140, 140-160, 160-180, 180-200', '120-140, 140-160, 160-180');
});

test('blocks that lie across the borders of a range are left out', () => {
  plan('10-30, 30-50, 50-70, 70-90', '10-30, 30-50');
  plan('50-70, 70-90, 90-110, 120-140', '');
  plan('50-70, 70-90, 90-110, 120-140, 140-160', '70-90, 90-110');
});

test('times before 1970 have their ranges too', () => {
  plan('-60--40, -40--20, 0-20, 20-40', '-60--40, -40--20');
  plan('-20-0, 0-20, 20-40', '');
});

test('a range with a block that failed is not tried again', () => {
  plan('0-20 failed, 20-40, 40-60, 60-80', '');
  plan('0-20 failed, 20-40, 40-60, 60-80, 80-100, 100-120, 120-140', '60-80, 80-100, 100-120');
});

test('overlapping blocks come first, even the newest', () => {
  plan('0-20, 10-30', '0-20, 10-30');
  plan('0-20, 20-40, 25-45, 40-60, 60-80', '20-40, 25-45, 40-60');
  plan('0-100, 10-20, 90-110, 200-220, 210-230', '0-100, 10-20, 90-110');
});

test('a large block of which a twentieth is deleted is written anew', () => {
  plan('0-180 10/100, 180-200', '0-180 10/100');
  plan('0-180 4/100, 180-200', '');
  plan('0-60 10/100, 180-200', '');
  plan('0-60 100/100, 180-200', '0-60 100/100');
  plan('0-180 10/100', '');
});

test('blocks of some series only are not mixed with others', () => {
  plan('0-20, 20-40 from-stale-series, 40-60, 60-80', '0-20, 40-60');
  plan('0-20 from-stale-series, 10-30', '');
  plan(
    '0-20 from-stale-series, 10-30 from-stale-series, 5-25',
    '0-20 from-stale-series, 10-30 from-stale-series',
  );
});

test('ranges triple up to the longest', () => {
  const hour = 3_600_000;
  assert.deepEqual(
    blockRanges(2 * hour, 36 * hour).map((range) => range / hour),
    [2, 6, 18],
  );
  assert.deepEqual(blockRanges(2 * hour, 2 * hour), [2 * hour]);
  assert.equal(blockRanges(1, 1e12).length, 10);
});

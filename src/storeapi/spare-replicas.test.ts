import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { type Random, seededRandom } from '../base/random.ts';
import { testKernel } from '../base/testing/kernel.ts';
import type { SampleColumns } from '../model/sample.ts';
import { deduplicate } from '../storage/deduplicate.ts';
import { ChunkRows } from '../wire/chunk-rows.ts';
import { areSpare } from './spare-replicas.ts';

const kernel = testKernel();
const CHUNK_SAMPLES = 10;

/** Scrapes every 15 s with jitter, some missing, in some stretches many. */
function scrapeTimes(random: Random): number[] {
  const phase = Math.floor(random.next() * 15_000);
  const missing = random.next() < 0.5 ? 0.02 : 0.0005;
  const times: number[] = [];
  for (let i = 0; i < 60; i++) {
    if (random.next() < missing) i += Math.floor(random.next() * 6);
    times.push(phase + i * 15_000 + Math.floor(random.next() * 7));
  }
  return times;
}

function columnsOf(samples: readonly number[]): SampleColumns {
  const times = kernel.arena.alloc(8 * samples.length);
  const values = kernel.arena.alloc(8 * samples.length);
  kernel.f64.set(samples, times >>> 3);
  kernel.f64.set(samples, values >>> 3);
  return { times, values, count: samples.length, startTimes: 0, histograms: [] };
}

function timesOf({ times, count }: SampleColumns): number[] {
  return [...kernel.f64.subarray(times >>> 3, (times >>> 3) + count)];
}

interface Chunks {
  readonly rows: ChunkRows;
  /** Samples of each row. */
  readonly samples: readonly (readonly number[])[];
  readonly all: readonly number[];
}

function chunksOf(times: readonly number[]): Chunks {
  const rows = new ChunkRows();
  const samples: (readonly number[])[] = [];
  for (let i = 0; i < times.length; i += CHUNK_SAMPLES) {
    const part = times.slice(i, i + CHUNK_SAMPLES);
    const row = rows.add();
    rows.minTimes[row] = part[0] as number;
    rows.maxTimes[row] = part.at(-1) as number;
    samples.push(part);
  }
  return { rows, samples, all: [...samples.keys()] };
}

test('a replica that is spare changes nothing, and most are', () => {
  const random = seededRandom(1);
  const outcomes = { spare: 0, chosen: 0, kept: 0, decoded: 0 };
  for (let i = 0; i < 2000; i++) {
    const mark = kernel.arena.mark();
    const [first, second] = [scrapeTimes(random), scrapeTimes(random)];
    const minTime = Math.floor(random.next() * 400_000);
    const maxTime = minTime + Math.floor(random.next() * 800_000);
    const clip = (times: readonly number[]): number[] =>
      times.filter((time) => time >= minTime && time <= maxTime);
    const clipped = columnsOf(clip(first));
    const { rows, samples, all } = chunksOf(second);
    const decode = (row: number): SampleColumns => {
      outcomes.decoded++;
      return columnsOf(samples[row] ?? []);
    };
    const isSpare = areSpare(kernel, clipped, [all], { minTime, maxTime, rows, decode });
    const replicas = [clipped, columnsOf(clip(second))];
    const merged = deduplicate(kernel, replicas, { func: 'penalty', isCounter: false });
    const isFollowed = timesOf(merged).join() === clip(first).join();
    if (isSpare) assert.equal(isFollowed, true, `${first} beside ${second}`);
    outcomes[isSpare ? 'spare' : isFollowed ? 'kept' : 'chosen']++;
    kernel.arena.release(mark);
  }
  assert.ok(outcomes.spare > 300 && outcomes.chosen > 300, JSON.stringify(outcomes));
  assert.ok(outcomes.kept < 20 && outcomes.decoded > 300, JSON.stringify(outcomes));
});

test('chunks at the edges of a gap decide without being decoded', () => {
  const decode = (): SampleColumns => assert.fail('nothing is to be decoded');
  const first = columnsOf([0, 10, 20, 100, 110]);
  const f = (samples: readonly number[], want: boolean): void => {
    const { rows, all } = chunksOf(samples);
    const options = { minTime: 0, maxTime: 120, rows, decode };
    assert.equal(areSpare(kernel, first, [all], options), want, String(samples));
  };
  f([40], true);
  f([41], false);
  f([30, 35, 41], false);
  f([99, 105], false);
  f([100, 120], true);
  f([131], true);
  f([], true);
});

/** A database of ours with a bit of everything in it. */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { Kernel } from '../../src/base/kernel.ts';
import type { FloatHistogram } from '../../src/model/histogram.ts';
import { labelsOf } from '../../src/model/labels.ts';
import { silentLogger } from '../../src/telemetry/logger.ts';
import { type Db, openDb } from '../../src/tsdb/db.ts';
import { DEFAULT_DB_OPTIONS } from '../../src/tsdb/db-options.ts';
import { realClock } from '../../src/world/clock.ts';
import { realFileSystem } from '../../src/world/file-system.ts';
import { realRandom } from '../../src/world/random.ts';

const HOUR_MS = 3_600_000;
export const SAMPLE_INTERVAL_MS = 30_000;
const module = new WebAssembly.Module(
  readFileSync(new URL('../../kernel/build/kernel.wasm', import.meta.url)),
);

/** Over the real file system. */
export function openDatabase(directory: string): Db {
  return openDb({
    files: realFileSystem,
    directory,
    kernel: new Kernel(module),
    openKernel: () => new Kernel(module),
    clock: realClock,
    random: realRandom,
    log: silentLogger,
    options: {
      ...DEFAULT_DB_OPTIONS,
      retention: { timeMs: 0, sizeBytes: 0, percentage: 0 },
      maxExemplars: 100,
    },
  });
}

function histogram(size: number): FloatHistogram {
  return {
    counterResetHint: 'unknown',
    schema: 2,
    zeroThreshold: 0.001,
    zeroCount: size,
    count: 6 * size,
    sum: size * 1.5,
    stale: false,
    positiveSpans: [
      { offset: -2, length: 1 },
      { offset: 3, length: 1 },
    ],
    negativeSpans: [],
    positiveBuckets: Float64Array.of(3 * size, 2 * size),
    negativeBuckets: new Float64Array(0),
    customValues: new Float64Array(0),
  };
}

/** Six hours of floats, both kinds of histograms and exemplars, up to a time; a part of them is deleted. */
export async function fillDatabase(db: Db, end: number): Promise<void> {
  const value = new Float64Array(1);
  const words = new Uint32Array(value.buffer);
  const series = (name: string, i: number) => labelsOf({ __name__: name, i: String(i) });
  for (let time = end - 6 * HOUR_MS, n = 1; time <= end; time += SAMPLE_INTERVAL_MS, n++) {
    const appender = db.appender();
    for (let i = 0; i < 20; i++) {
      value[0] = i % 2 === 0 ? n * (i + 1) : Math.sin(n + i) * 1e3;
      const ref = appender.seriesRef(series('ours_total', i));
      appender.float(ref, time, words[0] as number, words[1] as number);
    }
    appender.histogram(appender.seriesRef(series('ours_seconds', 0)), time, histogram(n), true);
    const half = { ...histogram(n), count: 6 * n + 0.5, zeroCount: n + 0.5 };
    appender.histogram(appender.seriesRef(series('ours_seconds', 1)), time, half, false);
    const exemplar = { labels: labelsOf({ trace: `t${n}` }), value: n, time };
    if (n % 50 === 0) appender.exemplar(appender.seriesRef(series('ours_total', 1)), exemplar);
    assert.equal(appender.commit().appended, 22);
    if (n % 100 === 0) while (db.step(50));
  }
  const nineteen = { type: '=', name: 'i', value: '19' } as const;
  const deleted = db.deleteSeries([nineteen], end - 4 * HOUR_MS, end - HOUR_MS);
  while (db.step(50));
  await deleted;
}

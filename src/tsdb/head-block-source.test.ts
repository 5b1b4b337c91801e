import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { seededRandom } from '../base/random.ts';
import { FaultyFiles } from '../base/testing/faulty-files.ts';
import { testKernel } from '../base/testing/kernel.ts';
import { ManualClock } from '../base/testing/manual-clock.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { openDb } from './db.ts';
import { DEFAULT_DB_OPTIONS } from './db-options.ts';
import { counterLabels, counterValue, INTERVAL_MS, START_MS } from './testing/counters.ts';

/** What Prometheus 3.14 writes of the same samples, appended to its head and compacted. */
const GOLDEN = {
  index: '1cb671b1c53a661bfdc7378f97fd424e7be54f8f5bb3110cbd09747077de71c2',
  'chunks/000001': '2eb4cfe0327286e84e28f040398e668b56fa1a7923890fc4743236bbc00d54b8',
};

test('a block of the head is to the byte what Prometheus writes of the same samples', () => {
  const files = new FaultyFiles(seededRandom(1));
  const db = openDb({
    files,
    directory: 'data',
    kernel: testKernel(),
    openKernel: () => testKernel(),
    clock: new ManualClock(START_MS),
    random: seededRandom(1),
    log: silentLogger,
    options: DEFAULT_DB_OPTIONS,
  });
  const value = new Float64Array(1);
  const words = new Uint32Array(value.buffer);
  for (let n = 0; n < 744; n++) {
    const appender = db.appender();
    value[0] = counterValue(n);
    for (let i = 0; i < 50; i++) {
      const ref = appender.seriesRef(counterLabels(i));
      appender.float(ref, START_MS + n * INTERVAL_MS, words[0] as number, words[1] as number);
    }
    appender.commit();
  }
  while (db.step(50));
  const [block] = db.blocks;
  assert.equal(block?.stats.numSamples, 50 * 480);
  const sum = (name: string): string =>
    createHash('sha256')
      .update(files.readFile(`data/${block?.ulid}/${name}`))
      .digest('hex');
  assert.deepEqual({ index: sum('index'), 'chunks/000001': sum('chunks/000001') }, GOLDEN);
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { seededRandom } from '../base/random.ts';
import { FaultyFiles } from '../base/testing/faulty-files.ts';
import { ManualClock } from '../base/testing/manual-clock.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import { declareBucketMetrics } from './instrumented-bucket.ts';
import { openBucket } from './open-bucket.ts';
import { prefixedBucket } from './prefixed-bucket.ts';
import { acceptBucket, bytesOf, listNames } from './testing/acceptance.ts';
import { MemoryBucket } from './testing/memory-bucket.ts';

acceptBucket({
  name: 'prefixed',
  async open() {
    const bucket = new MemoryBucket();
    await bucket.upload('tenant/above', bytesOf('x'));
    await bucket.upload('tenant/a-', bytesOf('x'));
    return prefixedBucket(bucket, '/tenant/a/');
  },
});

test('objects lie below the prefix of the configuration', async () => {
  const files = new FaultyFiles(seededRandom(1));
  const parts = { files, clock: new ManualClock(), random: seededRandom(2) };
  const metrics = declareBucketMetrics(createMetricRegistry());
  const rest = { logger: silentLogger, environment: {}, workingDirectory: '/w', metrics };
  const provider = { kind: 'FILESYSTEM', directory: 'data' } as const;
  await using bucket = await openBucket(
    { provider, prefix: 'a/b', hedging: undefined },
    { ...parts, ...rest },
  );
  await bucket.upload('block/index', bytesOf('x'));
  assert.deepEqual(files.list('/w/data/a/b/block'), ['index']);
  assert.deepEqual(await listNames(bucket, '', { recursive: true }), ['block/index']);
});

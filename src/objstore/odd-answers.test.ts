/** Stores that answer what they should not: what comes of it is an error, never bytes or sizes that are wrong. */
import { strict as assert } from 'node:assert';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { seededRandom } from '../base/random.ts';
import { FaultyFiles } from '../base/testing/faulty-files.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import { serve } from '../transport/testing/http.ts';
import { realClock } from '../world/clock.ts';
import type { Bucket } from './bucket.ts';
import { parseBucketConfig } from './bucket-config.ts';
import { declareBucketMetrics } from './instrumented-bucket.ts';
import { openBucket } from './open-bucket.ts';
import { bytesOf } from './testing/acceptance.ts';

type Provider = 'S3' | 'GCS';

/** A bucket whose store gives the same answer to everything. */
async function withAnswer(
  provider: Provider,
  answer: (response: ServerResponse) => void,
  check: (bucket: Bucket) => Promise<void>,
): Promise<void> {
  await using server = await serve((request, response) => {
    request.resume().on('end', () => answer(response));
  });
  const { host } = new URL(server.url);
  const keys = 'access_key: k, secret_key: s';
  const s3 = `{bucket: b, endpoint: "${host}", insecure: true, max_retries: 1, ${keys}}`;
  const config = provider === 'S3' ? s3 : '{bucket: b}';
  const random = seededRandom(1);
  await using bucket = await openBucket(
    parseBucketConfig(`type: ${provider}\nconfig: ${config}`, 'b.yml'),
    {
      files: new FaultyFiles(random),
      clock: realClock,
      random,
      logger: silentLogger,
      environment: { STORAGE_EMULATOR_HOST: server.url },
      workingDirectory: '/w',
      metrics: declareBucketMetrics(createMetricRegistry()),
    },
  );
  await check(bucket);
}

test('more bytes than were asked for are no answer to a range', async () => {
  for (const provider of ['S3', 'GCS'] as const) {
    const more = (response: ServerResponse): void => {
      response.writeHead(206, { 'content-range': 'bytes 3-7/100' }).end('12345');
    };
    await withAnswer(provider, more, async (bucket) => {
      await assert.rejects(bucket.readRange('a', { offset: 3, length: 4 }), { kind: 'internal' });
      assert.equal((await bucket.readRange('a', { offset: 3, length: 5 })).length, 5);
    });
  }
});

test('an upload that is answered as a range behind the end has failed', async () => {
  const refuse = (response: ServerResponse): void => void response.writeHead(416).end();
  await withAnswer('S3', refuse, async (bucket) => {
    await assert.rejects(bucket.upload('a', bytesOf('x')), { kind: 'internal' });
    assert.equal((await bucket.readRange('a', { offset: 9, length: 1 })).length, 0);
  });
});

test('an object whose size is not told has none that could be believed', async () => {
  const untold = (response: ServerResponse): void => {
    response.writeHead(200, { 'transfer-encoding': 'chunked' }).end();
  };
  await withAnswer('S3', untold, async (bucket) => {
    await assert.rejects(bucket.attributes('a'), { kind: 'internal' });
  });
});

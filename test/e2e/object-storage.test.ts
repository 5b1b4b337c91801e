/** The acceptance suite of object storage on real servers. */
import { strict as assert } from 'node:assert';
import { after, before, describe, test } from 'node:test';
import { seededRandom } from '../../src/base/random.ts';
import { type Bucket, readObject } from '../../src/objstore/bucket.ts';
import { parseBucketConfig } from '../../src/objstore/bucket-config.ts';
import { declareBucketMetrics } from '../../src/objstore/instrumented-bucket.ts';
import { openBucket } from '../../src/objstore/open-bucket.ts';
import { acceptBucket, patternBytes } from '../../src/objstore/testing/acceptance.ts';
import { silentLogger } from '../../src/telemetry/logger.ts';
import { createMetricRegistry } from '../../src/telemetry/metrics.ts';
import type { Environment } from '../../src/transport/choose-proxy.ts';
import { realClock } from '../../src/world/clock.ts';
import { realFileSystem } from '../../src/world/file-system.ts';
import { type Azurite, skipAzurite, startAzurite } from './peers/azurite.ts';
import { type CephRgw, type S3Keys, skipCephRgw, startCephRgw } from './peers/ceph-rgw.ts';
import { type FakeGcs, startFakeGcs } from './peers/fake-gcs.ts';

let prefixes = 0;

/** A part of the bucket for one test. */
function open(yaml: string, environment: Environment = {}): Promise<Bucket> {
  const config = parseBucketConfig(`prefix: test-${++prefixes}\n${yaml}`, 'objstore.yml');
  return openBucket(config, {
    files: realFileSystem,
    clock: realClock,
    random: seededRandom(prefixes),
    logger: silentLogger,
    metrics: declareBucketMetrics(createMetricRegistry()),
    environment,
    workingDirectory: process.cwd(),
  });
}

describe('Ceph RGW', { skip: skipCephRgw }, () => {
  let rgw: CephRgw;
  before(async () => {
    rgw = await startCephRgw();
    await rgw.createBucket('accept');
  });
  after(() => rgw[Symbol.asyncDispose]());

  const openS3 = ({ accessKey, secretKey }: S3Keys, keys = ''): Promise<Bucket> =>
    open(`type: S3
config:
  bucket: accept
  endpoint: ${rgw.endpoint}
  insecure: true
  access_key: ${accessKey}
  secret_key: ${secretKey}
  part_size: 5242880
${keys}`);
  acceptBucket({ name: 'S3', open: () => openS3(rgw.owner) });
  acceptBucket({
    name: 'S3 by its first version',
    manyObjects: 1100,
    open: () => openS3(rgw.owner, '  list_objects_version: v1\n  signature_version2: true\n'),
  });
});

describe('Azurite', { skip: skipAzurite }, () => {
  let azurite: Azurite;
  before(async () => {
    azurite = await startAzurite();
  });
  after(() => azurite[Symbol.asyncDispose]());

  acceptBucket({
    name: 'AZURE',
    open: () =>
      open(`type: AZURE
config:
  storage_account: ${azurite.account}
  container: accept
  storage_connection_string: ${azurite.connectionString}
`),
    // Azure takes a backslash for a slash.
    impossibleNames: ['backslash\\colon:backtick`'],
    manyObjects: 300,
  });
});

describe('a stand-in for Google Cloud Storage', () => {
  let gcs: FakeGcs;
  before(async () => {
    gcs = await startFakeGcs('accept');
  });
  after(() => gcs[Symbol.asyncDispose]());

  const openGcs = (keys = ''): Promise<Bucket> =>
    open(`type: GCS\nconfig: {bucket: accept ${keys}}`, { STORAGE_EMULATOR_HOST: gcs.endpoint });
  acceptBucket({ name: 'GCS', open: () => openGcs(), manyObjects: 1100 });

  test('GCS takes a large object in several requests', async () => {
    await using bucket = await openGcs(', chunk_size_bytes: 300000');
    const bytes = patternBytes(0, 1_200_000);
    await bucket.upload('large', bytes);
    assert.ok(Buffer.compare(await readObject(bucket, 'large'), bytes) === 0);
  });
});

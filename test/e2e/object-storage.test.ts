/** The acceptance suite of object storage on real servers. */
import { after, before, describe } from 'node:test';
import { seededRandom } from '../../src/base/random.ts';
import type { Bucket } from '../../src/objstore/bucket.ts';
import { parseBucketConfig } from '../../src/objstore/bucket-config.ts';
import { declareBucketMetrics } from '../../src/objstore/instrumented-bucket.ts';
import { openBucket } from '../../src/objstore/open-bucket.ts';
import { acceptBucket } from '../../src/objstore/testing/acceptance.ts';
import { silentLogger } from '../../src/telemetry/logger.ts';
import { createMetricRegistry } from '../../src/telemetry/metrics.ts';
import { realClock } from '../../src/world/clock.ts';
import { realFileSystem } from '../../src/world/file-system.ts';
import { type CephRgw, type S3Keys, skipCephRgw, startCephRgw } from './peers/ceph-rgw.ts';

let prefixes = 0;

/** A part of the bucket for one test. */
function open(yaml: string): Promise<Bucket> {
  const config = parseBucketConfig(`prefix: test-${++prefixes}\n${yaml}`, 'objstore.yml');
  return openBucket(config, {
    files: realFileSystem,
    clock: realClock,
    random: seededRandom(prefixes),
    logger: silentLogger,
    metrics: declareBucketMetrics(createMetricRegistry()),
    environment: {},
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

/** The acceptance suite of object storage on real servers. */
import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { OperationError } from '../../src/base/errors.ts';
import { seededRandom } from '../../src/base/random.ts';
import { type Bucket, readObject } from '../../src/objstore/bucket.ts';
import { parseBucketConfig } from '../../src/objstore/bucket-config.ts';
import { declareBucketMetrics } from '../../src/objstore/instrumented-bucket.ts';
import { openBucket } from '../../src/objstore/open-bucket.ts';
import {
  acceptBucket,
  bytesOf,
  failureKind,
  listNames,
  patternBytes,
} from '../../src/objstore/testing/acceptance.ts';
import { silentLogger } from '../../src/telemetry/logger.ts';
import { createMetricRegistry } from '../../src/telemetry/metrics.ts';
import type { Environment } from '../../src/transport/choose-proxy.ts';
import { realClock } from '../../src/world/clock.ts';
import { realFileSystem } from '../../src/world/file-system.ts';
import { type Azurite, connectionString, skipAzurite, startAzurite } from './peers/azurite.ts';
import { surviveBadDays } from './peers/bad-days.ts';
import { type CephRgw, type S3Keys, skipCephRgw, startCephRgw } from './peers/ceph-rgw.ts';
import { type FakeGcs, startFakeGcs } from './peers/fake-gcs.ts';
import { type FaultyProxy, startFaultyProxy } from './peers/faulty-proxy.ts';
import { temporaryFolder } from './real-programs.ts';

let prefixes = 0;

/** A part of the bucket for one test. */
function open(yaml: string, environment: Environment = {}): Promise<Bucket> {
  return openAt(`prefix: test-${++prefixes}\n${yaml}`, environment);
}

function openAt(yaml: string, environment: Environment = {}): Promise<Bucket> {
  return openBucket(parseBucketConfig(yaml, 'objstore.yml'), {
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
  let proxy: FaultyProxy;
  before(async () => {
    rgw = await startCephRgw();
    await rgw.createBucket('accept');
    proxy = await startFaultyProxy(rgw.endpoint);
  });
  after(async () => {
    await proxy[Symbol.asyncDispose]();
    await rgw[Symbol.asyncDispose]();
  });

  const config = (
    { accessKey, secretKey }: S3Keys,
    { endpoint = rgw.endpoint, bucket = 'accept', more = '' } = {},
  ): string => `type: S3
config:
  bucket: ${bucket}
  endpoint: ${endpoint}
  insecure: true
  access_key: ${accessKey}
  secret_key: ${secretKey}
  part_size: 5242880
${more}`;
  const openS3 = (keys: S3Keys, more = ''): Promise<Bucket> => open(config(keys, { more }));
  acceptBucket({ name: 'S3', open: () => openS3(rgw.owner), manyObjects: 1100 });
  acceptBucket({
    name: 'S3 by its first version',
    manyObjects: 1100,
    open: () => openS3(rgw.owner, '  list_objects_version: v1\n  signature_version2: true\n'),
  });
  surviveBadDays({
    name: 'S3',
    proxy: () => proxy,
    open: (retries = 0) =>
      open(config(rgw.owner, { endpoint: proxy.endpoint, more: `  max_retries: ${retries}\n` })),
  });

  test('S3: a key that may only read reads, and is denied the rest', async () => {
    const yaml = `prefix: read-only\n`;
    await using owner = await openAt(yaml + config(rgw.owner));
    await owner.upload('a', bytesOf('abc'));
    await using reader = await openAt(yaml + config(rgw.reader));
    assert.deepEqual(await readObject(reader, 'a'), bytesOf('abc'));
    assert.deepEqual(await listNames(reader, ''), ['a']);
    assert.equal(await reader.exists('b'), false);
    assert.equal(await failureKind(() => reader.upload('b', bytesOf('x'))), 'denied');
    assert.equal(await failureKind(() => reader.delete('a')), 'denied');
    assert.equal(await owner.exists('a'), true);
  });

  test('S3: wrong keys are denied, and which of them is said', async () => {
    const f = async (keys: S3Keys, want: RegExp): Promise<void> => {
      await using bucket = await open(config(keys));
      await assert.rejects(listNames(bucket, ''), (error: Error) => {
        assert.ok(error instanceof OperationError && error.kind === 'denied', String(error));
        assert.match(error.message, want);
        assert.ok(!error.message.includes(keys.secretKey), error.message);
        return true;
      });
    };
    await f({ ...rgw.owner, secretKey: 'wrong-secret' }, /the secret key is wrong/);
    await f({ ...rgw.owner, accessKey: 'nobody' }, /the server does not know the access key/);
  });

  test('S3: a bucket that is not there does not look empty', async () => {
    await using bucket = await open(
      config(rgw.owner, { bucket: 'absent', more: '  max_retries: 1\n' }),
    );
    const calls: readonly (() => Promise<unknown>)[] = [
      () => listNames(bucket, ''),
      () => bucket.exists('a'),
      () => bucket.attributes('a'),
      () => readObject(bucket, 'a'),
      () => bucket.upload('a', bytesOf('x')),
      () => bucket.delete('a'),
    ];
    for (const call of calls) {
      await assert.rejects(call, (error: Error) => {
        assert.ok(error instanceof OperationError && error.kind === 'unavailable', String(error));
        assert.match(error.message, /the bucket does not exist/);
        return true;
      });
    }
  });

  test('S3: an upload by parts that is given up leaves no parts behind', async () => {
    await using bucket = await openS3(rgw.owner);
    const read = (offset: number, length: number): Uint8Array => {
      if (offset > 11_000_000) throw new OperationError('corrupt', 'cannot read the source');
      return patternBytes(offset, length);
    };
    const kind = await failureKind(() => bucket.upload('parts', { sizeBytes: 16_000_000, read }));
    assert.equal(kind, 'corrupt');
    assert.deepEqual(await rgw.unfinishedUploads('accept'), []);
  });

  test('S3: what the configuration adds to objects arrives', async () => {
    const metadata = '  put_user_metadata: {team: metrics, Cache-Control: no-cache}\n';
    await using bucket = await openAt(`prefix: headers\n${config(rgw.owner, { more: metadata })}`);
    await bucket.upload('a', bytesOf('abc'));
    const headers = await rgw.objectHeaders('accept', 'headers/a');
    assert.equal(headers.get('x-amz-meta-team'), 'metrics');
    assert.equal(headers.get('cache-control'), 'no-cache');
  });

  test("S3: what a customer's key has encrypted needs the key", async () => {
    using folder = temporaryFolder();
    const keyFile = `${folder.path}/key`;
    writeFileSync(keyFile, patternBytes(0, 32));
    const encryption = `  sse_config: {type: SSE-C, encryption_key: ${keyFile}}\n`;
    const yaml = `prefix: encrypted\n${config(rgw.owner)}`;
    await using bucket = await openAt(yaml + encryption);
    const large = patternBytes(0, 6_000_000);
    await bucket.upload('a', bytesOf('abc'));
    await bucket.upload('large', large);
    assert.deepEqual(await bucket.readRange('a', { offset: 1, length: 1 }), bytesOf('b'));
    assert.ok(Buffer.compare(await readObject(bucket, 'large'), large) === 0);
    assert.equal((await bucket.attributes('large')).sizeBytes, 6_000_000);
    await using without = await openAt(yaml);
    assert.equal(await failureKind(() => readObject(without, 'a')), 'internal');
    writeFileSync(keyFile, 'short');
    await assert.rejects(openAt(yaml + encryption), /it has 5 bytes instead of 32/);
  });

  test('S3: the gateway dies and comes back', async () => {
    await using bucket = await openS3(rgw.owner, '  max_retries: 20\n');
    await bucket.upload('a', bytesOf('abc'));
    await rgw.killGateway();
    const reading = readObject(bucket, 'a');
    await rgw.startGateway();
    assert.deepEqual(await reading, bytesOf('abc'));
  });
});

describe('Azurite', { skip: skipAzurite }, () => {
  let azurite: Azurite;
  let proxy: FaultyProxy;
  before(async () => {
    azurite = await startAzurite();
    proxy = await startFaultyProxy(azurite.endpoint);
  });
  after(async () => {
    await proxy[Symbol.asyncDispose]();
    await azurite[Symbol.asyncDispose]();
  });

  const config = (endpoint: string, more = ''): string => `type: AZURE
config:
  storage_account: ${azurite.account}
  container: accept
  storage_connection_string: ${connectionString(endpoint)}
${more}`;

  acceptBucket({
    name: 'AZURE',
    open: () => open(config(azurite.endpoint)),
    // Azure takes a backslash for a slash.
    impossibleNames: ['backslash\\colon:backtick`'],
    manyObjects: 300,
  });
  surviveBadDays({
    name: 'AZURE',
    proxy: () => proxy,
    open: (retries = 0) => open(config(proxy.endpoint, `  max_retries: ${retries}\n`)),
  });

  test('AZURE: a container is made if it may, else it does not look empty', async () => {
    const other = config(azurite.endpoint).replace('accept', 'other');
    await using strict = await open(
      `${other}  storage_create_container: false\n  max_retries: 1\n`,
    );
    for (const call of [() => listNames(strict, ''), () => strict.exists('a')]) {
      assert.equal(await failureKind(call), 'unavailable', call.toString());
    }
    await using bucket = await open(other);
    assert.deepEqual(await listNames(bucket, ''), []);
    assert.deepEqual(await listNames(strict, ''), []);
  });
});

describe('a stand-in for Google Cloud Storage', () => {
  let gcs: FakeGcs;
  let proxy: FaultyProxy;
  before(async () => {
    gcs = await startFakeGcs('accept');
    proxy = await startFaultyProxy(gcs.endpoint.slice('http://'.length));
  });
  after(async () => {
    await proxy[Symbol.asyncDispose]();
    await gcs[Symbol.asyncDispose]();
  });

  const openGcs = (keys = '', endpoint = gcs.endpoint): Promise<Bucket> =>
    open(`type: GCS\nconfig: {bucket: accept ${keys}}`, { STORAGE_EMULATOR_HOST: endpoint });
  acceptBucket({ name: 'GCS', open: () => openGcs(), manyObjects: 1100 });

  surviveBadDays({
    name: 'GCS',
    proxy: () => proxy,
    open(retries) {
      const attempts = retries === undefined ? 0 : retries + 1;
      return openGcs(`, max_retries: ${attempts}`, `http://${proxy.endpoint}`);
    },
  });

  test('GCS: a bucket that has vanished does not look empty', async () => {
    await using bucket = await openGcs(', max_retries: 2');
    const { objects } = gcs;
    gcs.objects = undefined;
    for (const call of [() => listNames(bucket, ''), () => bucket.exists('a')]) {
      assert.equal(await failureKind(call), 'unavailable', call.toString());
    }
    gcs.objects = objects;
    assert.deepEqual(await listNames(bucket, ''), []);
  });
});

import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { OperationError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import { FaultyFiles, SimulatedDeath } from '../base/testing/faulty-files.ts';
import { ManualClock } from '../base/testing/manual-clock.ts';
import { labelRecord, labelsOf } from '../model/labels.ts';
import { MemoryBucket } from '../objstore/testing/memory-bucket.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import { parseBlockMeta } from '../tsdb/block/meta.ts';
import { parseThanosMeta, type ThanosMeta } from '../tsdb/block/thanos-meta.ts';
import { Shipper, type ShipperOptions } from './shipper.ts';
import { declareShipperMetrics } from './shipper-metrics.ts';

const LIST = 'data/thanos.shipper.json';
const HOUR = 3_600_000;
/** Named by what it begins with. */
const A = '01M86AWQWW6J2MR1PAY680Y93A';
const B = '01M86AWQWW6J2MR1PAY680Y93B';
const C = '01M86AWQWW6J2MR1PAY680Y93C';

interface Scene {
  readonly files: FaultyFiles;
  readonly bucket: MemoryBucket;
  shipper(options?: Partial<ShipperOptions>): Shipper;
  addBlock(ulid: string, hour: number, options?: BlockOptions): void;
  metric(name: string): Promise<number>;
}

interface BlockOptions {
  readonly level?: number;
  readonly samples?: number;
  readonly hours?: number;
}

function makeScene(): Scene {
  const files = new FaultyFiles(seededRandom(1));
  const bucket = new MemoryBucket();
  const registry = createMetricRegistry();
  const metrics = declareShipperMetrics(registry);
  files.makeDirectory('data');
  return {
    files,
    bucket,
    shipper: (options = {}) =>
      new Shipper({
        files,
        clock: new ManualClock(Date.UTC(2026, 0, 1)),
        logger: silentLogger,
        bucket,
        metrics,
        dataDirectory: 'data',
        uploadedPath: LIST,
        source: 'sidecar',
        hashFunction: '',
        uploadsCompacted: false,
        allowsOutOfOrder: false,
        skipsCorrupted: false,
        concurrency: 0,
        labels: () => labelsOf({ cluster: 'x', replica: 'a' }),
        ...options,
      }),
    addBlock(ulid, hour, { level = 1, samples = 5, hours = 2 } = {}) {
      const directory = `data/${ulid}`;
      files.makeDirectory(`${directory}/chunks`);
      const meta = {
        ulid,
        minTime: hour * HOUR,
        maxTime: (hour + hours) * HOUR,
        stats: { numSamples: samples },
        compaction: { level, sources: [ulid] },
        version: 1,
      };
      const write = (path: string, text: string): void =>
        files.writeFileAtomic(`${directory}/${path}`, Buffer.from(text));
      write('chunks/000001', `chunks of ${ulid}`);
      write('chunks/000002', `more chunks of ${ulid}`);
      write('index', `index of ${ulid}`);
      write('tombstones', 'none');
      write('meta.json', JSON.stringify(meta));
    },
    async metric(name) {
      const { body } = await registry.print('text');
      return Number(new RegExp(`^thanos_shipper_${name} (\\S+)$`, 'm').exec(String(body))?.[1]);
    },
  };
}

test('blocks go up oldest first, meta.json after all else, and are remembered', async () => {
  const { files, bucket, shipper, addBlock, metric } = makeScene();
  addBlock(A, 4);
  addBlock(B, 2);
  assert.equal(await shipper().sync(), 2);
  const names = ['chunks/000001', 'chunks/000002', 'index', 'meta.json'];
  assert.deepEqual(
    bucket.calls.filter(({ operation }) => operation === 'upload').map(({ name }) => name),
    [B, A].flatMap((ulid) => names.map((name) => `${ulid}/${name}`)),
  );
  const list = `{\n\t"version": 1,\n\t"uploaded": [\n\t\t"${B}",\n\t\t"${A}"\n\t]\n}\n`;
  assert.equal(textOf(files, LIST), list);
  assert.deepEqual(files.list('data/thanos/upload'), []);
  const before = bucket.calls.length;
  assert.equal(await shipper().sync(), 0);
  assert.equal(bucket.calls.length, before);
  assert.equal(await metric('uploads_total'), 2);
  assert.equal(await metric('dir_syncs_total'), 2);
});

test('meta.json says who uploaded what and when; the one on disk stays as it was', async () => {
  const { files, bucket, shipper, addBlock } = makeScene();
  addBlock(A, 0);
  const before = textOf(files, `data/${A}/meta.json`);
  await shipper({ hashFunction: 'SHA256' }).sync();
  assert.equal(textOf(files, `data/${A}/meta.json`), before);
  const section = shippedSection(bucket, A);
  assert.deepEqual(labelRecord(section.labels), { cluster: 'x', replica: 'a' });
  assert.equal(section.source, 'sidecar');
  assert.equal(section.uploadTimeMs, Date.UTC(2026, 0, 1));
  assert.deepEqual(section.segmentFiles, ['000001', '000002']);
  const index = `index of ${A}`;
  assert.deepEqual(section.files.slice(2), [
    {
      path: 'index',
      sizeBytes: index.length,
      hash: { algorithm: 'SHA256', value: createHash('sha256').update(index).digest('hex') },
    },
    { path: 'meta.json', sizeBytes: undefined, hash: undefined },
  ]);
});

test('empty blocks stay, and compacted ones until asked for and without overlap', async () => {
  const { bucket, shipper, addBlock, metric } = makeScene();
  addBlock(A, 0, { samples: 0 });
  addBlock(B, 0, { level: 2, hours: 6 });
  assert.equal(await shipper().sync(), 0);
  assert.equal(bucket.objects.size, 0);
  assert.equal(await shipper({ uploadsCompacted: true }).sync(), 1);
  assert.equal(await metric('upload_compacted_done'), 1);
  addBlock(C, 4, { level: 2, hours: 6 });
  const again = shipper({ uploadsCompacted: true });
  await assert.rejects(again.sync(), isFailure('bad-data', new RegExp(`${C}.* overlaps ${B}`)));
  const lenient = shipper({ uploadsCompacted: true, allowsOutOfOrder: true });
  assert.equal(await lenient.sync(), 1);
});

test('blocks of other labels and half uploaded ones do not overlap anything', async () => {
  const { bucket, shipper, addBlock } = makeScene();
  addBlock(A, 0, { level: 2 });
  await shipper({ uploadsCompacted: true, labels: () => labelsOf({ cluster: 'y' }) }).sync();
  await bucket.upload(`${C}/index`, Buffer.from('half'));
  addBlock(B, 0, { level: 2 });
  assert.equal(await shipper({ uploadsCompacted: true }).sync(), 1);
});

test('a block without external labels is refused', async () => {
  const { bucket, shipper, addBlock } = makeScene();
  addBlock(A, 0);
  await assert.rejects(shipper({ labels: () => [] }).sync(), isFailure('bad-data', /labels/));
  assert.equal(bucket.objects.size, 0);
});

test('without its list a shipper asks the bucket, and uploads nothing twice', async () => {
  const { files, bucket, shipper, addBlock } = makeScene();
  addBlock(A, 0);
  addBlock(B, 2);
  await shipper().sync();
  const list = textOf(files, LIST);
  for (const damage of ['', '{"version":2}', '{"version":1,"uploaded":[3]}', list.slice(0, 30)]) {
    files.writeFileAtomic(LIST, Buffer.from(damage));
    assert.equal(await shipper().sync(), 0);
    assert.equal(textOf(files, LIST), list);
  }
  files.remove(LIST);
  assert.equal(await shipper().sync(), 0);
  assert.equal(textOf(files, LIST), list);
  assert.equal(bucket.calls.filter(({ operation }) => operation === 'upload').length, 8);
});

test('a block no longer on disk leaves the list; an empty list is null as in Go', async () => {
  const { files, shipper, addBlock } = makeScene();
  addBlock(A, 0);
  await shipper().sync();
  files.remove(`data/${A}`);
  await shipper().sync();
  assert.equal(textOf(files, LIST), '{\n\t"version": 1,\n\t"uploaded": null\n}\n');
});

test('a block that cannot be read stops all, or is left out when that is allowed', async () => {
  const { files, shipper, addBlock, metric } = makeScene();
  addBlock(A, 0);
  addBlock(B, 2);
  files.writeFileAtomic(`data/${A}/meta.json`, Buffer.from('{'));
  await assert.rejects(shipper().sync(), isFailure('corrupt', new RegExp(`${A}/meta.json`)));
  assert.equal(await metric('dir_sync_failures_total'), 1);
  const lenient = shipper({ skipsCorrupted: true });
  await assert.rejects(
    lenient.sync(),
    isFailure('internal', /1 could not be read, 1 went through/),
  );
  assert.equal(await metric('corrupted_blocks_total'), 1);
});

test('later blocks wait for one that fails, or go first when that is allowed', async () => {
  const { bucket, shipper, addBlock, metric } = makeScene();
  addBlock(A, 0);
  addBlock(B, 2);
  bucket.onCall = ({ operation, name }) => {
    if (operation === 'upload' && name === `${A}/index`) throw away();
  };
  await assert.rejects(shipper().sync(), isFailure('unavailable', /away/));
  assert.equal(bucket.objects.has(`${B}/meta.json`), false);
  const lenient = shipper({ allowsOutOfOrder: true });
  await assert.rejects(lenient.sync(), isFailure('internal', /1 could not be uploaded/));
  assert.equal(bucket.objects.has(`${B}/meta.json`), true);
  assert.equal(await metric('upload_failures_total'), 2);
  bucket.onCall = () => undefined;
  assert.equal(await shipper().sync(), 1);
});

for (const cut of ['chunks/000002', 'index', 'meta.json']) {
  test(`no meta.json stays where the bucket holds ${cut} only in part`, async () => {
    const { bucket, shipper, addBlock } = makeScene();
    addBlock(A, 0);
    const attributes = bucket.attributes.bind(bucket);
    bucket.attributes = async (name, options) => {
      const found = await attributes(name, options);
      return name.endsWith(cut) ? { ...found, sizeBytes: found.sizeBytes - 1 } : found;
    };
    await assert.rejects(shipper().sync(), isFailure('corrupt', new RegExp(cut)));
    assert.equal(bucket.objects.has(`${A}/meta.json`), false);
    bucket.attributes = attributes;
    assert.equal(await shipper().sync(), 1);
  });
}

test('files go up side by side as far as allowed, meta.json after all of them', async () => {
  const { bucket, shipper, addBlock } = makeScene();
  addBlock(A, 0);
  let now = 0;
  let most = 0;
  bucket.onCall = async ({ operation }) => {
    if (operation !== 'upload') return;
    most = Math.max(most, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    now--;
  };
  await shipper({ concurrency: 2 }).sync();
  assert.equal(most, 2);
  const uploads = bucket.calls.filter(({ operation }) => operation === 'upload');
  assert.equal(uploads.at(-1)?.name, `${A}/meta.json`);
});

test('whichever call fails, the next pass completes: nothing is lost or doubled', async () => {
  const { bucket: whole, calls } = await shipTwo();
  for (let n = 1; n <= calls; n++) {
    const scene = makeScene();
    scene.addBlock(A, 0);
    scene.addBlock(B, 2);
    let call = 0;
    scene.bucket.onCall = () => {
      if (++call === n) throw away();
    };
    await assert.rejects(scene.shipper().sync(), isFailure('unavailable', /away/));
    for (const ulid of [A, B]) assertWholeOrUnseen(scene.bucket, ulid);
    await scene.shipper().sync();
    assert.deepEqual(contents(scene.bucket), contents(whole), `call ${n}`);
    assert.equal(textOf(scene.files, LIST).match(/01M/g)?.length, 2);
  }
});

test('wherever it is killed, the next one completes: nothing is lost or doubled', async () => {
  const { bucket: whole, changes } = await shipTwo();
  assert.ok(changes > 10);
  for (let n = 1; n <= changes; n++) {
    const scene = makeScene();
    scene.addBlock(A, 0);
    scene.addBlock(B, 2);
    scene.files.dieIn(n);
    await assert.rejects(scene.shipper().sync(), (error) => error instanceof SimulatedDeath);
    for (const ulid of [A, B]) assertWholeOrUnseen(scene.bucket, ulid);
    scene.files.restart('kill');
    await scene.shipper().sync();
    assert.deepEqual(contents(scene.bucket), contents(whole), `change ${n}`);
    assert.equal(textOf(scene.files, LIST).match(/01M/g)?.length, 2);
    assert.equal(scene.files.stat(`data/thanos/upload/${A}`), undefined);
    assert.equal(scene.files.stat(`data/thanos/upload/${B}`), undefined);
  }
});

/** Two blocks without a fault: what the bucket holds then, and how much happened. */
async function shipTwo(): Promise<{
  readonly bucket: MemoryBucket;
  readonly calls: number;
  readonly changes: number;
}> {
  const { files, bucket, shipper, addBlock } = makeScene();
  addBlock(A, 0);
  addBlock(B, 2);
  const before = files.changes;
  await shipper().sync();
  return { bucket, calls: bucket.calls.length, changes: files.changes - before };
}

/** meta.json is there only with all that it names. */
function assertWholeOrUnseen(bucket: MemoryBucket, ulid: string): void {
  if (!bucket.objects.has(`${ulid}/meta.json`)) return;
  for (const { path, sizeBytes } of shippedSection(bucket, ulid).files) {
    const object = bucket.objects.get(`${ulid}/${path}`);
    assert.equal(object?.bytes.length, sizeBytes ?? object?.bytes.length);
  }
}

function contents(bucket: MemoryBucket): Record<string, string> {
  const named = [...bucket.objects].map(([name, { bytes }]) => [name, bytes] as const);
  return Object.fromEntries(named.map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]));
}

function shippedSection(bucket: MemoryBucket, ulid: string): ThanosMeta {
  const path = `${ulid}/meta.json`;
  const bytes = bucket.objects.get(path)?.bytes ?? new Uint8Array();
  return parseThanosMeta(parseBlockMeta(bytes, path), path);
}

function textOf(files: FaultyFiles, path: string): string {
  return new TextDecoder().decode(files.readFile(path));
}

function away(): OperationError {
  return new OperationError('unavailable', 'the bucket is away');
}

function isFailure(kind: string, text: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof OperationError && error.kind === kind && text.test(error.message);
}

import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { OperationError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import { FaultyFiles } from '../base/testing/faulty-files.ts';
import { ManualClock } from '../base/testing/manual-clock.ts';
import { realClock } from '../world/clock.ts';
import { realFileSystem } from '../world/file-system.ts';
import { type Bucket, readObject } from './bucket.ts';
import { openFilesystemBucket } from './filesystem-bucket.ts';
import { acceptBucket, bytesOf, failureKind, listNames } from './testing/acceptance.ts';

const scratch = mkdtempSync(join(tmpdir(), 'bucket-'));
after(() => rmSync(scratch, { recursive: true }));

let opened = 0;

function open(): { readonly bucket: Bucket; readonly directory: string } {
  const directory = join(scratch, String(++opened));
  const parts = { files: realFileSystem, clock: realClock, random: seededRandom(1) };
  return { bucket: openFilesystemBucket({ ...parts, directory }), directory };
}

acceptBucket({ name: 'filesystem', open: async () => open().bucket, manyObjects: 300 });

test('directories without objects, and drafts, are not listed', async () => {
  const { bucket, directory } = open();
  await bucket.upload('b/object', bytesOf('x'));
  mkdirSync(join(directory, 'a/empty/below'), { recursive: true });
  writeFileSync(join(directory, '.uploads/draft'), 'half');
  assert.deepEqual(await listNames(bucket, ''), ['b/']);
  assert.deepEqual(await listNames(bucket, '', { recursive: true }), ['b/object']);
  assert.equal(await failureKind(() => listNames(bucket, '.uploads')), 'bad-data');
});

test('a name that leaves the directory, or that no file can have, is refused', async () => {
  const { bucket } = open();
  for (const name of ['', '../x', 'a/../../x', '/x', 'a//b', 'a/', './a', 'nul\0', '.uploads/x']) {
    assert.equal(await failureKind(() => bucket.upload(name, bytesOf('x'))), 'bad-data', name);
    assert.equal(await failureKind(() => bucket.attributes(name)), 'bad-data', name);
  }
  await bucket.upload('a/b', bytesOf('x'));
  assert.equal(await failureKind(() => bucket.upload('a', bytesOf('x'))), 'bad-data');
  assert.equal(await failureKind(() => bucket.upload('a/b/c/d', bytesOf('x'))), 'bad-data');
});

test('a bucket whose directory has vanished does not look empty', async () => {
  const { bucket, directory } = open();
  await bucket.upload('a', bytesOf('x'));
  renameSync(directory, `${directory}-away`);
  for (const call of [
    () => listNames(bucket, ''),
    () => bucket.exists('a'),
    () => bucket.attributes('a'),
    () => bucket.delete('a'),
    () => bucket.upload('a', bytesOf('y')),
  ]) {
    assert.equal(await failureKind(call), 'unavailable', call.toString());
  }
  renameSync(`${directory}-away`, directory);
  assert.equal(await bucket.exists('a'), true);
});

test('missing rights are denied, by name', async () => {
  const refuse = (): never => {
    const cause = Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
    throw new OperationError('unavailable', 'cannot open', { cause });
  };
  const files = { ...realFileSystem, openToWrite: refuse };
  const parts = { files, clock: realClock, random: seededRandom(1), directory: scratch };
  const bucket = openFilesystemBucket(parts);
  assert.equal(await failureKind(() => bucket.upload('a', bytesOf('x'))), 'denied');
});

test('an upload that a kill or a loss of power ends leaves the old object', async () => {
  const clock = new ManualClock();
  const random = seededRandom(7);
  for (let changes = 1; ; changes++) {
    const files = new FaultyFiles(random);
    const bucket = openFilesystemBucket({ files, clock, random, directory: '/bucket' });
    await bucket.upload('block/index', bytesOf('old'));
    files.dieIn(changes);
    const upload = bucket.upload('block/index', bytesOf('the new one'));
    const isDone = await upload.then(
      () => true,
      () => false,
    );
    files.restart(changes % 2 === 0 ? 'kill' : 'loss of power');
    const next = openFilesystemBucket({ files, clock, random, directory: '/bucket' });
    const text = new TextDecoder().decode(await readObject(next, 'block/index'));
    assert.ok(text === 'the new one' || (text === 'old' && !isDone), `${text} after ${changes}`);
    assert.deepEqual(await listNames(next, '', { recursive: true }), ['block/index']);
    if (isDone) return;
  }
});

test('a full disk fails an upload without a trace', async () => {
  const files = new FaultyFiles(seededRandom(1));
  const parts = { files, clock: new ManualClock(), random: seededRandom(2), directory: '/bucket' };
  const bucket = openFilesystemBucket(parts);
  files.capacityBytes = 1000;
  assert.equal(await failureKind(() => bucket.upload('a', new Uint8Array(2000))), 'unavailable');
  assert.deepEqual(files.list('/bucket/.uploads'), []);
  await bucket.upload('a', new Uint8Array(900));
  assert.equal((await bucket.attributes('a')).sizeBytes, 900);
});

test('drafts of dead processes are removed a day later', async () => {
  const files = new FaultyFiles(seededRandom(1));
  files.makeDirectory('/bucket/.uploads');
  files.append('/bucket/.uploads/dead', bytesOf('half'));
  const clock = new ManualClock();
  const parts = { files, clock, random: seededRandom(2), directory: '/bucket' };
  openFilesystemBucket(parts);
  assert.deepEqual(files.list('/bucket/.uploads'), ['dead']);
  clock.advance(25 * 3600 * 1000);
  openFilesystemBucket(parts);
  assert.deepEqual(files.list('/bucket/.uploads'), []);
});

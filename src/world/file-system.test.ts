/** What every file system must do, and what only the faulty one does. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { FileSystem } from '../base/file-system.ts';
import { seededRandom } from '../base/random.ts';
import { FaultyFiles, SimulatedDeath } from '../base/testing/faulty-files.ts';
import { realFileSystem } from './file-system.ts';

const scratch = mkdtempSync(join(tmpdir(), 'files-'));
after(() => rmSync(scratch, { recursive: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (files: FileSystem, path: string): string =>
  new TextDecoder().decode(files.readFile(path));

const implementations: readonly (readonly [string, FileSystem, string])[] = [
  ['the real files', realFileSystem, scratch],
  ['the faulty files', new FaultyFiles(seededRandom(1)), '/data'],
];

for (const [name, files, root] of implementations) {
  files.makeDirectory(root);

  test(`${name}: what is written is added to the end and can be cut off`, () => {
    const path = `${root}/log`;
    {
      using file = files.openToWrite(path);
      file.write(bytes('one '));
      file.write(bytes('two '));
      assert.equal(file.sizeBytes, 8);
      using reader = files.open(path);
      file.truncate(4);
      file.write(bytes('three'));
      file.sync();
      const target = new Uint8Array(5);
      reader.read(target, 4);
      assert.equal(new TextDecoder().decode(target), 'three');
      assert.throws(() => reader.read(target, 5), { kind: 'corrupt' });
    }
    using again = files.openToWrite(path);
    assert.equal(again.sizeBytes, 9);
    again.write(bytes('!'));
    assert.equal(text(files, path), 'one three!');
  });

  test(`${name}: a link is a second name, and none takes a name that is used`, () => {
    files.writeFileAtomic(`${root}/a`, bytes('a'));
    files.link(`${root}/a`, `${root}/b`);
    files.remove(`${root}/a`);
    assert.equal(text(files, `${root}/b`), 'a');
    files.writeFileAtomic(`${root}/c`, bytes('c'));
    assert.throws(() => files.link(`${root}/b`, `${root}/c`), { kind: 'unavailable' });
  });

  test(`${name}: a directory is renamed and removed with what is in it`, () => {
    files.makeDirectory(`${root}/x.tmp/chunks`);
    files.writeFileAtomic(`${root}/x.tmp/chunks/1`, bytes('1'));
    files.rename(`${root}/x.tmp`, `${root}/x`);
    files.syncDirectory(root);
    assert.equal(text(files, `${root}/x/chunks/1`), '1');
    assert.equal(files.stat(`${root}/x.tmp`), undefined);
    files.remove(`${root}/x`);
    assert.equal(files.stat(`${root}/x`), undefined);
    files.remove(`${root}/x`);
  });

  test(`${name}: a lock has one holder`, () => {
    const path = `${root}/lock`;
    const lock = files.lock(path);
    assert.equal(lock.wasLeft, false);
    assert.throws(() => files.lock(path), { kind: 'unavailable' });
    lock[Symbol.dispose]();
    assert.equal(files.stat(path), undefined);
    files.writeFileAtomic(path, bytes(''));
    using next = files.lock(path);
    assert.equal(next.wasLeft, true);
    assert.ok(files.freeBytes(root) > 0);
  });
}

test('a real lock is the one that flock(2) sees', () => {
  const path = join(scratch, 'flock');
  const tryOther = (): number | null => spawnSync('flock', ['-n', path, 'true']).status;
  {
    using _lock = realFileSystem.lock(path);
    assert.throws(() => realFileSystem.lock(path), {
      message: new RegExp(`process ${process.pid}`),
    });
    assert.equal(tryOther(), 1);
  }
  assert.equal(tryOther(), 0);
});

test('a full disk takes what fits and says so', () => {
  const files = new FaultyFiles(seededRandom(2));
  files.capacityBytes = 10;
  using file = files.openToWrite('/a');
  file.write(bytes('1234567'));
  assert.throws(() => file.write(bytes('890ab')), { message: /ENOSPC/ });
  assert.equal(file.sizeBytes, 10);
  file.truncate(7);
  assert.equal(files.freeBytes(), 3);
});

test('a killed process leaves what it wrote, a loss of power only what was synced', () => {
  const outcomes = new Set<string>();
  const random = seededRandom(3);
  for (let i = 0; i < 40; i++) {
    const files = new FaultyFiles(random);
    files.makeDirectory('/d');
    files.syncDirectory('/');
    const file = files.openToWrite('/d/a');
    files.syncDirectory('/d');
    file.write(bytes('synced '));
    file.sync();
    files.dieIn(2);
    file.write(bytes('kept '));
    assert.throws(() => file.write(bytes('torn')), SimulatedDeath);
    assert.throws(() => files.readFile('/d/a'), SimulatedDeath);
    files.restart('kill');
    assert.ok('synced kept torn'.startsWith(text(files, '/d/a')));
    assert.ok(text(files, '/d/a').startsWith('synced kept '));
    files.openToWrite('/d/b').write(bytes('b'));
    files.restart('loss of power');
    outcomes.add(files.stat('/d/b') === undefined ? 'no b' : `b ${text(files, '/d/b')}`);
    assert.equal(text(files, '/d/a').slice(0, 7).replaceAll('\0', ''), 'synced ');
  }
  assert.deepEqual([...outcomes].sort(), ['b ', 'b \0', 'b b', 'no b']);
});

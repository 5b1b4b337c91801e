import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Random, seededRandom } from '../../base/random.ts';
import { FaultyFiles } from '../../base/testing/faulty-files.ts';
import { testKernel } from '../../base/testing/kernel.ts';
import { allocChunkTable, decodeChunks, setChunkRow } from '../../chunk/columns.ts';
import { realFileSystem } from '../../world/file-system.ts';
import { dumpBlocks, hasPromtool, ScratchDirectory } from '../testing/promtool-blocks.ts';
import { lineSink } from '../wal/testing/wal-lines.ts';
import { Wal } from '../wal/wal.ts';
import { HeadChunkReader } from './head-chunk-reader.ts';
import { HeadChunkWriter } from './head-chunk-writer.ts';
import { type HeadChunkDamage, scanHeadChunks } from './scan-head-chunks.ts';
import { entryOf } from './testing/entries.ts';

const DIRECTORY = '/data/chunks_head';
const kernel = testKernel();

interface Scan {
  /** `ref minTime maxTime encoding samples` */
  readonly lines: readonly string[];
  readonly places: readonly { file: number; offset: number; length: number }[];
  readonly damages: readonly HeadChunkDamage[];
}

function scan(files: FaultyFiles): Scan {
  const lines: string[] = [];
  const places: { file: number; offset: number; length: number }[] = [];
  const damages = scanHeadChunks({
    files,
    directory: DIRECTORY,
    kernel,
    take(rows) {
      for (let i = 0; i < rows.count; i++) {
        const kind = rows.isOutOfOrder(i) ? 'late' : 'float';
        const times = `${rows.minTime(i)} ${rows.maxTime(i)}`;
        lines.push(`${rows.ref(i)} ${times} ${kind} ${rows.encoding(i)} ${rows.samples(i)}`);
        places.push({ file: rows.file, offset: rows.offset(i), length: rows.length(i) });
      }
    },
  });
  return { lines, places, damages };
}

function someEntries(random: Random, count: number): { bytes: Buffer; lines: string[] } {
  const lines: string[] = [];
  const entries = Array.from({ length: count }, () => {
    const ref = 1 + Math.floor(random.next() * 2 ** 40);
    const minTime = Math.floor(random.next() * 1e12) - 1e11;
    const samples = 1 + Math.floor(random.next() * 120);
    const isLate = random.next() < 0.1;
    const kind = isLate ? 'late' : 'float';
    lines.push(`${ref} ${minTime} ${minTime + 1000 * (samples - 1)} ${kind} 1 ${samples}`);
    return entryOf(ref, minTime, samples, isLate ? 129 : 1);
  });
  return { bytes: Buffer.concat(entries), lines };
}

test('entries that were written are found again, over files and openings', () => {
  const random = seededRandom(1);
  const files = new FaultyFiles(random);
  const want: string[] = [];
  for (let opening = 0; opening < 4; opening++) {
    const { lines, damages } = scan(files);
    assert.deepEqual(damages, []);
    assert.deepEqual(lines, want);
    const writer = new HeadChunkWriter({ files, directory: DIRECTORY, fileBytes: 40_000 });
    for (let batch = 0; batch < 15; batch++) {
      const { bytes, lines: own } = someEntries(random, Math.floor(random.next() * 80));
      writer.write(bytes);
      want.push(...own);
    }
    if (opening % 2 === 0) writer.close();
  }
  const names = files.list(DIRECTORY);
  assert.deepEqual(names[0], '000001');
  assert.ok(names.length > 8);
  for (const name of names)
    assert.ok((files.stat(`${DIRECTORY}/${name}`)?.sizeBytes ?? 0) <= 40_000);
});

test('a chunk is read by its place while the file grows, and after the file was dropped', () => {
  const files = new FaultyFiles(seededRandom(1));
  const writer = new HeadChunkWriter({ files, directory: DIRECTORY, fileBytes: 4096 });
  using reader = new HeadChunkReader(files, DIRECTORY);
  const places = Array.from({ length: 60 }, (_, i) => {
    const entry = entryOf(i + 1, 1000 * i, 1 + i);
    return { ...writer.write(entry), length: entry.length };
  });
  const read = (i: number): void => {
    const mark = kernel.arena.mark();
    const place = reader.read(kernel, places[i] as (typeof places)[number]);
    const table = allocChunkTable(kernel, 1);
    setChunkRow(kernel, table, 0, place);
    const columns = decodeChunks(kernel, { table, count: 1, describe: () => `chunk ${i}` });
    assert.equal(columns.count, 1 + i);
    assert.equal(kernel.f64[(columns.times >>> 3) + i], 2000 * i);
    assert.equal(kernel.f64[(columns.values >>> 3) + i], i);
    kernel.arena.release(mark);
  };
  for (let i = 0; i < 60; i++) read(i);
  writer.dropBefore(writer.lastFile);
  assert.deepEqual(files.list(DIRECTORY), [String(writer.lastFile).padStart(6, '0')]);
  for (let i = 59; i >= 0; i--) read(i);
  using late = new HeadChunkReader(files, DIRECTORY);
  assert.throws(() => late.read(kernel, { file: 1, offset: 8, length: 60 }), { kind: 'not-found' });
  const last = places[59] as (typeof places)[number];
  files.flipBit(`${DIRECTORY}/${String(last.file).padStart(6, '0')}`, 8 * (last.offset + 30));
  assert.throws(() => reader.read(kernel, last), { kind: 'corrupt', message: /CRC.*/ });
  assert.throws(() => reader.read(kernel, { ...last, length: last.length - 1 }), {
    kind: 'corrupt',
  });
});

/** A file of some entries: its bytes and where each entry ends. */
function small(): { bytes: Uint8Array; ends: number[]; lines: readonly string[] } {
  const files = new FaultyFiles(seededRandom(1));
  const writer = new HeadChunkWriter({ files, directory: DIRECTORY });
  const { bytes: entries, lines } = someEntries(seededRandom(6), 12);
  writer.write(entries);
  writer.close();
  const ends = scan(files).places.map(({ offset, length }) => offset + length);
  return { bytes: files.readFile(`${DIRECTORY}/000001`), ends: [8, ...ends], lines };
}

function scanDamaged(bytes: Uint8Array, damage: (files: FaultyFiles) => void): Scan {
  const files = new FaultyFiles(seededRandom(1));
  files.makeDirectory(DIRECTORY);
  files.writeFileAtomic(`${DIRECTORY}/000001`, bytes);
  files.writeFileAtomic(`${DIRECTORY}/000002`, bytes);
  damage(files);
  const first = scan(files);
  const again = scan(files);
  assert.deepEqual(again.lines, first.lines);
  assert.deepEqual(again.damages, []);
  return first;
}

test('a file that is cut short keeps its whole entries, at every byte', () => {
  const { bytes, ends, lines } = small();
  for (let length = 0; length < bytes.length; length++) {
    const found = scanDamaged(bytes, (files) => {
      files.remove(`${DIRECTORY}/000002`);
      files.openToWrite(`${DIRECTORY}/000001`).truncate(length);
    });
    const whole = ends.findLastIndex((end) => end <= length);
    assert.deepEqual(found.lines, lines.slice(0, Math.max(0, whole)), `cut at ${length}`);
    // Zeros at the end are no entry: Prometheus makes its files longer than what they hold.
    const rest = bytes.subarray(ends[whole] ?? 0, length);
    const isClean = whole >= 0 && rest.every((byte) => byte === 0);
    assert.equal(found.damages.length, isClean ? 0 : 1, `cut at ${length}`);
  }
});

test('a bit that flips costs the entries behind it, in later files too, and is told', () => {
  const { bytes, ends, lines } = small();
  for (let bit = 0; bit < 8 * bytes.length; bit += 7) {
    const { lines: found, damages } = scanDamaged(bytes, (files) =>
      files.flipBit(`${DIRECTORY}/000001`, bit),
    );
    const whole = ends.findLastIndex((end) => end <= bit >>> 3);
    assert.deepEqual(found, lines.slice(0, Math.max(0, whole)), `bit ${bit}`);
    assert.equal(damages.length, 1);
    assert.equal(damages[0]?.path, `${DIRECTORY}/000001`);
  }
});

test('a file that is missing between others costs those behind it', () => {
  const { bytes, lines } = small();
  const { lines: found, damages } = scanDamaged(bytes, (files) => {
    files.writeFileAtomic(`${DIRECTORY}/000003`, bytes);
    files.remove(`${DIRECTORY}/000002`);
  });
  assert.deepEqual(found, lines);
  assert.match(damages[0]?.reason ?? '', /file 2 is missing/);
});

test('entries that do not fit on a full disk are written when there is room', () => {
  const random = seededRandom(8);
  const files = new FaultyFiles(random);
  const writer = new HeadChunkWriter({ files, directory: DIRECTORY, fileBytes: 100_000 });
  const want: string[] = [];
  let failed = 0;
  for (let i = 0; i < 60; i++) {
    const { bytes, lines } = someEntries(random, 20);
    const full = files
      .list(DIRECTORY)
      .reduce((sum, name) => sum + (files.stat(`${DIRECTORY}/${name}`)?.sizeBytes ?? 0), 0);
    const reserved = writer.reserve(20_000);
    if (random.next() < 0.5) files.capacityBytes = full + Math.floor(random.next() * bytes.length);
    try {
      writer.write(bytes);
    } catch (error) {
      assert.match(String(error), /ENOSPC/);
      failed++;
      files.capacityBytes = Number.POSITIVE_INFINITY;
      assert.deepEqual(writer.write(bytes), reserved);
    }
    want.push(...lines);
  }
  assert.ok(failed > 10);
  const { lines, damages } = scan(files);
  assert.deepEqual(damages, []);
  assert.deepEqual(lines, want);
});

test('files that Prometheus wrote are read as Prometheus reads them', () => {
  interface Golden {
    readonly files: Readonly<Record<string, string>>;
    readonly lines: readonly string[];
  }
  const path = new URL('../../../test/golden/chunks-head.json', import.meta.url);
  const golden = JSON.parse(readFileSync(path, 'utf8')) as Golden;
  const files = new FaultyFiles(seededRandom(1));
  files.makeDirectory(DIRECTORY);
  for (const [name, text] of Object.entries(golden.files)) {
    files.writeFileAtomic(`${DIRECTORY}/${name}`, Buffer.from(text, 'base64'));
  }
  const { lines, damages } = scan(files);
  assert.deepEqual(lines, golden.lines);
  assert.deepEqual(damages, []);
});

const skip = hasPromtool() ? false : 'promtool is not on the PATH';

test('promtool finds the samples of our files', { skip }, () => {
  using scratch = new ScratchDirectory();
  const files = realFileSystem;
  const wal = Wal.open({ files, directory: `${scratch.path}/wal`, kernel });
  wal.replay(lineSink(kernel, []));
  const directory = `${scratch.path}/chunks_head`;
  const writer = new HeadChunkWriter({ files, directory, fileBytes: 10_000 });
  const want: string[] = [];
  const first = 1_700_000_000_000;
  for (let ref = 1; ref < 80; ref++) {
    wal.log({ series: [{ ref, labels: ['__name__', 'up', 'i', String(ref)] }] });
    for (let chunk = 0; chunk < 3; chunk++) {
      writer.write(entryOf(ref, first + 200_000 * chunk, 100));
      for (let i = 0; i < 100; i++) {
        want.push(`{__name__="up", i="${ref}"} ${i} ${first + 200_000 * chunk + 1000 * i}`);
      }
    }
  }
  writer.close();
  wal.close();
  assert.deepEqual(dumpBlocks(scratch.path).toSorted(), want.toSorted());
});

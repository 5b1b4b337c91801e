import { strict as assert } from 'node:assert';
import { describe, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import type { Kernel } from '../../base/kernel.ts';
import { type Random, seededRandom } from '../../base/random.ts';
import { FaultyFiles } from '../../base/testing/faulty-files.ts';
import { testKernel } from '../../base/testing/kernel.ts';
import { columnsOf, lineSink, type Sample, sampleLine, seriesLine } from './testing/wal-lines.ts';
import { type ReplayReport, Wal, type WalOptions } from './wal.ts';

const DIRECTORY = '/data/wal';
const kernel = testKernel();

interface Opened {
  readonly wal: Wal;
  readonly lines: readonly string[];
  readonly report: ReplayReport;
}

function open(files: FaultyFiles, options: Partial<WalOptions> = {}): Opened {
  // What one log takes of the kernel for good is given to the next one.
  kernel.arena.release(start);
  const wal = Wal.open({ files, directory: DIRECTORY, kernel, segmentBytes: 65_536, ...options });
  const lines: string[] = [];
  const report = wal.replay(lineSink(kernel, lines));
  return { wal, lines, report };
}

const start = kernel.arena.mark();

function logSamples(wal: Wal, own: Kernel, samples: readonly Sample[]): void {
  const mark = own.arena.mark();
  try {
    wal.log({ samples: columnsOf(own, samples) });
  } finally {
    own.arena.release(mark);
  }
}

function someSamples(random: Random, count: number): Sample[] {
  const time = Math.floor(random.next() * 1e13) - 2e12;
  return Array.from({ length: count }, (_, i) => ({
    ref: 1 + Math.floor(random.next() ** 8 * 2 ** 50),
    time: time + i * 15_000 - Math.floor(random.next() * 1e6),
    value: random.next() < 0.2 ? i : random.next() * 1e6,
  }));
}

/** Bytes that do not compress, for records of a chosen length. */
function longLabel(random: Random, length: number): string {
  return Buffer.from(random.bytes(Math.ceil((length * 3) / 4)))
    .toString('base64')
    .slice(0, length);
}

describe('what is logged is replayed', () => {
  for (const compression of ['none', 'snappy', 'zstd'] as const) {
    test(`with compression ${compression}, over many segments and openings`, () => {
      const random = seededRandom(7);
      const files = new FaultyFiles(random);
      const want: string[] = [];
      for (let opening = 0; opening < 4; opening++) {
        const { wal, lines, report } = open(files, { compression });
        assert.deepEqual(report.damages, []);
        assert.deepEqual(lines, want);
        for (let batch = 0; batch < 30; batch++) {
          const samples = someSamples(random, Math.floor(random.next() ** 3 * 3000));
          const labels = ['a', longLabel(random, Math.floor(random.next() ** 6 * 90_000))];
          const ref = want.length + 1;
          const mark = kernel.arena.mark();
          wal.log({ series: [{ ref, labels }], samples: columnsOf(kernel, samples) });
          kernel.arena.release(mark);
          want.push(seriesLine(ref, labels), ...samples.map(sampleLine));
        }
        if (opening % 2 === 0) wal.close();
      }
      assert.ok(files.list(DIRECTORY).length > 10);
    });
  }

  test('whatever samples of a batch have in common', () => {
    const random = seededRandom(13);
    const files = new FaultyFiles(random);
    const { wal } = open(files, { segmentBytes: 1 << 20 });
    const pick = (items: readonly number[]): number =>
      items[Math.floor(random.next() * items.length)] as number;
    const want: string[] = [];
    for (let batch = 0; batch < 60; batch++) {
      const values = [0, -0, 1, 0.1, 2 ** 20 + batch, 1e300, -5e-324, Infinity, random.next()];
      const some = Array.from({ length: 1 + Math.floor(random.next() * 4) }, () => pick(values));
      const times = [0, 1, -1, 15_000, 2 ** 40, -(2 ** 45)].slice(0, 1 + (batch % 6));
      const samples = Array.from({ length: 1 + Math.floor(random.next() ** 3 * 3000) }, (_, i) => ({
        ref: random.next() < 0.9 ? i + 1 : pick([1, 2 ** 31, 2 ** 52]),
        time: 1_700_000_000_000 + pick(times),
        value: pick(some),
      }));
      logSamples(wal, kernel, samples);
      want.push(...samples.map(sampleLine));
    }
    const { lines, report } = open(files);
    assert.deepEqual(report.damages, []);
    assert.deepEqual(lines, want);
  });

  test('at every length of a record about the end of a page', () => {
    const random = seededRandom(1);
    const files = new FaultyFiles(random);
    const { wal } = open(files, { compression: 'none', segmentBytes: 1 << 20 });
    const want: string[] = [];
    for (let length = 32_700; length < 32_790; length++) {
      const labels = ['a', longLabel(random, length)];
      wal.log({ series: [{ ref: length, labels }] });
      want.push(seriesLine(length, labels));
    }
    const { lines, report } = open(files);
    assert.deepEqual(report.damages, []);
    assert.deepEqual(lines, want);
  });

  test('of every kind, in the order of a commit', () => {
    const files = new FaultyFiles(seededRandom(1));
    const { wal } = open(files);
    const histogram = {
      counterResetHint: 'not_reset',
      schema: 3,
      zeroThreshold: 1e-128,
      zeroCount: 2,
      count: 12,
      sum: -1.5,
      stale: false,
      positiveSpans: [
        { offset: -2, length: 2 },
        { offset: 3, length: 1 },
      ],
      negativeSpans: [{ offset: 0, length: 1 }],
      positiveBuckets: Float64Array.of(3, 1, 5),
      negativeBuckets: Float64Array.of(1),
      customValues: new Float64Array(),
    } as const;
    const custom = {
      ...histogram,
      schema: -53,
      negativeSpans: [],
      negativeBuckets: new Float64Array(),
      customValues: Float64Array.of(0.5, 1, 10),
    };
    const mark = kernel.arena.mark();
    wal.log({
      series: [{ ref: 1, labels: ['__name__', 'ü'] }],
      metadata: [{ ref: 1, type: 'gauge', help: 'a "help"', unit: '' }],
      samples: columnsOf(kernel, [{ ref: 1, time: -5, value: -0.5 }]),
      histograms: [
        { ref: 1, timeMs: 1000, histogram: custom, isInteger: false },
        { ref: 1, timeMs: 2000, histogram: { ...histogram, stale: true }, isInteger: true },
        { ref: 1, timeMs: 3000, histogram, isInteger: true },
        { ref: 1, timeMs: 4000, histogram: { ...histogram, sum: 0.25 }, isInteger: false },
        { ref: 1, timeMs: 5000, histogram: custom, isInteger: true },
      ],
      tombstones: [{ ref: 1, minTime: -7, maxTime: 2 ** 52 }],
      exemplars: [{ ref: 1, exemplar: { labels: ['trace', 'x'], value: 2, time: 900 } }],
    });
    kernel.arena.release(mark);
    const zero = 'zero=1e-128:2 count=12';
    const buckets = '+[-2:2,3:1][3,1,5]';
    const bounds = 'bounds=0.5,1,10';
    assert.deepEqual(open(files).lines, [
      'series 1 {__name__="ü"}',
      'metadata 1 gauge "a \\"help\\"" ""',
      'sample 1 -5 -0.5',
      'histogram 1 2000 int stale',
      `histogram 1 3000 int schema=3 ${zero} sum=-1.5 hint=not_reset ${buckets} -[0:1][1]`,
      `histogram 1 5000 int schema=-53 ${zero} sum=-1.5 hint=not_reset ${buckets} -[][] ${bounds}`,
      `histogram 1 4000 float schema=3 ${zero} sum=0.25 hint=not_reset ${buckets} -[0:1][1]`,
      `histogram 1 1000 float schema=-53 ${zero} sum=-1.5 hint=not_reset ${buckets} -[][] ${bounds}`,
      'delete 1 -7 4503599627370496',
      'exemplar 1 900 2 {trace="x"}',
    ]);
  });
});

describe('what is damaged is cut off', () => {
  /** A log of one segment; where its batches end, with the lines up to there. */
  function small(): { bytes: Uint8Array; ends: Map<number, readonly string[]> } {
    const random = seededRandom(3);
    const files = new FaultyFiles(random);
    const { wal } = open(files);
    const ends = new Map<number, readonly string[]>([[0, []]]);
    const lines: string[] = [];
    for (let i = 0; i < 12; i++) {
      const samples = someSamples(random, 1 + i);
      logSamples(wal, kernel, samples);
      lines.push(...samples.map(sampleLine));
      ends.set(files.stat(`${DIRECTORY}/00000000`)?.sizeBytes ?? 0, [...lines]);
    }
    return { bytes: files.readFile(`${DIRECTORY}/00000000`), ends };
  }

  function wholeBefore(ends: ReadonlyMap<number, readonly string[]>, length: number): number {
    return Math.max(...[...ends.keys()].filter((end) => end <= length));
  }

  test('at every byte of a segment that is cut short', () => {
    const { bytes, ends } = small();
    for (let length = 0; length <= bytes.length; length++) {
      const files = new FaultyFiles(seededRandom(1));
      files.makeDirectory(DIRECTORY);
      files.writeFileAtomic(`${DIRECTORY}/00000000`, bytes.subarray(0, length));
      const { lines, report } = open(files);
      const whole = wholeBefore(ends, length);
      assert.deepEqual(lines, ends.get(whole));
      assert.equal(report.damages.length, whole === length ? 0 : 1, `cut at ${length}`);
      if (whole < length) assert.equal(report.damages[0]?.offset, whole);
      const again = open(files);
      assert.deepEqual(again.lines, lines);
      assert.deepEqual(again.report.damages, []);
    }
  });

  test('at every bit that flips', () => {
    const { bytes, ends } = small();
    let detected = 0;
    for (let bit = 0; bit < 8 * bytes.length; bit += 7) {
      const files = new FaultyFiles(seededRandom(1));
      files.makeDirectory(DIRECTORY);
      files.writeFileAtomic(`${DIRECTORY}/00000000`, bytes);
      files.flipBit(`${DIRECTORY}/00000000`, bit);
      const { lines, report } = open(files);
      const whole = wholeBefore(ends, bit >>> 3);
      // No CRC covers the flag of compression: what is not decompressed has an unknown type.
      if (report.unknownRecords === 1) continue;
      assert.deepEqual(lines, ends.get(whole), `bit ${bit}`);
      assert.equal(report.damages[0]?.offset, whole);
      assert.match(report.damages[0]?.reason ?? '', /^(a|the) /);
      detected++;
    }
    assert.ok(detected > (8 * bytes.length) / 7 - 12);
  });

  test('with the segments behind it, which are counted and told', () => {
    const random = seededRandom(5);
    const files = new FaultyFiles(random);
    const { wal } = open(files);
    for (let i = 0; i < 40; i++) logSamples(wal, kernel, someSamples(random, 700));
    wal.close();
    const all = open(files).lines;
    files.flipBit(`${DIRECTORY}/00000002`, 8 * 40_000);
    const told: string[] = [];
    const {
      wal: after,
      lines,
      report,
    } = open(files, {
      onTrouble: (text, { path }) => told.push(`${text} ${path}`),
    });
    assert.deepEqual(all.slice(0, lines.length), lines);
    assert.ok(lines.length > 700 && lines.length < all.length);
    assert.equal(report.damages[0]?.path, `${DIRECTORY}/00000002`);
    assert.equal(after.counters.corruptions, 1);
    assert.deepEqual(files.list(DIRECTORY), ['00000000', '00000001', '00000002', '00000003']);
    assert.match(told[0] ?? '', /damaged.*00000002/);
    assert.match(told[1] ?? '', /removed.*0000000[3-9]/);
    assert.deepEqual(open(files).lines, lines);
  });

  test('but a segment that is missing stops the opening', () => {
    const random = seededRandom(5);
    const files = new FaultyFiles(random);
    const { wal } = open(files);
    for (let i = 0; i < 40; i++) logSamples(wal, kernel, someSamples(random, 700));
    files.remove(`${DIRECTORY}/00000001`);
    assert.throws(() => open(files), { kind: 'corrupt', message: /segment 1 is missing/ });
  });
});

describe('records of others', () => {
  function segmentOf(record: Uint8Array, flags = 0): FaultyFiles {
    const files = new FaultyFiles(seededRandom(1));
    files.makeDirectory(DIRECTORY);
    const own = testKernel();
    const data = own.arena.alloc(record.length);
    const target = own.arena.alloc(record.length + 100);
    own.u8.set(record, data);
    const length = own.exports.walFrame(data, record.length, flags, target, 0);
    const path = `${DIRECTORY}/00000000`;
    files.writeFileAtomic(path, own.u8.slice(target, target + length));
    return files;
  }

  test('of unknown types are left out and counted', () => {
    const { lines, report } = open(segmentOf(Uint8Array.of(200, 1, 2, 3)));
    assert.deepEqual(lines, []);
    assert.equal(report.unknownRecords, 1);
    assert.deepEqual(report.damages, []);
  });

  test('of zstd that decode to nothing good are damages', () => {
    const packed = zstdCompressSync(Uint8Array.of(200, 1));
    assert.deepEqual(open(segmentOf(packed, 16)).report.damages, []);
    packed[0] = 0;
    assert.match(open(segmentOf(packed, 16)).report.damages[0]?.reason ?? '', /decompressed/);
  });

  test('that are malformed behind a right CRC are damages', () => {
    for (const type of [1, 2, 3, 4, 6, 7, 8, 11, 12]) {
      const record = Uint8Array.of(type, 0, 0, 0, 0, 0, 0, 0, 1, 255, 255);
      const { report } = open(segmentOf(record));
      assert.equal(report.damages.length, 1, `type ${type}`);
      assert.equal(report.damages[0]?.offset, 0);
    }
  });
});

describe('a write that fails', () => {
  test('on a full disk leaves nothing, and logging goes on when there is room', () => {
    const random = seededRandom(11);
    const files = new FaultyFiles(random);
    const { wal } = open(files);
    const want: string[] = [];
    let failed = 0;
    for (let i = 0; i < 200; i++) {
      const samples = someSamples(random, 1 + Math.floor(random.next() * 400));
      files.capacityBytes =
        random.next() < 0.5
          ? Number.POSITIVE_INFINITY
          : files.capacityBytes - files.freeBytes() + Math.floor(random.next() * 6000);
      if (Number.isNaN(files.capacityBytes)) files.capacityBytes = 200_000;
      try {
        logSamples(wal, kernel, samples);
        want.push(...samples.map(sampleLine));
      } catch (error) {
        assert.match(String(error), /ENOSPC/);
        failed++;
      }
    }
    assert.equal(wal.counters.writesFailed, failed);
    assert.ok(failed > 20);
    files.capacityBytes = Number.POSITIVE_INFINITY;
    const { lines, report } = open(files);
    assert.deepEqual(lines, want);
    assert.deepEqual(report.damages, []);
  });

  test('and cannot be cut off either is cut off before the next one', () => {
    const random = seededRandom(12);
    const files = new FaultyFiles(random);
    const { wal } = open(files);
    logSamples(wal, kernel, [{ ref: 1, time: 1, value: 1 }]);
    files.onChange = (operation) => {
      if (operation === 'truncate') throw new Error('EIO');
    };
    files.capacityBytes = 40;
    assert.throws(() => logSamples(wal, kernel, someSamples(random, 100)));
    assert.throws(() => logSamples(wal, kernel, someSamples(random, 100)), /EIO/);
    files.onChange = () => undefined;
    files.capacityBytes = Number.POSITIVE_INFINITY;
    logSamples(wal, kernel, [{ ref: 2, time: 2, value: 2 }]);
    const { lines, report } = open(files);
    assert.deepEqual(lines, ['sample 1 1 1', 'sample 2 2 2']);
    assert.deepEqual(report.damages, []);
  });
});

describe('checkpoints', () => {
  /** Series 1 … 9 with a sample a second each, in many segments. */
  function filled(files: FaultyFiles, seconds: number): { wal: Wal; lines: readonly string[] } {
    const { wal } = open(files, { segmentBytes: 32_768, compression: 'none' });
    const lines: string[] = [];
    for (let ref = 1; ref < 10; ref++) {
      const labels = ['a', String(ref)];
      wal.log({ series: [{ ref, labels }] });
      wal.log({ metadata: [{ ref, type: 'gauge', help: 'old', unit: '' }] });
      wal.log({ metadata: [{ ref, type: 'gauge', help: 'new', unit: '' }] });
      wal.log({ tombstones: [{ ref, minTime: 0, maxTime: 1000 * ref }] });
      lines.push(seriesLine(ref, labels));
    }
    for (let second = 0; second < seconds; second++) {
      const samples = Array.from({ length: 9 }, (_, i) => ({
        ref: i + 1,
        time: 1000 * second,
        value: second,
      }));
      logSamples(wal, kernel, samples);
      const exemplar = { labels: ['t', `${second}`], value: 1, time: 1000 * second };
      wal.log({ exemplars: [{ ref: 1, exemplar }] });
      lines.push(...samples.map(sampleLine));
    }
    return { wal, lines };
  }

  const timeOf = (line: string): number => Number(line.split(' ')[2]);

  test('hold what is still wanted of the older two thirds of the segments', () => {
    const files = new FaultyFiles(seededRandom(2));
    const { wal } = filled(files, 1000);
    const segments = files.list(DIRECTORY).length;
    const minTime = 500_000;
    const counts = [...drain(wal.truncate({ minTime, keep: (ref) => ref !== 3 }))];
    assert.ok(counts[0] !== undefined && counts[0].droppedSamples > 2000);
    const last = Math.trunc(((segments - 2) * 2) / 3);
    const names = files.list(DIRECTORY);
    assert.equal(names.at(-1), `checkpoint.${String(last).padStart(8, '0')}`);
    assert.equal(names[0], String(last + 1).padStart(8, '0'));
    wal.close();
    const { lines, report } = open(files);
    assert.deepEqual(report.damages, []);
    const series = lines.filter((line) => line.startsWith('series'));
    assert.equal(series.length, 8);
    assert.ok(!series.includes('series 3 {a="3"}'));
    const metadata = lines.filter((line) => line.startsWith('metadata'));
    assert.deepEqual(new Set(metadata.map((line) => line.split(' ')[3])), new Set(['"new"']));
    assert.equal(metadata.length, 8);
    assert.deepEqual(
      lines.filter((line) => line.startsWith('delete')),
      [],
    );
    const samples = lines.filter((line) => line.startsWith('sample') && timeOf(line) >= minTime);
    assert.equal(samples.length, 500 * 9);
    assert.equal(new Set(samples).size, samples.length);
    const exemplars = lines.filter((line) => line.startsWith('exemplar'));
    assert.equal(exemplars.filter((line) => timeOf(line) >= minTime).length, 500);
    assert.ok(exemplars.length < 900);
  });

  test('replace each other, and records are logged between their pieces', () => {
    const files = new FaultyFiles(seededRandom(2));
    const { wal, lines: all } = filled(files, 1500);
    for (let round = 0; round < 3; round++) {
      const pieces = wal.truncate({ minTime: 0, keep: () => true });
      for (let piece = pieces.next(); piece.done !== true; piece = pieces.next()) {
        logSamples(wal, kernel, [{ ref: 1, time: 1e9 + round, value: 1 }]);
      }
    }
    wal.close();
    const { lines, report } = open(files);
    assert.deepEqual(report.damages, []);
    const seen = lines.filter((line) => /^(series|sample)/.test(line));
    const extra = seen.filter((line) => /^sample 1 100000000\d /.test(line));
    assert.ok(extra.length > 10);
    const want = new Set([...all, ...extra]);
    assert.deepEqual(new Set(seen), want);
    assert.equal(seen.length - extra.length, all.length);
  });

  test('survive a death in any step of making them, with nothing lost or doubled', () => {
    const random = seededRandom(9);
    let changes = 1;
    for (let isDone = false; !isDone; changes += 1 + Math.floor(random.next() * 3)) {
      const files = new FaultyFiles(random);
      const { wal, lines: all } = filled(files, 700);
      files.dieIn(changes);
      try {
        [...drain(wal.truncate({ minTime: 0, keep: () => true }))];
        isDone = true;
      } catch (error) {
        assert.match(String(error), /the process is dead/);
      }
      files.restart('kill');
      const { lines, report } = open(files);
      assert.deepEqual(report.damages, []);
      const seen = lines.filter((line) => /^(series|sample)/.test(line));
      assert.deepEqual(seen, all, `death in change ${changes}`);
    }
    assert.ok(changes > 10, `only ${changes} changes`);
  });

  test('that cannot be written leave the log as it was', () => {
    const files = new FaultyFiles(seededRandom(2));
    const { wal, lines: all } = filled(files, 1000);
    files.capacityBytes = 0;
    assert.throws(() => [...drain(wal.truncate({ minTime: 0, keep: () => true }))], /ENOSPC/);
    files.capacityBytes = Number.POSITIVE_INFINITY;
    const { lines, report } = open(files);
    assert.deepEqual(report.damages, []);
    assert.deepEqual(
      lines.filter((line) => /^(series|sample)/.test(line)),
      all,
    );
  });

  test('that cannot be synced leave the log as it was', () => {
    const files = new FaultyFiles(seededRandom(2));
    const { wal, lines: all } = filled(files, 1000);
    files.onChange = (operation, path) => {
      if (operation === 'sync' && path.includes('checkpoint')) throw new Error('EIO');
    };
    const truncate = (): void => void [...drain(wal.truncate({ minTime: 0, keep: () => true }))];
    assert.throws(truncate, { kind: 'unavailable', message: /could not be synced: EIO/ });
    assert.deepEqual(
      files.list(DIRECTORY).filter((name) => name.startsWith('checkpoint')),
      [],
    );
    files.onChange = () => undefined;
    truncate();
    wal.close();
    const { lines } = open(files);
    assert.deepEqual(
      lines.filter((line) => /^(series|sample)/.test(line)),
      all,
    );
  });

  test('that are damaged are cut like segments, and the segments behind them replayed', () => {
    const files = new FaultyFiles(seededRandom(2));
    const { wal } = filled(files, 1000);
    [...drain(wal.truncate({ minTime: 0, keep: () => true }))];
    wal.close();
    const before = open(files).lines;
    const checkpoint = files.list(DIRECTORY).at(-1) ?? '';
    files.flipBit(`${DIRECTORY}/${checkpoint}/00000001`, 8 * 10_000);
    const { lines, report } = open(files);
    assert.equal(report.damages.length, 1);
    assert.ok(lines.length < before.length);
    assert.equal(lines.at(-1), before.at(-1));
    assert.deepEqual(open(files).lines, lines);
  });
});

/** What a generator returns, as the only item. */
function* drain<T>(pieces: Generator<void, T>): Generator<T> {
  let piece = pieces.next();
  while (piece.done !== true) piece = pieces.next();
  yield piece.value;
}

test('a loss of power costs only what was not synced', () => {
  const random = seededRandom(21);
  for (let round = 0; round < 8; round++) {
    const files = new FaultyFiles(random);
    files.makeDirectory('/data');
    files.syncDirectory('/');
    const { wal } = open(files);
    const synced: string[] = [];
    const all: string[] = [];
    for (let i = 0; i < 30; i++) {
      const samples = someSamples(random, 500);
      const segment = wal.segment;
      logSamples(wal, kernel, samples);
      // The segment before this batch was ended with a sync.
      if (wal.segment !== segment) synced.splice(0, synced.length, ...all);
      all.push(...samples.map(sampleLine));
      if (random.next() < 0.05) {
        wal.sync();
        synced.splice(0, synced.length, ...all);
      }
    }
    files.restart('loss of power');
    const { lines } = open(files);
    assert.deepEqual(lines.slice(0, synced.length), synced);
    assert.ok(lines.length <= all.length);
    assert.deepEqual(open(files).lines, lines);
  }
});

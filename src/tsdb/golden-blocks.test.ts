import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { OperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { Kernel } from '../base/kernel.ts';
import { seededRandom } from '../base/random.ts';
import { FaultyFiles } from '../base/testing/faulty-files.ts';
import { testKernel } from '../base/testing/kernel.ts';
import { makeUlid } from '../base/ulid.ts';
import type { HistogramSample } from '../model/sample.ts';
import { readBlockMeta } from './block/meta.ts';
import { openBlocks } from './blocks.ts';
import { compactBlocks } from './compact/compact-blocks.ts';
import { NO_HINTS } from './testing/dump.ts';
import {
  type GoldenBlock,
  type GoldenSample,
  type GoldenSeries,
  readGoldenBlocks,
  unpackGolden,
} from './testing/golden-blocks.ts';
import { memoryFiles } from './testing/memory-files.ts';

const goldens = readGoldenBlocks();

const DIRECTORY = 'data';
const MATCHERS = [{ type: '!=', name: '__name__', value: '' }] as const;

function filesOf(golden: GoldenBlock): Map<string, Uint8Array> {
  const files = Object.entries(golden.files);
  return new Map(
    files.map(([path, text]) => [`${DIRECTORY}/${path}`, Buffer.from(text, 'base64')] as const),
  );
}

async function readAll(kernel: Kernel, files: FileSystem): Promise<GoldenSeries[]> {
  using blocks = openBlocks(files, DIRECTORY);
  const request = { matchers: MATCHERS, minTime: -1e15, maxTime: 1e15, hints: NO_HINTS };
  using set = await blocks.select(request, { signal: new AbortController().signal });
  const series: GoldenSeries[] = [];
  while (set.next()) {
    const mark = kernel.arena.mark();
    const columns = set.read(kernel);
    const { times, values, startTimes, count, histograms } = columns;
    const samples: GoldenSample[] = [];
    for (let i = 0; i < count; i++) {
      const start = startTimes === 0 ? 0 : (kernel.f64[(startTimes >>> 3) + i] as number);
      const time = kernel.f64[(times >>> 3) + i] as number;
      samples.push([time, start, bitsAt(kernel, (values >>> 2) + 2 * i)]);
    }
    samples.push(...histograms.map(histogramOf));
    kernel.arena.release(mark);
    series.push({ labels: set.labels, samples: samples.sort(([a], [b]) => a - b) });
  }
  return series;
}

function bitsAt({ u32 }: Kernel, index: number): string {
  const hex = (word: number): string => word.toString(16).padStart(8, '0');
  return hex(u32[index + 1] as number) + hex(u32[index] as number);
}

function histogramOf({ time, startTime, histogram }: HistogramSample): GoldenSample {
  const bits = (value: number): string => {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    return view.getBigUint64(0).toString(16).padStart(16, '0');
  };
  return [
    time,
    startTime,
    [histogram.counterResetHint, bits(histogram.count), bits(histogram.sum)],
  ];
}

for (const golden of goldens) {
  test(`a block of Prometheus is read to the bit: ${golden.name}`, async () => {
    assert.deepEqual(await readAll(testKernel(), memoryFiles(filesOf(golden))), golden.series);
  });

  test(`a file cut anywhere is refused or reads the same: ${golden.name}`, async () => {
    const kernel = testKernel();
    const whole = filesOf(golden);
    let refused = 0;
    for (const [path, bytes] of whole) {
      for (let length = 0; length < bytes.length; length += 1 + Math.floor(bytes.length / 200)) {
        const files = new Map(whole).set(path, bytes.subarray(0, length));
        if ((await outcome(kernel, files, golden)) === 'refused') refused++;
        else assert.fail(`${path} of ${length} bytes reads the same`);
      }
    }
    assert.ok(refused > 400);
  });

  test(`a flipped bit is refused or changes nothing: ${golden.name}`, async () => {
    const kernel = testKernel();
    const random = seededRandom(11);
    const whole = filesOf(golden);
    const unnoticed: string[] = [];
    for (const [path, bytes] of whole) {
      // There is no checksum in meta.json: only that nothing worse than an error happens.
      const isText = path.endsWith('.json');
      for (let i = 0; i < 200; i++) {
        const at = Math.floor(random.next() * bytes.length);
        const damaged = Uint8Array.from(bytes);
        damaged[at] = (damaged[at] as number) ^ (1 << Math.floor(random.next() * 8));
        const files = new Map(whole).set(path, damaged);
        const found = await outcome(kernel, files, isText ? undefined : golden);
        if (found === 'same' && !isText) unnoticed.push(`${path.split('/').at(-1)} ${at}`);
      }
    }
    assert.ok(unnoticed.length < 100, unnoticed.join());
  });
}

test('a block that was written anew without what is deleted reads the same', async () => {
  const golden = goldens[0] as GoldenBlock;
  const files = new FaultyFiles(seededRandom(1));
  const parents = unpackGolden(files, DIRECTORY, golden);
  const ulid = makeUlid(1, seededRandom(2));
  const task = { directory: DIRECTORY, ulid, parents, purpose: 'clean' } as const;
  for (const _ of compactBlocks({ files, kernel: testKernel() }, task));
  for (const parent of parents) files.remove(`${DIRECTORY}/${parent}`);
  assert.equal(readBlockMeta(files, `${DIRECTORY}/${ulid}`).stats.numTombstones, 0);
  assert.deepEqual(await readAll(testKernel(), files), golden.series);
});

/** Whether damage was refused or did no harm. Fails on another answer and on an error that is no operating error. */
async function outcome(
  kernel: Kernel,
  files: ReadonlyMap<string, Uint8Array>,
  golden: GoldenBlock | undefined,
): Promise<'refused' | 'same'> {
  const mark = kernel.arena.mark();
  try {
    const got = await readAll(kernel, memoryFiles(files));
    if (golden !== undefined) assert.deepEqual(got, golden.series);
    return 'same';
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    kernel.arena.release(mark);
    assert.equal(error.kind, 'corrupt', error.message);
    assert.match(error.message, /data\//);
    return 'refused';
  }
}

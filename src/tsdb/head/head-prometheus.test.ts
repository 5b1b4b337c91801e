/** The head judged by Prometheus: by what it made of the same samples, and by what its promtool reads of ours. */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { crc32c } from '@node-rs/crc32';
import { seededRandom } from '../../base/random.ts';
import { printLabels } from '../../model/labels-text.ts';
import type { EncodedChunk } from '../../storage/chunk-queryable.ts';
import { realFileSystem } from '../../world/file-system.ts';
import { dumpBlocks, hasPromtool, ScratchDirectory } from '../testing/promtool-blocks.ts';
import { CUT_START, type CutSample, cutSeries } from './testing/cut-series.ts';
import { appendValue, TestHead } from './testing/test-head.ts';

const skip = hasPromtool() ? false : 'promtool is not on the PATH';
const goldenPath = new URL('../../../test/golden/chunk-cuts.json', import.meta.url);
const BATCH_MS = 30_000;

/** Of a series, as Prometheus 3.14 left it: when its chunks begin, and the CRC-32C of all but the last. */
interface Golden {
  /** Milliseconds from the first sample. */
  readonly begins: readonly number[];
  readonly crc: number;
}

/** Samples of all series in batches of half a minute. */
function appendAll(bench: TestHead): void {
  const rows = cutSeries()
    .flatMap(({ name, samples }) => samples.map((sample) => ({ name, ...sample })))
    .sort((a, b) => a.time - b.time);
  const appender = bench.head.appender();
  for (let at = 0; at < rows.length; ) {
    const end = (rows[at] as CutSample).time + BATCH_MS;
    for (; (rows[at]?.time ?? Infinity) < end; at++) {
      const { name, time, value } = rows[at] as { readonly name: string } & CutSample;
      appendValue(appender, bench.ref(appender, ['__name__', name]), time, value, false);
    }
    const { appended, outcomes } = appender.commit();
    assert.equal(appended, outcomes.length);
  }
}

async function allChunks(bench: TestHead): Promise<Map<string, EncodedChunk[]>> {
  const all = new Map<string, EncodedChunk[]>();
  const hints = { stepMs: 0, rangeMs: 0, func: '', grouping: [], by: false, limit: 0 };
  const matchers = [{ type: '!=', name: '__name__', value: '' }] as const;
  const request = { matchers, minTime: -Infinity, maxTime: Infinity, hints };
  const signal = AbortSignal.timeout(60_000);
  using set = await bench.reader.selectChunks(request, { signal });
  while (set.next()) {
    const copies = set.chunks().map((chunk) => ({ ...chunk, data: chunk.data.slice() }));
    all.set(set.labels[1] as string, copies);
  }
  return all;
}

test('chunks end where Prometheus ends them, and are its chunks to the bit', async () => {
  const golden = JSON.parse(readFileSync(goldenPath, 'utf8')) as Record<string, Golden>;
  const bench = TestHead.inMemory(seededRandom(1));
  appendAll(bench);
  const found = await allChunks(bench);
  assert.deepEqual([...found.keys()], Object.keys(golden));
  for (const [name, { begins, crc }] of Object.entries(golden)) {
    const chunks = found.get(name) ?? [];
    const own = chunks.map(({ minTime }) => minTime - CUT_START);
    assert.deepEqual(own, begins, name);
    const data = Buffer.concat(chunks.slice(0, -1).map((chunk) => chunk.data));
    assert.equal(crc32c(data), crc, name);
  }
});

test('promtool dumps every float sample of our head, of full chunks too', { skip }, () => {
  using scratch = new ScratchDirectory();
  const bench = new TestHead(realFileSystem, scratch.path);
  const random = seededRandom(2);
  const labels = Array.from({ length: 20 }, (_, i) => ['__name__', 'up', 'host', `host ${i}`]);
  const want: string[] = [];
  const appender = bench.head.appender();
  for (let round = 0; round < 600; round++) {
    for (const series of labels) {
      const time = CUT_START + 15_000 * round + Math.floor(random.next() * 500);
      const value = Math.round(random.next() * 1e6) / 8;
      appendValue(appender, bench.ref(appender, series), time, value, false);
      want.push(`${printLabels(series)} ${value} ${time}`);
    }
    appender.commit();
  }
  assert.ok(bench.head.stats().chunksCreated > 80);
  bench.close();
  assert.deepEqual(dumpBlocks(scratch.path).toSorted(), want.toSorted());
});

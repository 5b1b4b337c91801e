import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import { seededRandom } from '../base/random.ts';
import { testKernel } from '../base/testing/kernel.ts';
import type { FloatHistogram, Span } from '../model/histogram.ts';
import type { SampleColumns } from '../model/sample.ts';
import { allocChunkTable, decodeChunks, setChunkRow } from './columns.ts';
import { isFloatEncoding, XOR } from './encoding.ts';
import { decodeXorPlainly } from './testing/xor-oracle.ts';
import { encodeXorChunk } from './xor-encode.ts';

/** Chunks that Prometheus 3.14 wrote and what its iterators read from them; doubles as hexadecimal bits. */
interface Golden {
  readonly name: string;
  readonly encoding: number;
  readonly data: string;
  readonly samples: readonly (readonly [number, number, string | GoldenHistogram])[];
}

interface GoldenHistogram {
  readonly hint: string;
  readonly schema: number;
  readonly zt: string;
  readonly zc: string;
  readonly count: string;
  readonly sum: string;
  readonly ps: readonly (readonly [number, number])[];
  readonly ns: readonly (readonly [number, number])[];
  readonly pb: readonly string[];
  readonly nb: readonly string[];
  readonly cv: readonly string[];
}

const goldenPath = new URL('../../test/golden/chunks.json', import.meta.url);
const goldens = JSON.parse(readFileSync(goldenPath, 'utf8')) as readonly Golden[];
const STALE = '7ff0000000000002';

interface Chunk {
  readonly encoding: number;
  readonly data: Uint8Array;
}

function decode(kernel: Kernel, chunks: readonly Chunk[]): SampleColumns {
  const table = allocChunkTable(kernel, chunks.length);
  chunks.forEach(({ encoding, data }, row) => {
    const address = kernel.arena.alloc(data.length);
    kernel.u8.set(data, address);
    setChunkRow(kernel, table, row, { address, length: data.length, encoding });
  });
  return decodeChunks(kernel, { table, count: chunks.length, describe: (row) => `chunk ${row}` });
}

function hexAt(kernel: Kernel, values: number, i: number): string {
  const hex = (word: number): string => word.toString(16).padStart(8, '0');
  const [low = 0, high = 0] = kernel.u32.subarray(
    (values >>> 2) + 2 * i,
    (values >>> 2) + 2 * i + 2,
  );
  return hex(high) + hex(low);
}

function hexOf(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}

const hexes = (values: Float64Array): string[] => [...values].map(hexOf);
const pairs = (spans: readonly Span[]): number[][] => spans.map((s) => [s.offset, s.length]);

function describe(histogram: FloatHistogram): GoldenHistogram | 'stale' {
  if (histogram.stale) return 'stale';
  return {
    hint: histogram.counterResetHint,
    schema: histogram.schema,
    zt: hexOf(histogram.zeroThreshold),
    zc: hexOf(histogram.zeroCount),
    count: hexOf(histogram.count),
    sum: hexOf(histogram.sum),
    ps: pairs(histogram.positiveSpans) as [number, number][],
    ns: pairs(histogram.negativeSpans) as [number, number][],
    pb: hexes(histogram.positiveBuckets),
    nb: hexes(histogram.negativeBuckets),
    cv: hexes(histogram.customValues),
  };
}

for (const golden of goldens) {
  test(`a chunk of Prometheus is read to the bit: ${golden.name}`, () => {
    const kernel = testKernel();
    const { encoding } = golden;
    const columns = decode(kernel, [{ encoding, data: Buffer.from(golden.data, 'base64') }]);
    const got: unknown[] = columns.histograms.map((sample) => [
      sample.time,
      sample.startTime,
      describe(sample.histogram),
    ]);
    for (let i = 0; i < columns.count; i++) {
      const time = kernel.f64[(columns.times >>> 3) + i];
      const start = columns.startTimes === 0 ? 0 : kernel.f64[(columns.startTimes >>> 3) + i];
      got.push([time, start, hexAt(kernel, columns.values, i)]);
    }
    const want = golden.samples.map(([time, start, value]) => [
      time,
      start,
      typeof value !== 'string' && value.sum === STALE ? 'stale' : value,
    ]);
    assert.deepEqual(got, want);
    assert.equal(columns.histograms.length === 0, isFloatEncoding(encoding));
  });
}

test('XOR chunks are written as Prometheus writes them', () => {
  for (const { encoding, data, samples, name } of goldens) {
    if (encoding !== XOR) continue;
    const times = Float64Array.from(samples, ([time]) => time);
    const bits = samples.map(([, , value]) => BigInt(`0x${value as string}`));
    const words = new Uint32Array(BigUint64Array.from(bits).buffer);
    const chunk = encodeXorChunk({ times, words, start: 0, end: times.length });
    assert.equal(Buffer.from(chunk).toString('base64'), data, name);
  }
});

/** Random samples in the shape of scrapes: counters, gauges, stale markers, jitter, gaps. */
function randomChunk(seed: number): Uint8Array {
  const random = seededRandom(seed);
  const count = 1 + Math.floor(random.next() * 130);
  const times = new Float64Array(count);
  const values = new Float64Array(count);
  const kind = seed % 4;
  let time = Math.floor(random.next() * 2e12) - 1e11;
  let value = Math.floor(random.next() * 1e6);
  for (let i = 0; i < count; i++) {
    time += random.next() < 0.02 ? Math.floor(random.next() * 2 ** 35) + 1 : 15000;
    if (kind > 0 && random.next() < 0.25) time += Math.floor(random.next() * 4);
    times[i] = time;
    if (kind < 2) value += Math.floor(random.next() * 20);
    else value = kind === 2 ? Math.round(random.next() * 1e4) / 100 : random.next() * 1e9;
    values[i] = value;
  }
  const words = new Uint32Array(values.buffer);
  return encodeXorChunk({ times, words, start: 0, end: count });
}

function plainly(data: Uint8Array): { times: number[]; words: number[] } | undefined {
  const count = ((data[0] as number) << 8) | (data[1] as number);
  const times = new Float64Array(count);
  const words = new Uint32Array(2 * count);
  try {
    decodeXorPlainly(data, { times, words, startTimes: times });
  } catch (error) {
    assert.ok(error instanceof OperationError && error.kind === 'corrupt');
    return undefined;
  }
  return { times: [...times], words: [...words] };
}

function byKernel(kernel: Kernel, data: Uint8Array): ReturnType<typeof plainly> {
  const mark = kernel.arena.mark();
  try {
    const { times, values, count } = decode(kernel, [{ encoding: XOR, data }]);
    return {
      times: [...kernel.f64.subarray(times >>> 3, (times >>> 3) + count)],
      words: [...kernel.u32.subarray(values >>> 2, (values >>> 2) + 2 * count)],
    };
  } catch (error) {
    assert.ok(error instanceof OperationError, String(error));
    assert.match(error.message, /^cannot decode chunk 0: it .* \(byte \d+\)$/);
    return undefined;
  } finally {
    kernel.arena.release(mark);
  }
}

test('a chunk cut at any byte is refused', () => {
  const kernel = testKernel();
  for (let seed = 0; seed < 12; seed++) {
    const chunk = randomChunk(seed);
    assert.ok(byKernel(kernel, chunk) !== undefined);
    for (let length = 2; length < chunk.length; length++) {
      assert.equal(byKernel(kernel, chunk.slice(0, length)), undefined, `${seed} ${length}`);
    }
  }
});

test('the kernel reads damaged chunks as the plain decoder does', () => {
  const kernel = testKernel();
  const random = seededRandom(42);
  let refused = 0;
  for (let seed = 0; seed < 1500; seed++) {
    const chunk = randomChunk(seed % 40);
    for (let flips = 1 + (seed % 3); flips > 0; flips--) {
      const at = Math.floor(random.next() * chunk.length);
      chunk[at] = (chunk[at] as number) ^ (1 << Math.floor(random.next() * 8));
    }
    const want = plainly(chunk);
    if (want === undefined) refused++;
    assert.deepEqual(byKernel(kernel, chunk), want, `seed ${seed}`);
  }
  assert.ok(refused > 100 && refused < 1400, `${refused} refused`);
});

test('chunks follow each other in one pair of columns', () => {
  const kernel = testKernel();
  const make = (start: number): Uint8Array => {
    const times = Float64Array.from({ length: 50 }, (_, i) => start + i * 1000);
    const words = new Uint32Array(Float64Array.from(times, (time) => time / 7).buffer);
    return encodeXorChunk({ times, words, start: 0, end: 50 });
  };
  const chunks = [0, 60000, 1e12].map((start) => ({ encoding: XOR, data: make(start) }));
  const { times, values, count } = decode(kernel, chunks);
  assert.equal(count, 150);
  for (const i of [0, 49, 50, 149]) {
    const time = kernel.f64[(times >>> 3) + i] as number;
    assert.equal(time, ([0, 60000, 1e12][Math.floor(i / 50)] as number) + (i % 50) * 1000);
    assert.equal(kernel.f64[(values >>> 3) + i], time / 7);
  }
  assert.throws(() => decode(kernel, chunks.toReversed()), {
    kind: 'corrupt',
    message: /^cannot decode chunk 1: it starts before the chunk before it ends/,
  });
});

test('an unknown encoding and an impossible length are refused', () => {
  const kernel = testKernel();
  const f = (encoding: number, data: Uint8Array, message: RegExp): void =>
    assert.throws(() => decode(kernel, [{ encoding, data }]), { kind: 'corrupt', message });
  f(9, new Uint8Array(20), /unknown encoding 9/);
  f(XOR, new Uint8Array(1), /it has 1 bytes/);
});

test('damaged histogram and XOR2 chunks end in an error or in samples, never in a crash', () => {
  const kernel = testKernel();
  const random = seededRandom(3);
  let refused = 0;
  for (const { encoding, data } of goldens) {
    if (encoding === XOR) continue;
    const whole = Buffer.from(data, 'base64');
    for (let i = 0; i < 60; i++) {
      const chunk = Uint8Array.from(whole);
      const at = Math.floor(random.next() * chunk.length);
      chunk[at] = (chunk[at] as number) ^ (1 << Math.floor(random.next() * 8));
      const cut = i % 3 === 0 ? chunk.slice(0, at + 2) : chunk;
      const mark = kernel.arena.mark();
      try {
        decode(kernel, [{ encoding, data: cut }]);
      } catch (error) {
        assert.ok(error instanceof OperationError && error.kind === 'corrupt', String(error));
        refused++;
      }
      kernel.arena.release(mark);
    }
  }
  assert.ok(refused > 300);
});

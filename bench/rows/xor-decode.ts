/** Decoding XOR chunks of counters into columns, series by series, in this process. */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { Kernel } from '../../src/base/kernel.ts';
import { seededRandom } from '../../src/base/random.ts';
import { allocChunkTable, decodeChunks, setChunkRow } from '../../src/chunk/columns.ts';
import { XOR } from '../../src/chunk/encoding.ts';
import { encodeXorChunk } from '../../src/chunk/xor-encode.ts';
import { ownCpuMs } from '../cpu-time.ts';
import type { Size } from '../data-set.ts';
import type { Contest, Row } from '../row.ts';

/**
 * What Go's chunkenc of Prometheus 2.42 (Go 1.19) takes for such chunks on an AMD EPYC, with its iterator and
 * nothing else. That of 3.14 (Go 1.26) takes 20.0 there at its best.
 */
const GO_NS_PER_SAMPLE = 27.2;

const SAMPLES_PER_CHUNK = 120;
const CHUNKS_PER_SERIES = 48;
const SAMPLES = SAMPLES_PER_CHUNK * CHUNKS_PER_SERIES;
const SERIES: Readonly<Record<Size, number>> = { s: 10, m: 100, l: 1000 };

export const xorDecodeRow: Row = {
  name: 'xor-decode',
  unit: 'ns/sample',
  floor: 3,
  goal: 4,
  sizes: ['s', 'm', 'l'],
  open: async (_bench, size) => [openContest(SERIES[size])],
};

interface SeriesData {
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** Address of the table of its chunks. */
  readonly table: number;
}

function openContest(count: number): Contest {
  const path = new URL('../../kernel/build/kernel.wasm', import.meta.url);
  const kernel = new Kernel(new WebAssembly.Module(readFileSync(path)));
  const all = Array.from({ length: count }, (_, i) => makeSeries(kernel, i));
  const decode = (visit: (columns: Columns, data: SeriesData) => void): void => {
    for (const data of all) {
      const mark = kernel.arena.mark();
      const chunks = { table: data.table, count: CHUNKS_PER_SERIES };
      visit(decodeChunks(kernel, { ...chunks, describe: (row) => `chunk ${row}` }), data);
      kernel.arena.release(mark);
    }
  };
  return {
    variant: '',
    work: count * SAMPLES,
    ours: {
      kind: 'measured',
      label: "the kernel's xorDecode with the checks around it",
      run: async () => decode(() => {}),
      cpuMs: ownCpuMs,
      scale: 1e6 / (count * SAMPLES),
    },
    peer: {
      kind: 'known',
      label: `chunkenc 2.42, a constant: ${GO_NS_PER_SAMPLE} ns/sample (3.14 with Go 1.26: 20.0)`,
      figure: GO_NS_PER_SAMPLE,
    },
    compare: async () => {
      decode((columns, data) => assertEqual(kernel, columns, data));
      return `${count * SAMPLES} samples equal those encoded`;
    },
  };
}

type Columns = ReturnType<typeof decodeChunks>;

function assertEqual(kernel: Kernel, columns: Columns, { times, values }: SeriesData): void {
  const column = (address: number): Float64Array =>
    kernel.f64.subarray(address >>> 3, (address >>> 3) + columns.count);
  assert.deepEqual(column(columns.times), times);
  assert.deepEqual(column(columns.values), values);
}

/** A counter scraped every 15 s, a quarter of the scrapes off by up to 3 ms. */
function makeSeries(kernel: Kernel, seed: number): SeriesData {
  const random = seededRandom(seed + 1);
  const times = new Float64Array(SAMPLES);
  const values = new Float64Array(SAMPLES);
  const most = 2 + 1500 * random.next();
  let total = 1_000_000;
  for (let i = 0; i < SAMPLES; i++) {
    const jitterMs = random.next() < 0.25 ? Math.floor(random.next() * 7) - 3 : 0;
    times[i] = 1_700_006_400_000 + i * 15_000 + jitterMs;
    values[i] = total += Math.floor(random.next() * most);
  }
  return { times, values, table: encodeSeries(kernel, times, values) };
}

function encodeSeries(kernel: Kernel, times: Float64Array, values: Float64Array): number {
  const words = new Uint32Array(values.buffer);
  const table = allocChunkTable(kernel, CHUNKS_PER_SERIES);
  for (let row = 0; row < CHUNKS_PER_SERIES; row++) {
    const start = row * SAMPLES_PER_CHUNK;
    const data = encodeXorChunk({ times, words, start, end: start + SAMPLES_PER_CHUNK });
    const address = kernel.arena.alloc(data.length);
    kernel.u8.set(data, address);
    setChunkRow(kernel, table, row, { address, length: data.length, encoding: XOR });
  }
  return table;
}

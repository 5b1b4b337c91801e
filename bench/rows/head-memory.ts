/** Memory that an active series takes in the head: growth of the Pss of a process of its own while it is filled. */
import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Kernel } from '../../src/base/kernel.ts';
import { encodeSnappyBlock } from '../../src/wire/snappy.ts';
import { encodeWriteRequest } from '../../src/wire/write-request.ts';
import { readKernelModule } from '../../src/world/kernel-module.ts';
import type { Size } from '../data-set.ts';
import { INTERVAL_MS, nextValue, ROUNDS, seriesLabels } from '../head-load.ts';
import { pssBytes } from '../memory.ts';
import type { Bench, Contest, Row } from '../row.ts';
import { scratchDirectory } from '../scratch.ts';
import { startReceiver } from '../server.ts';

const SERIES: Readonly<Partial<Record<Size, number>>> = { s: 10_000, m: 100_000 };
/** Of a request: so many series with so many samples each. */
const REQUEST_SERIES = 2000;
const REQUEST_ROUNDS = 5;
/** For the garbage collector of the peer. */
const SETTLE_MS = 5000;

export const headMemoryRow: Row = {
  name: 'head-memory',
  unit: 'B/series',
  floor: 1,
  goal: 2,
  sizes: ['s', 'm'],
  open: async (bench, size, stack) => [await openContest(bench, SERIES[size] ?? 0, stack)],
};

async function openContest(
  bench: Bench,
  series: number,
  stack: AsyncDisposableStack,
): Promise<Contest> {
  const directory = scratchDirectory(bench, stack, 'head');
  const peer = await measurePeer(bench.prometheusBinary, series);
  let sum = 0;
  const run = async (): Promise<void> => {
    const filled = await fillHead(series, directory);
    assert.equal(filled.floatsAppended, ROUNDS * series);
    sum += filled.bytes;
  };
  return {
    variant: `${series} series`,
    work: series,
    ours: {
      kind: 'measured',
      label: `head, log and chunks_head of tsanos, ${ROUNDS} samples a series, Pss`,
      run,
      cpuMs: () => sum,
      scale: 1 / series,
    },
    peer: { kind: 'known', label: `${peer.label}, Pss, measured once`, figure: peer.bytes },
    compare: async () => `both take ${ROUNDS * series} samples`,
  };
}

interface Filled {
  readonly bytes: number;
  readonly floatsAppended: number;
}

async function fillHead(series: number, directory: string): Promise<Filled> {
  const program = new URL('../fill-head.ts', import.meta.url).pathname;
  const args = [program, String(series), directory];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  rmSync(directory, { recursive: true });
  mkdirSync(directory);
  return JSON.parse(stdout) as Filled;
}

/** Bytes a series. */
async function measurePeer(
  binary: string,
  series: number,
): Promise<{ readonly label: string; readonly bytes: number }> {
  await using server = await startReceiver(binary);
  await delay(SETTLE_MS);
  const before = pssBytes(server.pid);
  const kernel = new Kernel(readKernelModule());
  const start = Date.now() - ROUNDS * INTERVAL_MS;
  const values = new Float64Array(series);
  for (let round = 0; round < ROUNDS; round += REQUEST_ROUNDS) {
    for (let from = 0; from < series; from += REQUEST_SERIES) {
      const count = Math.min(REQUEST_SERIES, series - from);
      const batch = Array.from({ length: count }, (_, i) =>
        samplesOf(from + i, { round, start, values }),
      );
      const body = encodeSnappyBlock(kernel, encodeWriteRequest(batch));
      await server.post(new Uint8Array(body));
    }
  }
  await delay(SETTLE_MS);
  return { label: server.label, bytes: (pssBytes(server.pid) - before) / series };
}

interface Part {
  readonly round: number;
  readonly start: number;
  /** The last ones. */
  readonly values: Float64Array;
}

function samplesOf(
  i: number,
  { round, start, values }: Part,
): Parameters<typeof encodeWriteRequest>[0][number] {
  const times = new Float64Array(REQUEST_ROUNDS);
  const own = new Float64Array(REQUEST_ROUNDS);
  for (let k = 0; k < REQUEST_ROUNDS; k++) {
    times[k] = start + (round + k) * INTERVAL_MS;
    own[k] = values[i] = nextValue(i, round + k, values[i] as number);
  }
  return { labels: seriesLabels(i), times, values: own, histograms: [] };
}

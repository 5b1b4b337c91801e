/** Logging batches of float samples, as scrapes give them, and reading them back, in this process. */
import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Kernel } from '../../src/base/kernel.ts';
import { type Random, seededRandom } from '../../src/base/random.ts';
import { Wal } from '../../src/tsdb/wal/wal.ts';
import type { FloatColumns, WalSink } from '../../src/tsdb/wal/wal-records.ts';
import { realFileSystem } from '../../src/world/file-system.ts';
import { readKernelModule } from '../../src/world/kernel-module.ts';
import { ownCpuMs } from '../cpu-time.ts';
import type { Size } from '../data-set.ts';
import type { Bench, Contest, Row, Side } from '../row.ts';
import { scratchDirectory } from '../scratch.ts';

/**
 * What tsdb/record and tsdb/wlog of Prometheus 3.14 (Go 1.25) take on the machine of docs/benchmarks.md at their best, for
 * the same batches with snappy, each encoded and logged; then read and decoded.
 */
const GO_APPEND_NS = 32.8;
const GO_REPLAY_NS = 18.1;

const BATCH_SAMPLES = 1000;
const BATCHES: Readonly<Record<Size, number>> = { s: 100, m: 1000, l: 8000 };
const VARIETY = 8;

export const walAppendRow: Row = {
  name: 'wal-append',
  unit: 'ns/sample',
  floor: 1,
  goal: 3,
  sizes: ['s', 'm', 'l'],
  open: async (bench, size, stack) => [appendContest(logDirectory(bench, stack), size)],
};

export const walReplayRow: Row = {
  name: 'wal-replay',
  unit: 'ns/sample',
  floor: 1,
  goal: 3,
  sizes: ['s', 'm', 'l'],
  open: async (bench, size, stack) => [replayContest(logDirectory(bench, stack), size)],
};

function appendContest(directory: string, size: Size): Contest {
  const kernel = new Kernel(readKernelModule());
  let { wal } = replayed(kernel, directory);
  const random = seededRandom(1);
  const batches = Array.from({ length: VARIETY }, (_, i) => someBatch(kernel, random, i));
  const run = async (): Promise<void> => {
    for (let i = 0; i < BATCHES[size]; i++) wal.log({ samples: batches[i % VARIETY] });
    // What was logged before is not to fill the disk.
    for (const number of realFileSystem.list(directory)) {
      if (Number(number) < wal.segment) rmSync(join(directory, number));
    }
  };
  const peer = 'tsdb/record and tsdb/wlog 3.14';
  return contest(size, run, ['Wal.log', GO_APPEND_NS, peer], async () => {
    await run();
    wal.close();
    const again = replayed(kernel, directory);
    wal = again.wal;
    assert.equal(again.samples, BATCH_SAMPLES * BATCHES[size]);
    return `${again.samples} samples are found again`;
  });
}

function replayContest(directory: string, size: Size): Contest {
  const kernel = new Kernel(readKernelModule());
  const { wal } = replayed(kernel, directory);
  const random = seededRandom(1);
  const batches = Array.from({ length: VARIETY }, (_, i) => someBatch(kernel, random, i));
  for (let i = 0; i < BATCHES[size]; i++) wal.log({ samples: batches[i % VARIETY] });
  wal.close();
  const own = new Kernel(readKernelModule());
  const mark = own.arena.mark();
  const run = async (): Promise<void> => {
    own.arena.release(mark);
    const again = replayed(own, directory);
    again.wal.close();
    assert.equal(again.samples, BATCH_SAMPLES * BATCHES[size]);
  };
  const peer = 'their readers';
  return contest(size, run, ['Wal.replay to columns', GO_REPLAY_NS, peer], async () => {
    await run();
    return `${BATCH_SAMPLES * BATCHES[size]} samples are read`;
  });
}

function contest(
  size: Size,
  run: () => Promise<void>,
  [ours, figure, peer]: readonly [string, number, string],
  compare: () => Promise<string>,
): Contest {
  const work = BATCH_SAMPLES * BATCHES[size];
  const side: Side = {
    kind: 'measured',
    label: `${ours}, batches of ${BATCH_SAMPLES}`,
    run,
    cpuMs: ownCpuMs,
    scale: 1e6 / work,
  };
  const known: Side = { kind: 'known', label: `${peer}, a constant: ${figure} ns/sample`, figure };
  return { variant: '', work, ours: side, peer: known, compare };
}

function replayed(kernel: Kernel, directory: string): { wal: Wal; samples: number } {
  const wal = Wal.open({ files: realFileSystem, directory, kernel });
  const nothing = (): void => undefined;
  const sink: WalSink = {
    series: nothing,
    metadata: nothing,
    samples: nothing,
    histograms: nothing,
    tombstones: nothing,
    exemplars: nothing,
  };
  const { samples, damages } = wal.replay(sink);
  assert.deepEqual(damages, []);
  return { wal, samples };
}

/** Two counters for each gauge, all of one time. */
function someBatch(kernel: Kernel, random: Random, scrape: number): FloatColumns {
  const [refs, times, values] = [0, 1, 2].map(() => kernel.arena.alloc(8 * BATCH_SAMPLES)) as [
    number,
    number,
    number,
  ];
  for (let i = 0; i < BATCH_SAMPLES; i++) {
    kernel.f64[(refs >>> 3) + i] = i + 1;
    kernel.f64[(times >>> 3) + i] = 1_700_000_000_000 + 15_000 * scrape;
    const isGauge = i % 3 === 2;
    kernel.f64[(values >>> 3) + i] = isGauge
      ? random.next() * 1000
      : Math.floor(1500 * (scrape + random.next()));
  }
  return { refs, times, values, count: BATCH_SAMPLES };
}

function logDirectory(bench: Bench, stack: AsyncDisposableStack): string {
  return join(scratchDirectory(bench, stack, 'wal'), 'wal');
}

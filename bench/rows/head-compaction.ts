/** Two hours of a head become a block, in this process; and what the block takes on the disk. */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kernel } from '../../src/base/kernel.ts';
import { seededRandom } from '../../src/base/random.ts';
import { silentLogger } from '../../src/telemetry/logger.ts';
import { readBlockMeta } from '../../src/tsdb/block/meta.ts';
import { type Db, openDb } from '../../src/tsdb/db.ts';
import { DEFAULT_DB_OPTIONS } from '../../src/tsdb/db-options.ts';
import {
  counterLabels,
  counterValue,
  INTERVAL_MS,
  START_MS,
} from '../../src/tsdb/testing/counters.ts';
import { realClock } from '../../src/world/clock.ts';
import { realFileSystem } from '../../src/world/file-system.ts';
import { readKernelModule } from '../../src/world/kernel-module.ts';
import { ownCpuMs } from '../cpu-time.ts';
import type { Size } from '../data-set.ts';
import type { Contest, Row, Side } from '../row.ts';
import { scratchDirectory } from '../scratch.ts';

/**
 * What LeveledCompactor.Write of Prometheus 3.14 (Go 1.25) takes for a head with these series on the machine of
 * docs/benchmarks.md at its best, its head and its WAL left out.
 */
const GO_NS_PER_SAMPLE: Readonly<Record<Size, number>> = { s: 40.1, m: 23.8, l: 32.8 };

const SERIES: Readonly<Record<Size, number>> = { s: 1000, m: 10_000, l: 100_000 };
const SCRAPES = 480;

export const headCompactionRow: Row = {
  name: 'head-compaction',
  unit: 'ns/sample',
  floor: 1,
  goal: 2,
  sizes: ['m', 'l'],
  open: async (bench, size, stack) => [
    compactionContest(scratchDirectory(bench, stack, 'head'), size),
  ],
};

export const blockBytesRow: Row = {
  name: 'block-bytes',
  unit: 'bytes/sample',
  floor: 1,
  goal: 1,
  sizes: ['s'],
  open: async (bench, size, stack) => [
    await bytesContest(scratchDirectory(bench, stack, 'head'), size),
  ],
};

function compactionContest(directory: string, size: Size): Contest {
  const db = openHead(directory);
  fillHead(db, SERIES[size]);
  const work = SERIES[size] * SCRAPES;
  let written = '';
  const run = async (): Promise<void> => {
    rmSync(join(directory, 'snapshots'), { recursive: true, force: true });
    written = await writeHead(db, directory);
  };
  const figure = GO_NS_PER_SAMPLE[size];
  return {
    variant: '',
    work,
    ours: {
      kind: 'measured',
      label: 'the head written as a block, in steps',
      run,
      cpuMs: ownCpuMs,
      scale: 1e6 / work,
    },
    peer: { kind: 'known', label: `LeveledCompactor.Write 3.14: ${figure} ns/sample`, figure },
    async compare() {
      await run();
      assert.equal(readBlockMeta(realFileSystem, written).stats.numSamples, work);
      return `${work} samples are in the block`;
    },
  };
}

/** Bytes of a block of the same samples: ours of the head, theirs made by promtool. */
async function bytesContest(directory: string, size: Size): Promise<Contest> {
  const db = openHead(directory);
  fillHead(db, SERIES[size]);
  const ours = bytesOf(await writeHead(db, directory));
  await db.close();
  const text = join(directory, 'samples.om');
  const made = join(directory, 'theirs');
  writeFileSync(text, openMetrics(SERIES[size]));
  execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', text, made]);
  const [block = ''] = readdirSync(made);
  const theirs = bytesOf(join(made, block));
  const samples = SERIES[size] * SCRAPES;
  const side = (label: string, bytes: number): Side => ({
    kind: 'known',
    label: `${label}: ${bytes} bytes of ${samples} samples`,
    figure: bytes / samples,
  });
  return {
    variant: '',
    work: samples,
    ours: side('a block of our head', ours),
    peer: side('a block of promtool', theirs),
    compare: async () => `${ours} and ${theirs} bytes`,
  };
}

function openHead(directory: string): Db {
  const module = readKernelModule();
  return openDb({
    files: realFileSystem,
    directory,
    kernel: new Kernel(module, 3 * 2 ** 30),
    openKernel: () => new Kernel(module),
    clock: realClock,
    random: seededRandom(1),
    log: silentLogger,
    options: { ...DEFAULT_DB_OPTIONS, retention: { timeMs: 0, sizeBytes: 0, percentage: 0 } },
  });
}

function fillHead(db: Db, series: number): void {
  const appender = db.appender();
  const refs = Array.from({ length: series }, (_, i) => appender.seriesRef(counterLabels(i)));
  const value = new Float64Array(1);
  const words = new Uint32Array(value.buffer);
  for (let scrape = 0; scrape < SCRAPES; scrape++) {
    value[0] = counterValue(scrape);
    const time = START_MS + scrape * INTERVAL_MS;
    for (const ref of refs) appender.float(ref, time, words[0] as number, words[1] as number);
    assert.equal(appender.commit().appended, series);
  }
}

/** The directory of the block. */
async function writeHead(db: Db, directory: string): Promise<string> {
  const done = db.snapshot({ withHead: true });
  while (db.step(50));
  const snapshot = join(directory, 'snapshots', await done);
  const [block = ''] = readdirSync(snapshot);
  return join(snapshot, block);
}

function openMetrics(series: number): string {
  const lines: string[] = [];
  for (let metric = 0; metric < 200; metric++) {
    lines.push(`# TYPE metric_${metric} counter`);
    for (let i = metric; i < series; i += 200) {
      const pairs = counterLabels(i).slice(2);
      const texts: string[] = [];
      for (let k = 0; k < pairs.length; k += 2) texts.push(`${pairs[k]}="${pairs[k + 1]}"`);
      const name = `metric_${metric}_total{${texts.join()}}`;
      for (let scrape = 0; scrape < SCRAPES; scrape++) {
        lines.push(`${name} ${counterValue(scrape)} ${(START_MS + scrape * INTERVAL_MS) / 1000}`);
      }
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

function bytesOf(block: string): number {
  const chunks = readdirSync(join(block, 'chunks')).map((name) => join('chunks', name));
  return [...chunks, 'index', 'meta.json', 'tombstones'].reduce(
    (sum, name) => sum + statSync(join(block, name)).size,
    0,
  );
}

/**
 * Starting a server over what a killed one has left: its write-ahead log, replayed until the server is ready. What a start
 * over an empty directory takes is left out: it is not a matter of the log.
 */
import { strict as assert } from 'node:assert';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Kernel } from '../../src/base/kernel.ts';
import { seededRandom } from '../../src/base/random.ts';
import { Wal } from '../../src/tsdb/wal/wal.ts';
import { realFileSystem } from '../../src/world/file-system.ts';
import { readKernelModule } from '../../src/world/kernel-module.ts';
import type { Size } from '../data-set.ts';
import type { Contest, Row, Side } from '../row.ts';
import { scratchDirectory } from '../scratch.ts';
import { queryValues, type Server, startOwnPrometheus, startPrometheus } from '../server.ts';

const SERIES: Readonly<Record<Size, number>> = { s: 1000, m: 10_000, l: 50_000 };
const SCRAPES = 400;
const SCRAPE_SERIES = 1000;
const INTERVAL_MS = 15_000;
const EMPTY_STARTS = 5;

export const restartRow: Row = {
  name: 'restart',
  unit: 'ms CPU',
  floor: 1,
  goal: 3,
  sizes: ['s', 'm', 'l'],
  async open(bench, size, stack) {
    const directory = scratchDirectory(bench, stack, 'restart');
    bench.progress(`restart ${size}: writing a log of ${SERIES[size] * SCRAPES} samples`);
    const [full, empty] = [join(directory, 'full'), join(directory, 'empty')];
    writeLog(`${full}/wal`, SERIES[size]);
    mkdirSync(empty);
    const work = SERIES[size] * SCRAPES;
    const startPeer = (data: string): Promise<Server> =>
      startPrometheus(bench.prometheusBinary, data);
    return [await contest({ full, empty, work }, startPeer)];
  },
};

type Start = (data: string) => Promise<Server>;

interface Directories {
  readonly full: string;
  readonly empty: string;
  /** Samples in the full one. */
  readonly work: number;
}

async function contest(directories: Directories, startPeer: Start): Promise<Contest> {
  const { full, work } = directories;
  return {
    variant: '',
    work,
    ours: await starting('tsanos prometheus', directories, startOwnPrometheus),
    peer: await starting('prometheus', directories, startPeer),
    async compare() {
      const ours = await countSamples(() => startOwnPrometheus(full));
      const peer = await countSamples(() => startPeer(full));
      assert.equal(ours, work);
      assert.equal(peer, work);
      return `both find ${work} samples`;
    },
  };
}

/** What all starts took so far, beyond those over nothing. */
async function starting(name: string, { full, empty }: Directories, start: Start): Promise<Side> {
  const cpuOf = async (data: string): Promise<number> => {
    await using server = await start(data);
    return server.cpuMs();
  };
  let atLeast = 0;
  for (let i = 0; i < EMPTY_STARTS; i++) atLeast += (await cpuOf(empty)) / EMPTY_STARTS;
  let total = 0;
  return {
    kind: 'measured',
    label: `${name}, start until ready, less ${atLeast.toFixed(0)} ms over an empty directory`,
    async run() {
      total += (await cpuOf(full)) - atLeast;
    },
    cpuMs: () => total,
    scale: 1,
  };
}

async function countSamples(start: () => Promise<Server>): Promise<number> {
  await using server = await start();
  const [count = 0] = await queryValues(server.url, 'sum(count_over_time({__name__=~".+"}[4h]))');
  return count;
}

/** Scrapes of targets of 1,000 series each, up to now. */
function writeLog(directory: string, seriesCount: number): void {
  const kernel = new Kernel(readKernelModule());
  const wal = Wal.open({ files: realFileSystem, directory, kernel });
  const nothing = (): void => undefined;
  wal.replay({
    series: nothing,
    metadata: nothing,
    samples: nothing,
    histograms: nothing,
    tombstones: nothing,
    exemplars: nothing,
  });
  const random = seededRandom(1);
  const values = new Float64Array(seriesCount);
  const end = Date.now() - INTERVAL_MS;
  const columns = [0, 1, 2].map(() => kernel.arena.alloc(8 * SCRAPE_SERIES));
  const [refs, times, bits] = columns as [number, number, number];
  for (let scrape = 0; scrape < SCRAPES; scrape++) {
    for (let first = 0; first < seriesCount; first += SCRAPE_SERIES) {
      for (let i = 0; i < SCRAPE_SERIES; i++) {
        const value = (values[first + i] as number) + Math.floor(random.next() * 1500);
        values[first + i] = value;
        kernel.f64[(refs >>> 3) + i] = first + i + 1;
        kernel.f64[(times >>> 3) + i] = end - (SCRAPES - scrape) * INTERVAL_MS;
        kernel.f64[(bits >>> 3) + i] = value;
      }
      const samples = { refs, times, values: bits, count: SCRAPE_SERIES };
      wal.log(scrape > 0 ? { samples } : { samples, series: seriesOf(first) });
    }
  }
  wal.close();
}

function seriesOf(first: number): { readonly ref: number; readonly labels: readonly string[] }[] {
  const instance = `host-${first / SCRAPE_SERIES}:9100`;
  return Array.from({ length: SCRAPE_SERIES }, (_, i) => ({
    ref: first + i + 1,
    labels: [
      ...['__name__', 'http_requests_total', 'code', String(200 + (i % 5))],
      ...['handler', `/api/v1/${Math.floor(i / 5)}`, 'instance', instance, 'job', 'api'],
    ],
  }));
}

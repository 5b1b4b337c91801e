/** Rows that ask one range query over HTTP, of us and of Prometheus, on the same blocks. */
import { blocksOf } from './blocks.ts';
import { compareAnswers } from './compare-answers.ts';
import { DATA_SETS, type DataSet, LENGTH_MS, type Size, START_MS } from './data-set.ts';
import type { Bench, Contest, Row, Side } from './row.ts';
import { fetchBody, type Server, startPrometheus, startTsanos } from './server.ts';

export interface QueryRowOptions {
  readonly name: string;
  readonly query: string;
  readonly floor: number;
  readonly goal: number;
  readonly sizes?: readonly Size[];
  /** Length of the longest window: the first step is later than the data's begin by it. */
  readonly rangeMs: number;
  /** Whether answers are compared step by step only. */
  readonly byStep?: boolean;
  /** Samples that the query reads, or points that it gives. */
  readonly work: (set: DataSet) => number;
}

const STEP_MS = 60_000;
/** Puts every window's edge where no sample is. */
const OFF_GRID_MS = 7;

/** How ours is run: with its caches, and without any. */
const VARIANTS: readonly { readonly name: string; readonly flags: readonly string[] }[] = [
  { name: 'warm', flags: [] },
  { name: 'cold', flags: ['--block-cache-size=0B'] },
];

export function queryRow(options: QueryRowOptions): Row {
  const { name, floor, goal, sizes = ['s', 'm', 'l'] } = options;
  return {
    name,
    unit: 'ms CPU',
    floor,
    goal,
    sizes,
    open: (bench, size, stack) => openContests(options, bench, DATA_SETS[size], stack),
  };
}

async function openContests(
  options: QueryRowOptions,
  bench: Bench,
  set: DataSet,
  stack: AsyncDisposableStack,
): Promise<readonly Contest[]> {
  const blocks = blocksOf(bench, set);
  const prometheus = stack.use(await startPrometheus(bench.prometheusBinary, blocks));
  const contests: Contest[] = [];
  for (const { name, flags } of VARIANTS) {
    const tsanos = stack.use(await startTsanos(blocks, flags));
    const [ours, peer] = [queryUrl(tsanos, options), queryUrl(prometheus, options)];
    contests.push({
      variant: name,
      work: options.work(set),
      ours: serverSide(tsanos, ours),
      peer: serverSide(prometheus, peer),
      compare: async () => compareAnswers(await fetchBody(ours), await fetchBody(peer), options),
    });
  }
  return contests;
}

function queryUrl(server: Server, { query, rangeMs }: QueryRowOptions): string {
  const parameters = new URLSearchParams({
    query,
    start: String((START_MS + Math.max(rangeMs, STEP_MS) + OFF_GRID_MS) / 1000),
    end: String((START_MS + LENGTH_MS) / 1000),
    step: String(STEP_MS / 1000),
  });
  return `${server.url}/api/v1/query_range?${parameters}`;
}

function serverSide(server: Server, url: string): Side {
  return {
    kind: 'measured',
    label: server.label,
    scale: 1,
    cpuMs: () => server.cpuMs(),
    run: async () => {
      await fetchBody(url);
    },
  };
}

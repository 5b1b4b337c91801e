/** Rows that ask one range query over HTTP, of us and of Prometheus, on the same blocks. */
import { setTimeout as delay } from 'node:timers/promises';
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
/** After this, a fresh server has done what it does once at its start. */
const SETTLE_MS = 1000;
/** Puts every window's edge where no sample is. */
const OFF_GRID_MS = 7;

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

/** Warm: the server has answered the query before. Cold: it is the first that a fresh server answers. */
async function openContests(
  options: QueryRowOptions,
  bench: Bench,
  set: DataSet,
  stack: AsyncDisposableStack,
): Promise<readonly Contest[]> {
  const blocks = blocksOf(bench, set);
  const start = {
    ours: () => startTsanos(blocks),
    peer: () => startPrometheus(bench.prometheusBinary, blocks),
  };
  const ours = stack.use(await start.ours());
  const peer = stack.use(await start.peer());
  const shared = {
    work: options.work(set),
    compare: async () => {
      const answers = [await fetchBody(queryUrl(ours, options))];
      answers.push(await fetchBody(queryUrl(peer, options)));
      return compareAnswers(answers, options.byStep ?? false);
    },
  };
  return [
    { ...shared, variant: 'warm', ours: warmSide(ours, options), peer: warmSide(peer, options) },
    {
      ...shared,
      variant: 'cold',
      ours: coldSide(ours.label, start.ours, options, stack),
      peer: coldSide(peer.label, start.peer, options, stack),
    },
  ];
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

function warmSide(server: Server, options: QueryRowOptions): Side {
  const url = queryUrl(server, options);
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

function coldSide(
  label: string,
  start: () => Promise<Server>,
  options: QueryRowOptions,
  stack: AsyncDisposableStack,
): Side {
  let server: Server | undefined;
  stack.defer(async () => server?.[Symbol.asyncDispose]());
  return {
    kind: 'measured',
    label,
    scale: 1,
    cpuMs: () => server?.cpuMs() ?? 0,
    prepare: async () => {
      await server?.[Symbol.asyncDispose]();
      server = await start();
      await delay(SETTLE_MS);
    },
    run: async () => {
      if (server !== undefined) await fetchBody(queryUrl(server, options));
    },
  };
}

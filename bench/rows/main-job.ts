/**
 * The main job: a query deduplicated from two Prometheus servers, through two sidecars and a querier, against
 * the same query read locally from the blocks of the first of them, without caches on either side. The second
 * scraped the same series at other times.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { blocksOf } from '../blocks.ts';
import { compareAnswers } from '../compare-answers.ts';
import {
  DATA_SETS,
  type DataSet,
  LENGTH_MS,
  SERIES_PER_INSTANCE,
  START_MS,
  twinOf,
} from '../data-set.ts';
import type { Bench, Contest, Row, Side } from '../row.ts';
import {
  fetchBody,
  freePort,
  type Server,
  startCommand,
  startPrometheus,
  startTsanos,
} from '../server.ts';

const QUERY = 'sum by (job) (rate(http_requests_total[5m]))';
/**
 * Deduplication makes resets of counters good, as Thanos does. What rate guesses a counter to have been before its
 * first sample in a window then differs right after a reset; irate guesses nothing and must agree everywhere.
 */
const RATE_TOLERANCE = 1e-3;
const EXACT_QUERY = 'sum by (job) (irate(http_requests_total[5m]))';
const REPLICAS = ['A', 'B'];
const READY_TIMEOUT_MS = 60_000;

/** The floor is 2.5 times the CPU of the local query, the goal 1.5 times. */
export const mainJobRow: Row = {
  name: 'main-job',
  unit: 'ms CPU',
  floor: 0.4,
  goal: 0.67,
  sizes: ['s', 'm', 'l'],
  open: (bench, size, stack) => openContests(bench, DATA_SETS[size], stack),
};

interface System {
  readonly prometheus: readonly Server[];
  readonly sidecars: readonly Server[];
  readonly querier: Server;
}

async function openContests(
  bench: Bench,
  set: DataSet,
  stack: AsyncDisposableStack,
): Promise<readonly Contest[]> {
  const blocks = blocksOf(bench, set);
  const both = [blocks, blocksOf(bench, twinOf(set))];
  const { prometheus, sidecars, querier } = await startSystem(bench, both, stack);
  const local = stack.use(await startTsanos(blocks, ['--block-cache-size=0B']));
  const sides = [querier, local, prometheus[0] as Server];
  const [whole, alone] = sides.map((server) => queryUrl(server, QUERY));
  const work =
    (set.instances * SERIES_PER_INSTANCE.http_requests_total * LENGTH_MS) / set.intervalMs;
  const label = 'tsanos query over two tsanos sidecars, without their Prometheus servers';
  const contest: Contest = {
    variant: '',
    work,
    ours: side(label, [querier, ...sidecars], whole),
    peer: side(local.label, [local], alone),
    compare: async () => {
      await compareAll(sides, QUERY, RATE_TOLERANCE);
      return await compareAll(sides, EXACT_QUERY, 1e-12);
    },
  };
  return [contest];
}

async function startSystem(
  { prometheusBinary }: Bench,
  blocks: readonly string[],
  stack: AsyncDisposableStack,
): Promise<System> {
  const prometheus: Server[] = [];
  const sidecars: Server[] = [];
  const endpoints: string[] = [];
  for (const [i, replica] of REPLICAS.entries()) {
    const config = `global:\n  external_labels: { cluster: bench, replica: ${replica} }\n`;
    const server = stack.use(await startPrometheus(prometheusBinary, blocks[i] as string, config));
    const address = `127.0.0.1:${await freePort()}`;
    const flags = [`--prometheus.url=${server.url}`, `--grpc-address=${address}`];
    prometheus.push(server);
    sidecars.push(stack.use(await startCommand('sidecar', flags, 'tsanos sidecar')));
    endpoints.push(`--endpoint=${address}`);
  }
  const flags = [
    ...endpoints,
    '--query.replica-label=replica',
    `--grpc-address=127.0.0.1:${await freePort()}`,
    '--query.max-samples=1000000000',
  ];
  const querier = stack.use(await startCommand('query', flags, 'tsanos query'));
  await untilBothAreKnown(querier);
  return { prometheus, sidecars, querier };
}

async function untilBothAreKnown({ url }: Server): Promise<void> {
  const end = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const stores = (await fetchBody(`${url}/api/v1/stores`)).toString();
    if (REPLICAS.every((replica) => stores.includes(`"replica":"${replica}"`))) return;
    if (Date.now() > end) throw new Error(`the querier does not see both sidecars: ${stores}`);
    await delay(100);
  }
}

/** The first server's answer beside those of the others. */
async function compareAll(
  servers: readonly Server[],
  query: string,
  tolerance: number,
): Promise<string> {
  const answers = await Promise.all(servers.map((server) => fetchBody(queryUrl(server, query))));
  const [ours = Buffer.alloc(0), ...others] = answers;
  return others.map((theirs) => compareAnswers(ours, theirs, { tolerance })).join(', ');
}

function queryUrl(server: Server, query: string): string {
  const parameters = new URLSearchParams({
    query,
    start: String((START_MS + 300_007) / 1000),
    end: String((START_MS + LENGTH_MS) / 1000),
    step: '60',
  });
  return `${server.url}/api/v1/query_range?${parameters}`;
}

/** The work of several processes for one question. */
function side(label: string, counted: readonly Server[], url: string): Side {
  return {
    kind: 'measured',
    label,
    scale: 1,
    cpuMs: () => counted.reduce((sum, server) => sum + server.cpuMs(), 0),
    run: async () => {
      await fetchBody(url);
    },
  };
}

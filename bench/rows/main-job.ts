/**
 * The main job: a query deduplicated from two Prometheus servers with the same blocks, through two sidecars and
 * a querier, against the same query read locally from the blocks of one of them, without caches on either side.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { blocksOf } from '../blocks.ts';
import { compareAnswers } from '../compare-answers.ts';
import { DATA_SETS, type DataSet, LENGTH_MS, SERIES_PER_INSTANCE, START_MS } from '../data-set.ts';
import type { Bench, Contest, Row, Side } from '../row.ts';
import {
  fetchBody,
  randomPort,
  type Server,
  startCommand,
  startPrometheus,
  startTsanos,
} from '../server.ts';

const QUERY = 'sum by (job) (rate(http_requests_total[5m]))';
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
  const { prometheus, sidecars, querier } = await startSystem(bench, blocks, stack);
  const local = stack.use(await startTsanos(blocks, ['--block-cache-size=0B']));
  const [whole, alone, remote] = [querier, local, prometheus[0]].map(queryUrl);
  const work =
    (set.instances * SERIES_PER_INSTANCE.http_requests_total * LENGTH_MS) / set.intervalMs;
  const own = [querier, ...sidecars];
  const contest = (variant: string, counted: readonly Server[], label: string): Contest => ({
    variant,
    work,
    ours: side(label, counted, whole),
    peer: side(local.label, [local], alone),
    compare: async () => {
      compareAnswers(await fetchBody(whole), await fetchBody(remote), false);
      return compareAnswers(await fetchBody(whole), await fetchBody(alone), false);
    },
  });
  return [
    contest('', own, 'tsanos query over two tsanos sidecars, without their Prometheus servers'),
    contest('with servers', [...own, ...prometheus], 'the same, with both Prometheus servers'),
  ];
}

async function startSystem(
  { prometheusBinary }: Bench,
  blocks: string,
  stack: AsyncDisposableStack,
): Promise<System> {
  const prometheus: Server[] = [];
  const sidecars: Server[] = [];
  const endpoints: string[] = [];
  for (const replica of REPLICAS) {
    const config = `global:\n  external_labels: { cluster: bench, replica: ${replica} }\n`;
    const server = stack.use(await startPrometheus(prometheusBinary, blocks, config));
    const address = `127.0.0.1:${randomPort()}`;
    const flags = [`--prometheus.url=${server.url}`, `--grpc-address=${address}`];
    prometheus.push(server);
    sidecars.push(stack.use(await startCommand('sidecar', flags, 'tsanos sidecar')));
    endpoints.push(`--endpoint=${address}`);
  }
  const flags = [
    ...endpoints,
    '--query.replica-label=replica',
    `--grpc-address=127.0.0.1:${randomPort()}`,
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

function queryUrl(server: Server): string {
  const parameters = new URLSearchParams({
    query: QUERY,
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

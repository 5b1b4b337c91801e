/**
 * Scraping: two servers fetch the same pages once a second, parse them, append and log them; what it costs each process
 * for a sample, everything included.
 */
import { strict as assert } from 'node:assert';
import { setTimeout as delay } from 'node:timers/promises';
import type { Size } from '../data-set.ts';
import { type PageServer, servePages } from '../page-server.ts';
import type { Bench, Contest, Row, Side } from '../row.ts';
import { scratchDirectory } from '../scratch.ts';
import { queryValues, type Server, startOwnPrometheus, startPrometheus } from '../server.ts';

const SHAPES: Readonly<Record<Size, { readonly targets: number; readonly series: number }>> = {
  s: { targets: 30, series: 500 },
  m: { targets: 30, series: 5000 },
  l: { targets: 60, series: 5000 },
};

const WARM_ROUNDS = 8;
/** After the last page of a round was sent, so that it is appended. */
const SETTLE_MS = 200;

export const scrapeRow: Row = {
  name: 'scrape',
  unit: 'ns/sample',
  floor: 4,
  goal: 7,
  sizes: ['s', 'm', 'l'],
  open: async (bench, size, stack) => [await openContest(bench, size, stack)],
};

async function openContest(
  bench: Bench,
  size: Size,
  stack: AsyncDisposableStack,
): Promise<Contest> {
  const { targets, series } = SHAPES[size];
  const pages = stack.use(await servePages({ series }));
  const empty = scratchDirectory(bench, stack, 'scrape');
  const config = (side: string): string => configOf(pages.port, side, targets);
  const peer = stack.use(await startPrometheus(bench.prometheusBinary, empty, config('peer')));
  const ours = stack.use(await startOwnPrometheus(empty, config('ours')));
  const work = targets * series;
  const side = (name: string, server: Server): Side => ({
    kind: 'measured',
    label: `${server.label}, ${targets} targets of ${series} series each second`,
    run: () => nextRound(pages, name, targets),
    cpuMs: () => server.cpuMs(),
    scale: 1e6 / work,
  });
  return {
    variant: '',
    work,
    ours: side('ours', ours),
    peer: side('peer', peer),
    compare: async () => {
      await Promise.all(
        ['ours', 'peer'].map((name) => nextRound(pages, name, WARM_ROUNDS * targets)),
      );
      const counts = await Promise.all([ours, peer].map(countSeries));
      assert.deepEqual(counts, [work, work]);
      return `${work} series are in both`;
    },
  };
}

function configOf(port: number, side: string, targets: number): string {
  const jobs = Array.from(
    { length: targets },
    (_, i) => `
  - job_name: target-${i}
    metrics_path: /${side}/${i}
    static_configs: [{ targets: ['127.0.0.1:${port}'] }]`,
  );
  const global = 'global: { scrape_interval: 1s, scrape_timeout: 1s }';
  return `${global}\nscrape_configs:${jobs.join('')}\n`;
}

/** Waits until a server has fetched so many pages more. */
async function nextRound(pages: PageServer, name: string, count: number): Promise<void> {
  const wanted = pages.served(`/${name}/`) + count;
  while (pages.served(`/${name}/`) < wanted) await delay(20);
  await delay(SETTLE_MS);
}

async function countSeries({ url }: Server): Promise<number> {
  const [count = 0] = await queryValues(url, 'count({__name__=~"bench_.+"})');
  return count;
}

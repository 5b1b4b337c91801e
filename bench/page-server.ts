/**
 * Targets that a scraping server can be measured on: pages made beforehand, a path for each target and each server, served
 * by the process of the bench, whose CPU time is not counted.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Random, seededRandom } from '../src/base/random.ts';

export interface PageServer extends AsyncDisposable {
  readonly port: number;
  /** Pages that were asked for under a path that begins with this. */
  served(prefix: string): number;
}

export interface PageServerOptions {
  /** In each page. */
  readonly series: number;
}

const VARIETY = 8;
const FAMILIES = 50;

/** Each page follows the one before as if a scrape interval had passed; their targets differ by their job alone. */
export async function servePages({ series }: PageServerOptions): Promise<PageServer> {
  const random = seededRandom(7);
  const pages = Array.from({ length: VARIETY }, (_, i) => Buffer.from(makePage(random, series, i)));
  const served = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const count = served.get(path) ?? 0;
    served.set(path, count + 1);
    const page = pages[count % VARIETY] as Buffer;
    const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
    response.writeHead(200, { ...headers, 'content-length': page.length }).end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    served: (prefix) =>
      [...served]
        .filter(([path]) => path.startsWith(prefix))
        .reduce((sum, [, count]) => sum + count, 0),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Two counters for each gauge; of the gauges every tenth has all the digits that a double may have. */
function makePage(random: Random, series: number, scrape: number): string {
  const parts: string[] = [];
  for (let i = 0; i < series; i++) {
    const family = Math.floor((i * FAMILIES) / series);
    const name = `bench_requests_${family}_total`;
    if (family > Math.floor(((i - 1) * FAMILIES) / series) || i === 0) {
      parts.push(
        `# HELP ${name} Requests of kind ${family} that were answered.\n# TYPE ${name} counter\n`,
      );
    }
    const labels = `method="GET",handler="/api/v1/query_range/${i}",code="200",zone="eu-west-1a"`;
    const isGauge = i % 3 === 2;
    const gauge = i % 10 === 0 ? random.next() * 1000 : Math.round(random.next() * 1e6) / 1000;
    const value = isGauge ? gauge : Math.floor(1e6 + i + 1500 * (scrape + random.next()));
    parts.push(`${name}{${labels}} ${value}\n`);
  }
  return parts.join('');
}

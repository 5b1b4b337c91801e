/** Targets for a long run: pages of many series whose values rise, served as plain text. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Metrics of a target; its series are spread evenly over them. */
export const METRICS = 50;

export interface Targets extends AsyncDisposable {
  /** host:port of each. */
  readonly addresses: readonly string[];
}

/** Each target on a port of its own. */
export async function serveTargets(count: number, seriesPerTarget: number): Promise<Targets> {
  const servers = Array.from({ length: count }, (_, target) => {
    const names = seriesNames(target, seriesPerTarget);
    let scrape = 0;
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
      response.end(page(names, scrape++));
    });
    server.keepAliveTimeout = 0; // as programs in Go do
    return server;
  });
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))),
  );
  return {
    addresses: servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`),
    async [Symbol.asyncDispose]() {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

function seriesNames(target: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => {
    const metric = `endurance_requests_${i % METRICS}_total`;
    const path = `/api/v1/resource/${Math.floor(i / METRICS)}`;
    return `${metric}{path="${path}",method="GET",code="200",pod="web-${target}-${i % 7}"}`;
  });
}

/** Counters with steps of their own, every fifth a gauge that jumps about. */
function page(names: readonly string[], scrape: number): string {
  const lines = names.map((name, i) => {
    const isGauge = i % 5 === 0;
    const value = isGauge ? ((i * 7919 + scrape * 104_729) % 10_007) / 10 : scrape * ((i % 13) + 1);
    return `${name} ${value}\n`;
  });
  return lines.join('');
}

/** A target whose page changes only when a test says so, and whose samples carry their own times. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export class ScriptedTarget implements AsyncDisposable {
  readonly #server: Server;
  /** User agents that have read the page as it is now. */
  readonly #readers = new Set<string>();
  readonly #waiting = new Set<() => void>();
  #page = '';
  #step = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<ScriptedTarget> {
    const server = createServer();
    const target = new ScriptedTarget(server);
    server.on('request', (request, response) => {
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end(target.#page);
      response.once('close', () => {
        target.#readers.add(request.headers['user-agent'] ?? '');
        for (const wake of target.#waiting) wake();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return target;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Shows the next page, whose samples have the given time, until so many servers have read it. */
  async show(timeMs: number, readers: number): Promise<void> {
    this.#page = pageOf(this.#step++, timeMs);
    this.#readers.clear();
    while (this.#readers.size < readers) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await promise;
      this.#waiting.delete(resolve);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Counters, a gauge with odd values, a histogram, a series that comes and goes. */
function pageOf(step: number, timeMs: number): string {
  const lines = [
    '# HELP demo_requests_total Requests served.',
    '# TYPE demo_requests_total counter',
  ];
  for (const code of ['200', '500']) {
    const value = (step % 13) * Number(code);
    lines.push(`demo_requests_total{code="${code}",path="/\\"a\\""} ${value} ${timeMs}`);
  }
  lines.push('# HELP demo_heat Heat.', '# TYPE demo_heat gauge');
  const odd = ['0.1', '-0', '1e-7', '+Inf', 'NaN', '12345678.9'][step % 6];
  lines.push(`demo_heat{room="é"} ${odd} ${timeMs}`, `demo_step ${step} ${timeMs}`);
  lines.push('# TYPE demo_seconds histogram');
  for (const [le, factor] of [
    ['0.5', 1],
    ['1.0', 2],
    ['+Inf', 3],
  ] as const) {
    lines.push(`demo_seconds_bucket{le="${le}"} ${step * factor} ${timeMs}`);
  }
  lines.push(
    `demo_seconds_sum ${step * 1.25} ${timeMs}`,
    `demo_seconds_count ${step * 3} ${timeMs}`,
  );
  if (step % 4 < 2) lines.push(`demo_visitor{step="even"} ${step} ${timeMs}`);
  return `${lines.join('\n')}\n`;
}

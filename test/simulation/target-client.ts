/** What a replica's scrapes go through: an HTTP client whose requests reach simulated targets over the simulated network. */
import type { Clock } from '../../src/base/clock.ts';
import { OperationError } from '../../src/base/errors.ts';
import { requestError } from '../../src/transport/client-answer.ts';
import type {
  HttpClient,
  HttpClientAnswer,
  HttpClientRequest,
} from '../../src/transport/http-client.ts';
import type { SimulatedNetwork } from './network.ts';
import type { Page, Target } from './target.ts';

export interface TargetClientOptions {
  /** Name of the replica that asks. */
  readonly from: string;
  readonly targets: readonly Target[];
  readonly network: SimulatedNetwork;
  readonly clock: Clock;
  /** Told of every answer that arrived, whole or not. */
  onPage(target: Target, page: Page): void;
}

export function createTargetClient(options: TargetClientOptions): HttpClient {
  const { targets } = options;
  return {
    async request(request) {
      const { hostname } = new URL(request.url);
      const target = targets.find(({ name }) => name === hostname);
      if (target === undefined) throw new OperationError('unavailable', `no host ${hostname}`);
      try {
        return await answer(options, target, request);
      } catch (error) {
        throw requestError(`GET ${request.url}`, error, request.signal);
      }
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function answer(
  { from, network, clock, onPage }: TargetClientOptions,
  target: Target,
  { signal }: HttpClientRequest,
): Promise<HttpClientAnswer> {
  await network.travel(from, target.name);
  signal.throwIfAborted();
  if (!target.isUp) {
    throw new OperationError('unavailable', `cannot reach ${target.name}: connection refused`);
  }
  const page = target.page(clock.nowMs());
  if (target.mood.slowMs > 0) await clock.sleep(target.mood.slowMs, signal);
  await network.travel(from, target.name);
  signal.throwIfAborted();
  onPage(target, page);
  return {
    status: 200,
    headers: { 'content-type': page.contentType },
    async *body() {
      const half = page.bytes.length >>> 1;
      yield page.bytes.slice(0, half);
      if (page.kind === 'cut') throw new OperationError('unavailable', 'the connection was lost');
      yield page.bytes.slice(half);
    },
    bytes: async () => page.bytes.slice(),
    text: async () => new TextDecoder().decode(page.bytes),
  };
}

/**
 * The entry: one address in front of several queriers. A question that one of them fails to answer is put once to
 * another. Up to BUFFERED_BYTES of an answer are held back until they are complete, so that a querier which dies in
 * the middle of them costs nothing; longer answers are streamed, and torn off if their querier dies.
 */
import { failureAnswer } from '../api/envelope.ts';
import type { Clock } from '../base/clock.ts';
import { errorText, OperationError } from '../base/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type Counter, counter, gauge, type MetricRegistry } from '../telemetry/metrics.ts';
import type { HttpClient, HttpClientAnswer } from '../transport/http-client.ts';
import {
  type HttpAnswer,
  type HttpMethod,
  type HttpRequest,
  type HttpRoute,
  jsonAnswer,
} from '../transport/http-route.ts';
import { Upstream, type UpstreamState } from './upstream.ts';

export interface EntryProxyOptions {
  readonly urls: readonly string[];
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
  readonly probeIntervalMs: number;
  /** Of the entry, which queriers know nothing of. */
  readonly routePrefix: string;
  /** Answers what no querier needs to be asked. */
  missing(request: HttpRequest): HttpAnswer | undefined;
  /** Called when the first querier comes up and when the last goes down. */
  onAvailability(isAvailable: boolean): void;
}

export interface EntryProxy {
  readonly routes: readonly HttpRoute[];
  states(): readonly UpstreamState[];
  /** Keeps asking the queriers until the signal is aborted. */
  watch(signal: AbortSignal): Promise<void>;
}

const BUFFERED_BYTES = 1 << 20;
const METHODS: readonly HttpMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export function createEntryProxy(options: EntryProxyOptions): EntryProxy {
  const { metrics, onAvailability } = options;
  const handles = metrics.declare({
    up: gauge('tsanos_entry_querier_up', 'Whether the querier is ready.', ['querier']),
    attempts: counter('tsanos_entry_attempts_total', 'Questions put to a querier, by outcome.', [
      'querier',
      'outcome',
    ]),
    retries: counter('tsanos_entry_retries_total', 'Questions put to a second querier.'),
  });
  const upstreams: readonly Upstream[] = options.urls.map((url) => {
    handles.up.set({ querier: url }, 0);
    return new Upstream({
      url,
      client: options.client,
      clock: options.clock,
      logger: options.logger,
      intervalMs: options.probeIntervalMs,
      onChange(isUp) {
        handles.up.set({ querier: url }, isUp ? 1 : 0);
        onAvailability(upstreams.some(({ state }) => state.isUp));
      },
    });
  });
  const forwarder = new Forwarder(upstreams, options, handles);
  return {
    routes: [
      {
        methods: ['GET'],
        path: '/-/queriers',
        handle: () =>
          jsonAnswer(
            200,
            upstreams.map(({ state }) => state),
          ),
      },
      {
        methods: METHODS,
        path: '/*',
        handler: 'entry',
        handle: (request) => options.missing(request) ?? forwarder.answer(request),
      },
    ],
    states: () => upstreams.map(({ state }) => state),
    watch: async (signal) => {
      await Promise.all(upstreams.map((upstream) => upstream.watch(signal)));
    },
  };
}

interface ForwarderMetrics {
  readonly attempts: Counter<'querier' | 'outcome'>;
  readonly retries: Counter;
}

class Forwarder {
  #upstreams: readonly Upstream[];
  #client: HttpClient;
  #prefixLength: number;
  #logger: Logger;
  #metrics: ForwarderMetrics;
  #turn = 0;

  constructor(
    upstreams: readonly Upstream[],
    { client, logger, routePrefix }: EntryProxyOptions,
    metrics: ForwarderMetrics,
  ) {
    this.#upstreams = upstreams;
    this.#client = client;
    this.#prefixLength = routePrefix.length;
    this.#logger = logger;
    this.#metrics = metrics;
  }

  /** Clients of the API understand a failure only in its own form. */
  async answer(request: HttpRequest): Promise<HttpAnswer> {
    try {
      return await this.#forward(request);
    } catch (error) {
      const isApi = request.path.startsWith('/api/', this.#prefixLength);
      const isLost = error instanceof OperationError && error.kind === 'unavailable';
      if (isApi && isLost) return failureAnswer(503, 'unavailable', errorText(error));
      throw error;
    }
  }

  async #forward(request: HttpRequest): Promise<HttpAnswer> {
    const [first, second] = this.#order();
    try {
      const answer = await this.#ask(first, request);
      if (second === undefined || answer.status < 500 || !mayRepeat(request)) return answer;
      this.#logger.warn('querier failed, another is asked', {
        url: first.url,
        status: answer.status,
      });
      this.#metrics.retries.inc();
      return await this.#ask(second, request).catch(() => answer);
    } catch (error) {
      if (second === undefined || request.signal.aborted || !mayRepeat(request)) throw error;
      this.#logger.warn('querier failed, another is asked', { url: first.url, err: error });
      this.#metrics.retries.inc();
      return await this.#ask(second, request);
    }
  }

  /** Those that are up first, in turn among them; a querier that is down is still better than none. */
  #order(): readonly Upstream[] {
    const start = this.#turn++ % this.#upstreams.length;
    const turned = [...this.#upstreams.slice(start), ...this.#upstreams.slice(0, start)];
    return turned.sort((a, b) => Number(b.state.isUp) - Number(a.state.isUp));
  }

  async #ask(upstream: Upstream, request: HttpRequest): Promise<HttpAnswer> {
    const { url } = upstream;
    try {
      const answer = await upstream.attempt(request.signal, (signal) =>
        this.#exchange(url, request, signal),
      );
      this.#metrics.attempts.inc({
        querier: url,
        outcome: answer.status < 500 ? 'success' : 'error',
      });
      return answer;
    } catch (error) {
      this.#metrics.attempts.inc({ querier: url, outcome: 'unreachable' });
      const isBroken = error instanceof OperationError && error.kind === 'unavailable';
      if (isBroken && !request.signal.aborted) upstream.becomeDown(errorText(error));
      throw error;
    }
  }

  async #exchange(url: string, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { method, path, queryText, headers, body } = request;
    const answer = await this.#client.request({
      method: method as HttpMethod,
      url: `${url}${path.slice(this.#prefixLength)}${queryText === '' ? '' : `?${queryText}`}`,
      headers: passedHeaders(headers, REQUEST_ONLY),
      ...(body.length === 0 ? {} : { body }),
      signal,
    });
    const passed = passedHeaders(answer.headers, ANSWER_ONLY);
    return { status: answer.status, headers: passed, body: await readAhead(answer) };
  }
}

/** Nothing that a querier is asked changes it, but only the API says so for POST. */
function mayRepeat({ method, path }: HttpRequest): boolean {
  return (
    method === 'GET' || method === 'HEAD' || (method === 'POST' && path.startsWith('/api/v1/'))
  );
}

/** The whole answer when it is short; else what was read and the rest as it comes. */
async function readAhead(
  answer: HttpClientAnswer,
): Promise<Uint8Array | AsyncIterable<Uint8Array>> {
  const pieces = answer.body()[Symbol.asyncIterator]();
  const ahead: Uint8Array[] = [];
  let length = 0;
  while (length < BUFFERED_BYTES) {
    const { done, value } = await pieces.next();
    if (done === true) return Buffer.concat(ahead);
    ahead.push(value);
    length += value.length;
  }
  return (async function* () {
    yield* ahead;
    yield* { [Symbol.asyncIterator]: () => pieces };
  })();
}

/** Headers that speak of one connection only. */
const HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
const REQUEST_ONLY = new Set([...HOP, 'host', 'content-length', 'expect']);
const ANSWER_ONLY = new Set([...HOP, 'content-length', 'date']);

function passedHeaders(
  headers: Readonly<Record<string, string | undefined>>,
  dropped: ReadonlySet<string>,
): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !dropped.has(name)) passed[name] = value;
  }
  return passed;
}

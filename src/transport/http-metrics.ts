/** The http_* metrics of Thanos' servers, by handler. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../base/clock.ts';
import {
  type Counter,
  counter,
  exponentialBuckets,
  type Gauge,
  gauge,
  type Histogram,
  histogram,
  type MetricRegistry,
} from '../telemetry/metrics.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Value of the label `handler`; without it the route is not measured. */
    measuredAs?: string | undefined;
  }
}

type RequestLabel = 'code' | 'handler' | 'method';

export interface HttpMetrics {
  readonly total: Counter<RequestLabel>;
  readonly duration: Histogram<RequestLabel>;
  readonly requestSize: Histogram<RequestLabel>;
  readonly responseSize: Histogram<RequestLabel>;
  readonly inflight: Gauge<'handler' | 'method'>;
}

const LABELS: readonly RequestLabel[] = ['code', 'handler', 'method'];
const SIZES = exponentialBuckets(64, 2, 10);

export function declareHttpMetrics(registry: MetricRegistry): HttpMetrics {
  return registry.declare({
    total: counter('http_requests_total', 'Tracks the number of HTTP requests.', LABELS),
    duration: histogram({
      name: 'http_request_duration_seconds',
      help: 'Tracks the latencies for HTTP requests.',
      labelNames: LABELS,
      buckets: [0.001, 0.01, 0.1, 0.3, 0.6, 1, 3, 6, 9, 20, 30, 60, 90, 120, 240, 360, 720],
    }),
    requestSize: histogram({
      name: 'http_request_size_bytes',
      help: 'Tracks the size of HTTP requests.',
      labelNames: LABELS,
      buckets: SIZES,
    }),
    responseSize: histogram({
      name: 'http_response_size_bytes',
      help: 'Tracks the size of HTTP responses.',
      labelNames: LABELS,
      buckets: SIZES,
    }),
    inflight: gauge('http_inflight_requests', 'Requests that are being answered now.', [
      'handler',
      'method',
    ]),
  });
}

interface Started {
  readonly handler: string;
  readonly method: string;
  readonly startMs: number;
  readonly writtenBefore: number;
}

/** Sizes of responses are those on the wire: compressed, with headers. */
export function measureRequests(app: FastifyInstance, metrics: HttpMetrics, clock: Clock): void {
  const running = new WeakMap<FastifyRequest, Started>();
  app.addHook('onRequest', async (request, reply) => {
    const handler = request.routeOptions.config.measuredAs;
    if (handler === undefined) return;
    const method = request.method.toLowerCase();
    metrics.inflight.inc({ handler, method });
    running.set(request, {
      handler,
      method,
      startMs: clock.monotonicMs(),
      writtenBefore: request.socket.bytesWritten,
    });
    // 'close' comes once, after the answer or when the client has gone.
    reply.raw.once('close', () => finish(request, reply.statusCode));
  });
  const finish = (request: FastifyRequest, code: number): void => {
    const started = running.get(request);
    if (started === undefined) return;
    const { handler, method, startMs, writtenBefore } = started;
    const labels = { code: String(code), handler, method };
    metrics.inflight.dec({ handler, method });
    metrics.total.inc(labels);
    metrics.duration.observe(labels, (clock.monotonicMs() - startMs) / 1000);
    const bodyBytes = Number(request.headers['content-length'] ?? 0);
    metrics.requestSize.observe(labels, bodyBytes + request.url.length);
    metrics.responseSize.observe(labels, request.socket.bytesWritten - writtenBefore);
  };
}

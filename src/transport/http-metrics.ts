/** Metrics of HTTP servers, by handler. */
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../base/clock.ts';
import {
  counter,
  exponentialBuckets,
  gauge,
  histogram,
  type MetricRegistry,
} from '../telemetry/metrics.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Value of the label `handler`; without it the route is not measured. */
    measuredAs?: string | undefined;
  }
}

/** What is told of every measured request. */
export interface HttpObserver {
  started(request: RequestLabels): void;
  finished(request: RequestLabels, outcome: RequestOutcome): void;
}

interface RequestLabels {
  readonly handler: string;
  readonly method: string;
}

interface RequestOutcome {
  readonly code: string;
  readonly seconds: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

type RequestLabel = 'code' | 'handler' | 'method';

const LABELS: readonly RequestLabel[] = ['code', 'handler', 'method'];
const SIZES = exponentialBuckets(64, 2, 10);

/** The http_* metrics of Thanos' servers. */
export function thanosHttpMetrics(registry: MetricRegistry): HttpObserver {
  const metrics = registry.declare({
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
  return {
    started: ({ handler, method }) => metrics.inflight.inc({ handler, method }),
    finished({ handler, method }, { code, seconds, requestBytes, responseBytes }) {
      const labels = { code, handler, method };
      metrics.inflight.dec({ handler, method });
      metrics.total.inc(labels);
      metrics.duration.observe(labels, seconds);
      metrics.requestSize.observe(labels, requestBytes);
      metrics.responseSize.observe(labels, responseBytes);
    },
  };
}

/** Those of Prometheus' server. */
export function prometheusHttpMetrics(registry: MetricRegistry): HttpObserver {
  const { total, duration, size } = registry.declare({
    total: counter('prometheus_http_requests_total', 'Counter of HTTP requests.', [
      'code',
      'handler',
    ]),
    duration: histogram({
      name: 'prometheus_http_request_duration_seconds',
      help: 'Histogram of latencies for HTTP requests.',
      labelNames: ['handler'],
      buckets: [0.1, 0.2, 0.4, 1, 3, 8, 20, 60, 120],
    }),
    size: histogram({
      name: 'prometheus_http_response_size_bytes',
      help: 'Histogram of response size for HTTP requests.',
      labelNames: ['handler'],
      buckets: exponentialBuckets(100, 10, 8),
    }),
  });
  return {
    started: () => undefined,
    finished({ handler }, { code, seconds, responseBytes }) {
      total.inc({ code, handler });
      duration.observe({ handler }, seconds);
      size.observe({ handler }, responseBytes);
    },
  };
}

/** Sizes of responses are those on the wire: compressed, with headers. */
export function measureRequests(app: FastifyInstance, observer: HttpObserver, clock: Clock): void {
  app.addHook('onRequest', async (request, reply) => {
    const handler = request.routeOptions.config.measuredAs;
    if (handler === undefined) return;
    const labels = { handler, method: request.method.toLowerCase() };
    const startMs = clock.monotonicMs();
    const writtenBefore = request.socket.bytesWritten;
    observer.started(labels);
    // 'close' comes once, after the answer or when the client has gone.
    reply.raw.once('close', () => {
      observer.finished(labels, {
        code: String(reply.statusCode),
        seconds: (clock.monotonicMs() - startMs) / 1000,
        requestBytes: Number(request.headers['content-length'] ?? 0) + request.url.length,
        responseBytes: request.socket.bytesWritten - writtenBefore,
      });
    });
  });
}

/** The grpc_server_* and grpc_client_* metrics, named as by go-grpc-middleware, which Thanos' dashboards read. */
import type { Clock } from '../base/clock.ts';
import { counter, histogram, type MetricRegistry } from '../telemetry/metrics.ts';
import type { GrpcMethod, GrpcObserver } from './grpc.ts';

const LABELS = ['grpc_method', 'grpc_service', 'grpc_type'] as const;
const BUCKETS = [0.001, 0.01, 0.1, 0.3, 0.6, 1, 3, 6, 9, 20, 30, 60, 90, 120];

export function grpcMetrics(
  registry: MetricRegistry,
  side: 'server' | 'client',
  clock: Clock,
): GrpcObserver {
  const prefix = `grpc_${side}`;
  const metrics = registry.declare({
    started: counter(`${prefix}_started_total`, `RPCs started on the ${side}.`, LABELS),
    handled: counter(`${prefix}_handled_total`, `RPCs completed on the ${side}, by outcome.`, [
      ...LABELS,
      'grpc_code',
    ]),
    received: counter(`${prefix}_msg_received_total`, `Messages received on the ${side}.`, LABELS),
    sent: counter(`${prefix}_msg_sent_total`, `Messages sent by the ${side}.`, LABELS),
    seconds: histogram({
      name: `${prefix}_handling_seconds`,
      help: `Time until RPCs were completed on the ${side}.`,
      labelNames: LABELS,
      buckets: BUCKETS,
    }),
  });
  return {
    started(method, kind) {
      const labels = methodLabels(method, kind);
      const startMs = clock.monotonicMs();
      metrics.started.inc(labels);
      let received = 0;
      let sent = 0;
      return {
        received: () => void received++,
        sent: () => void sent++,
        ended(code) {
          metrics.received.inc(labels, received);
          metrics.sent.inc(labels, sent);
          metrics.handled.inc({ ...labels, grpc_code: code });
          metrics.seconds.observe(labels, (clock.monotonicMs() - startMs) / 1000);
        },
      };
    },
  };
}

function methodLabels(
  path: string,
  kind: GrpcMethod['kind'],
): Record<(typeof LABELS)[number], string> {
  const [, service = 'unknown', method = 'unknown'] = path.split('/');
  const type = kind === 'unary' ? 'unary' : 'server_stream';
  return { grpc_method: method, grpc_service: service, grpc_type: type };
}

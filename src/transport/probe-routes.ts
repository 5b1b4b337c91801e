/** What every component answers: whether it is up, whether it may be sent work, and its metrics. */
import { chooseFormat } from '../telemetry/exposition.ts';
import type { MetricRegistry } from '../telemetry/metrics.ts';
import type { Readiness } from '../telemetry/readiness.ts';
import { type HttpRoute, textAnswer } from './http-route.ts';

export function probeRoutes(metrics: MetricRegistry, readiness: Readiness): readonly HttpRoute[] {
  return [
    {
      methods: ['GET'],
      path: '/-/healthy',
      handle: () =>
        readiness.isHealthy
          ? textAnswer(200, 'OK')
          : textAnswer(503, `NOT HEALTHY: ${readiness.reason}`),
    },
    {
      methods: ['GET'],
      path: '/-/ready',
      handle: () =>
        readiness.isReady
          ? textAnswer(200, 'OK')
          : textAnswer(503, `NOT READY: ${readiness.reason}`),
    },
    {
      methods: ['GET'],
      path: '/metrics',
      async handle({ headers }) {
        const { contentType, body } = await metrics.print(chooseFormat(headers.accept));
        return { status: 200, headers: { 'content-type': contentType }, body };
      },
    },
  ];
}

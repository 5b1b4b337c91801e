/** A span for each request of a route that is measured, with Thanos' headers. Source: Thanos pkg/tracing. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Span, Tracer } from '../telemetry/tracer.ts';

export function traceRequests(app: FastifyInstance, tracer: Tracer): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  app.addHook('onRequest', async (request, reply) => {
    const handler = request.routeOptions.config.measuredAs;
    if (handler === undefined) return;
    const { method, url, headers } = request;
    const span = tracer.start(spanName(method, handler), {
      kind: 'server',
      carrier: headers,
      isForced: (headers['x-thanos-force-tracing'] ?? '') !== '',
      attributes: { 'http.method': method, 'http.url': url },
    });
    if (span.traceId !== undefined) reply.header('x-thanos-trace-id', span.traceId);
    spans.set(request, span);
    // 'close' comes once, after the answer or when the client has gone.
    reply.raw.once('close', () => {
      span.set('http.status_code', reply.statusCode);
      if (reply.statusCode >= 500) span.fail(`status ${reply.statusCode}`);
      span.end();
    });
  });
  // Not before the body has come: what its events call would not be in the span.
  app.addHook('preHandler', (request, _reply, done) => {
    const span = spans.get(request);
    if (span === undefined) done();
    else span.run(done);
  });
}

/** Prometheus' handlers are known by their paths, those of Thanos by names; spans are named as there. */
function spanName(method: string, handler: string): string {
  return handler.startsWith('/') ? `${method} ${handler}` : `/${handler} HTTP[server]`;
}

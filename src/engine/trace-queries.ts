/** A span for each query, named as in Thanos. */
import { type Tracer, traced } from '../telemetry/tracer.ts';
import type { Engine } from './engine.ts';

export function traceQueries(engine: Engine, tracer: Tracer): Engine {
  return {
    query(request, options) {
      const name = request.stepMs === 0 ? 'promql_instant_query' : 'promql_range_query';
      return traced(tracer, name, (span) => {
        span.set('query', request.query);
        span.set('start', new Date(request.startMs).toISOString());
        if (request.stepMs > 0) {
          span.set('end', new Date(request.endMs).toISOString());
          span.set('step_ms', request.stepMs);
        }
        return engine.query(request, options);
      });
    },
    close: () => engine.close(),
  };
}

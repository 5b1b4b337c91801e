/** Prometheus' metrics of the query engine, around any engine. */
import type { Engine } from '../engine/engine.ts';
import type { WorkerEngine } from '../engine/worker-engine.ts';
import { counter, type MetricRegistry, sampledGauge, summary } from '../telemetry/metrics.ts';

export function measuredEngine(engine: WorkerEngine, metrics: MetricRegistry): Engine {
  const { duration, samples, samplesRead } = metrics.declare({
    queries: sampledGauge(
      'prometheus_engine_queries',
      'The current number of queries being executed or waiting.',
      () => engine.gate.held + engine.gate.waiting,
    ),
    max: sampledGauge(
      'prometheus_engine_queries_concurrent_max',
      'The max number of concurrent queries.',
      () => engine.gate.limit,
    ),
    duration: summary('prometheus_engine_query_duration_seconds', 'Query timings.', ['slice']),
    samples: counter(
      'prometheus_engine_query_samples_total',
      'The total number of samples loaded by all queries.',
    ),
    samplesRead: counter(
      'prometheus_engine_query_samples_read_total',
      'The total number of samples read by all queries, each once for all steps that see it.',
    ),
  });
  return {
    async query(request, options) {
      const answer = await engine.query(request, options);
      const { queueMs, prepareMs, evaluateMs, totalSamples } = answer.statistics;
      duration.observe({ slice: 'queue_time' }, queueMs / 1000);
      duration.observe({ slice: 'prepare_time' }, prepareMs / 1000);
      duration.observe({ slice: 'inner_eval' }, evaluateMs / 1000);
      samples.inc(totalSamples);
      samplesRead.inc(answer.statistics.samplesRead);
      return answer;
    },
    close: () => engine.close(),
  };
}

/** Queries to begin with: only those that find something on this server. */

export interface Example {
  readonly query: string;
  /** Key of its description in the catalogue. */
  readonly topic:
    | 'targets'
    | 'samples'
    | 'series'
    | 'latency'
    | 'requests'
    | 'cpu'
    | 'memory'
    | 'disk'
    | 'network'
    | 'goroutines';
  readonly tab: 'graph' | 'table' | 'heatmap';
}

interface Candidate extends Example {
  readonly needs: readonly string[];
}

const CANDIDATES: readonly Candidate[] = [
  { topic: 'targets', query: 'up', tab: 'table', needs: ['up'] },
  {
    topic: 'samples',
    query: 'rate(prometheus_tsdb_head_samples_appended_total[1m])',
    tab: 'graph',
    needs: ['prometheus_tsdb_head_samples_appended_total'],
  },
  {
    topic: 'series',
    query: 'prometheus_tsdb_head_series',
    tab: 'graph',
    needs: ['prometheus_tsdb_head_series'],
  },
  {
    topic: 'latency',
    query:
      'histogram_quantile(0.9, sum by (le, handler) (rate(prometheus_http_request_duration_seconds_bucket[5m])))',
    tab: 'graph',
    needs: ['prometheus_http_request_duration_seconds_bucket'],
  },
  {
    topic: 'latency',
    query: 'sum by (le) (rate(http_request_duration_seconds_bucket[5m]))',
    tab: 'heatmap',
    needs: ['http_request_duration_seconds_bucket'],
  },
  {
    topic: 'requests',
    query: 'sum by (handler, code) (rate(prometheus_http_requests_total[5m]))',
    tab: 'graph',
    needs: ['prometheus_http_requests_total'],
  },
  {
    topic: 'requests',
    query: 'sum by (code) (rate(http_requests_total[5m]))',
    tab: 'graph',
    needs: ['http_requests_total'],
  },
  {
    topic: 'cpu',
    query: '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))',
    tab: 'graph',
    needs: ['node_cpu_seconds_total'],
  },
  {
    topic: 'memory',
    query: '1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes',
    tab: 'graph',
    needs: ['node_memory_MemAvailable_bytes', 'node_memory_MemTotal_bytes'],
  },
  {
    topic: 'disk',
    query: '1 - node_filesystem_avail_bytes / node_filesystem_size_bytes',
    tab: 'table',
    needs: ['node_filesystem_avail_bytes', 'node_filesystem_size_bytes'],
  },
  {
    topic: 'network',
    query: 'rate(node_network_receive_bytes_total[5m])',
    tab: 'graph',
    needs: ['node_network_receive_bytes_total'],
  },
  {
    topic: 'cpu',
    query: 'rate(process_cpu_seconds_total[5m])',
    tab: 'graph',
    needs: ['process_cpu_seconds_total'],
  },
  {
    topic: 'memory',
    query: 'process_resident_memory_bytes',
    tab: 'graph',
    needs: ['process_resident_memory_bytes'],
  },
  { topic: 'goroutines', query: 'go_goroutines', tab: 'graph', needs: ['go_goroutines'] },
];

const EXAMPLES_MAX = 6;

/** At most one example a topic, in the order of their use. */
export function examplesFor(hasMetric: (name: string) => boolean): readonly Example[] {
  const byTopic = new Map<string, Example>();
  for (const { needs, ...example } of CANDIDATES) {
    if (!byTopic.has(example.topic) && needs.every(hasMetric)) byTopic.set(example.topic, example);
  }
  return [...byTopic.values()].slice(0, EXAMPLES_MAX);
}

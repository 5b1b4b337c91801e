/**
 * What the components measure of themselves, asked in one query so that all figures are of one moment. Every part of it
 * carries the label `figure`; a part that nobody exports is empty.
 */

/** Of one component; per second where it is a rate. Undefined where nobody knows. */
export interface Figures {
  readonly memoryBytes?: number | undefined;
  /** Processors in use: 1 is one of them wholly. */
  readonly cpu?: number | undefined;
  readonly series?: number | undefined;
  readonly samples?: number | undefined;
  readonly requests?: number | undefined;
  /** gRPC calls that it served. */
  readonly calls?: number | undefined;
  /** Requests and calls of the last five minutes that failed through its own fault. */
  readonly errors?: number | undefined;
  readonly version?: string | undefined;
  /** Age of the newest sample. */
  readonly lagMs?: number | undefined;
}

/** Faults of who answers, not of who asks or gives up. */
const GRPC_FAULTS =
  '{grpc_code=~"Unknown|Internal|Unavailable|DataLoss|ResourceExhausted|Unimplemented"}';

/** Ours and those of a real Prometheus. */
const HTTP = '{__name__=~"http_requests_total|prometheus_http_requests_total"}';
/** Probes are to be answered by an error while something starts. */
const HTTP_FAULTS = HTTP.replace('}', ',code=~"5..",handler!~"/-/.*"}');

const PARTS: Readonly<Record<string, string>> = {
  memory: 'max by (instance) (process_resident_memory_bytes)',
  cpu: 'max by (instance) (rate(process_cpu_seconds_total[1m]))',
  series: 'max by (instance) (prometheus_tsdb_head_series)',
  samples: 'sum by (instance) (rate(prometheus_tsdb_head_samples_appended_total[1m]))',
  requests: `sum by (instance) (rate(${HTTP}[1m]))`,
  calls: 'sum by (instance) (rate(grpc_server_handled_total[1m]))',
  httpErrors: `sum by (instance) (increase(${HTTP_FAULTS}[5m]))`,
  grpcErrors: `sum by (instance) (increase(grpc_server_handled_total${GRPC_FAULTS}[5m]))`,
  version: 'max by (instance, version) ({__name__=~"thanos_build_info|prometheus_build_info"})',
  attempts: 'sum by (querier) (rate(tsanos_entry_attempts_total[1m]))',
};

export const FIGURES_QUERY: string = Object.entries(PARTS)
  .map(([name, part]) => `label_replace(${part}, "figure", "${name}", "", "")`)
  .join(' or ');

/** Of an instant query. */
export interface VectorSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export interface ReadFigures {
  readonly byInstance: ReadonlyMap<string, Figures>;
  /** Requests per second of the entry to each querier, by URL. */
  readonly attempts: ReadonlyMap<string, number>;
}

const MEMBERS: Readonly<Record<string, keyof Figures>> = {
  memory: 'memoryBytes',
  cpu: 'cpu',
  series: 'series',
  samples: 'samples',
  requests: 'requests',
  calls: 'calls',
};

export function readFigures(result: readonly VectorSample[]): ReadFigures {
  const byInstance = new Map<string, Figures>();
  const attempts = new Map<string, number>();
  for (const { metric, value } of result) {
    const { figure = '', instance = '', querier, version } = metric;
    const number = Number(value[1]);
    if (figure === 'attempts') {
      attempts.set(querier ?? '', number);
      continue;
    }
    const known = byInstance.get(instance) ?? { errors: 0 };
    const member = MEMBERS[figure];
    if (member !== undefined) byInstance.set(instance, { ...known, [member]: number });
    else if (figure === 'version') byInstance.set(instance, { ...known, version });
    else byInstance.set(instance, { ...known, errors: (known.errors ?? 0) + number });
  }
  return { byInstance, attempts };
}

/** The age of the newest sample of each replica, known by its external labels. To be asked without deduplication. */
export function lagQuery(externalLabels: readonly string[]): string {
  return `time() - max by (${externalLabels.join(', ')}) (timestamp(up))`;
}

/** Names of all labels in the label sets, in order. */
export function labelNames(
  labelSets: readonly Readonly<Record<string, string>>[],
): readonly string[] {
  return [...new Set(labelSets.flatMap((set) => Object.keys(set)))].sort();
}

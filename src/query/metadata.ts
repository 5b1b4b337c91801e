/** Type, help and unit of metrics from every endpoint that knows of them. */
import {
  Metadata,
  MetricMetadataRequestSchema,
  MetricMetadataResponseSchema,
} from '../wire/gen/thanos/metadata_pb.ts';
import { encodeMessage, methodPath } from '../wire/message.ts';
import { askEndpoints } from './ask-endpoints.ts';
import type { Endpoint } from './endpoint.ts';

export interface MetadataEntry {
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

export interface MetadataAnswer {
  readonly metadata: Readonly<Record<string, readonly MetadataEntry[]>>;
  readonly warnings: readonly string[];
}

const METRIC_METADATA = methodPath(Metadata.method.metricMetadata);

/**
 * @param metric '' asks for all.
 * @param limit most metrics; below 1 is all.
 * An endpoint that fails becomes a warning. Throws OperationError 'canceled'.
 */
export async function fetchMetadata(
  endpoints: readonly Endpoint[],
  request: { readonly metric: string; readonly limit: number; readonly signal: AbortSignal },
): Promise<MetadataAnswer> {
  const { metric, limit, signal } = request;
  const encoded = encodeMessage(MetricMetadataRequestSchema, {
    metric,
    limit: limit > 0 ? limit : -1,
  });
  const entries = new Map<string, MetadataEntry[]>();
  const told: string[] = [];
  const failed = await askEndpoints(
    endpoints,
    {
      what: 'metadata',
      api: 'metricMetadata',
      method: METRIC_METADATA,
      request: () => encoded,
      response: MetricMetadataResponseSchema,
      partialResponse: true,
      signal,
    },
    ({ result }) => {
      if (result.case === 'warning') told.push(result.value);
      if (result.case !== 'metadata') return;
      for (const [name, { metas }] of Object.entries(result.value.metadata)) {
        addEntries(entries, name, metas);
      }
    },
  );
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = limit > 0 ? sorted.slice(0, limit) : sorted;
  return { metadata: Object.fromEntries(shown), warnings: [...new Set([...failed, ...told])] };
}

/** Each different entry of a metric once. */
function addEntries(
  entries: Map<string, MetadataEntry[]>,
  name: string,
  added: readonly MetadataEntry[],
): void {
  const known = entries.get(name) ?? [];
  entries.set(name, known);
  for (const { type, help, unit } of added) {
    const isKnown = known.some(
      (one) => one.type === type && one.help === help && one.unit === unit,
    );
    if (!isKnown) known.push({ type, help, unit });
  }
}

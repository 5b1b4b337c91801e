/** What the services over Prometheus' HTTP API share: whom they ask, and how JSON becomes messages. */
import { type Labels, labelPairs, makeLabels } from '../model/labels.ts';
import type { ApiParameters, PrometheusApi } from '../remote/http-api.ts';

export interface PrometheusScope {
  readonly api: PrometheusApi;
  /** Throws OperationError 'unavailable' while they are not known. */
  externalLabels(): Labels;
}

/** The data of an API call, and what names it in errors. */
export interface Answer {
  readonly data: unknown;
  readonly where: string;
}

export async function ask(
  { api }: PrometheusScope,
  path: string,
  parameters: ApiParameters,
  signal: AbortSignal,
): Promise<Answer> {
  const { data } = await api.get(path, parameters, signal);
  return { data, where: `${api.url}${path}` };
}

/** As thanos.LabelSet. External labels win. */
export function labelSet(
  labels: Labels,
  external: Labels = [],
): { labels: { name: string; value: string }[] } {
  const all = makeLabels([...labelPairs(labels), ...labelPairs(external)]);
  return { labels: labelPairs(all).map(([name, value]) => ({ name, value })) };
}

/** A time of RFC 3339 with its nanoseconds as google.protobuf.Timestamp; 0001-01-01 is Go's "never". */
export function timestampOf(text: string): { seconds: bigint; nanos: number } {
  const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? '';
  const timeMs = Date.parse(text.replace(/\.\d+/, ''));
  if (Number.isNaN(timeMs)) return { seconds: 0n, nanos: 0 };
  return { seconds: BigInt(timeMs / 1000), nanos: Number(fraction.padEnd(9, '0')) };
}

/** Asks for one series as each replica has it and as the result has it. */
import { useMemo } from 'react';
import type { ApiFailure } from '../data/api-failure.ts';
import { useApi } from '../data/use-api.ts';
import { printSelector } from '../parts/print-selector.ts';
import {
  findProvenance,
  groupReplicas,
  type Provenance,
  type RawSeries,
  seriesKey,
  type Window,
} from './provenance.ts';

export type Labels = Readonly<Record<string, string>>;

interface MatrixSeries {
  readonly metric: Labels;
  readonly values?: readonly (readonly [number, string])[];
  readonly histograms?: readonly (readonly [number, unknown])[];
}

interface Matrix {
  readonly result: readonly MatrixSeries[];
}

export interface SeriesList {
  readonly series: readonly Labels[];
  /** There are more than are listed. */
  readonly isCut: boolean;
  readonly isPending: boolean;
  readonly failure: ApiFailure | null;
  readonly warnings: readonly string[];
}

const SERIES_MAX = 200;
/** New series need not be there at once. */
const LIST_EVERY_MS = 60_000;

/** The series of the result that a selector finds in the window. */
export function useSeriesList(selector: string, { startMs, endMs }: Window): SeriesList {
  const to = Math.ceil(endMs / LIST_EVERY_MS) * LIST_EVERY_MS;
  const query = useApi<readonly Labels[]>(
    '/api/v1/series',
    {
      'match[]': [selector],
      start: (to - (endMs - startMs) - LIST_EVERY_MS) / 1000,
      end: to / 1000,
      dedup: true,
      limit: SERIES_MAX + 1,
    },
    { isWanted: selector !== '', freshMs: LIST_EVERY_MS },
  );
  const found = query.data?.data ?? [];
  return {
    series: found.slice(0, SERIES_MAX),
    isCut: found.length > SERIES_MAX,
    isPending: query.isPending,
    failure: query.error,
    warnings: query.data?.warnings ?? [],
  };
}

export interface Replicas {
  /** Undefined until both answers are there. */
  readonly provenance: Provenance | undefined;
  readonly hasHistograms: boolean;
  readonly failure: ApiFailure | null;
  readonly warnings: readonly string[];
}

export function useReplicas(
  series: Labels | undefined,
  window: Window,
  replicaLabels: readonly string[],
): Replicas {
  const { startMs, endMs } = window;
  const seconds = Math.max(1, Math.round((endMs - startMs) / 1000));
  const parameters = {
    query: `${printSelector(series ?? {})}[${seconds}s]`,
    time: endMs / 1000,
  };
  const options = { isWanted: series !== undefined };
  const raw = useApi<Matrix>('/api/v1/query', { ...parameters, dedup: false }, options);
  const folded = useApi<Matrix>('/api/v1/query', { ...parameters, dedup: true }, options);
  const provenance = useMemo(() => {
    if (raw.data === undefined || folded.data === undefined || series === undefined)
      return undefined;
    const key = seriesKey(series, replicaLabels);
    const groups = groupReplicas(raw.data.data.result.map(rawSeries), replicaLabels);
    const result = folded.data.data.result
      .map(rawSeries)
      .find(({ metric }) => seriesKey(metric, replicaLabels) === key);
    return findProvenance(groups.get(key) ?? [], result, replicaLabels, { startMs, endMs });
  }, [raw.data, folded.data, series, replicaLabels, startMs, endMs]);
  return {
    provenance,
    hasHistograms:
      raw.data?.data.result.some(({ histograms = [] }) => histograms.length > 0) ?? false,
    failure: raw.error ?? folded.error,
    warnings: [...new Set([...(raw.data?.warnings ?? []), ...(folded.data?.warnings ?? [])])],
  };
}

function rawSeries({ metric, values = [], histograms = [] }: MatrixSeries): RawSeries {
  if (histograms.length === 0) return { metric, samples: values };
  const whole = histograms.map(([time, value]) => [time, JSON.stringify(value)] as const);
  return { metric, samples: [...values, ...whole].sort(([a], [b]) => a - b) };
}

/** The labels that tell replicas apart, from the querier's flags. Undefined until they are known. */
export function useReplicaLabels(): readonly string[] | undefined {
  const flags = useApi<Labels>('/api/v1/status/flags', {}, { freshMs: Number.POSITIVE_INFINITY });
  const text = flags.data?.data['query.replica-label'];
  const isFailed = flags.error !== null;
  return useMemo(() => {
    if (flags.data === undefined) return isFailed ? [] : undefined;
    return (text ?? '').split(',').filter(Boolean);
  }, [flags.data, text, isFailed]);
}

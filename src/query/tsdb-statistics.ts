/**
 * What the databases beneath a querier hold: heads and their largest metrics and labels, asked of every endpoint that
 * tells, and added up. Replicas count each. Source: Thanos' Status service.
 */
import type { Matcher } from '../model/matcher.ts';
import { wireMatchers } from '../storeapi/series-request.ts';
import type { HeadCardinality, NamedFigure } from '../tsdb/head/head-stats.ts';
import { PartialResponseStrategy as Strategy } from '../wire/gen/thanos/label_pb.ts';
import {
  Status,
  type TsdbStatisticsEntry,
  TsdbStatisticsRequestSchema,
  TsdbStatisticsResponseSchema,
} from '../wire/gen/thanos/status_pb.ts';
import { encodeMessage, methodPath } from '../wire/message.ts';
import { askEndpoints } from './ask-endpoints.ts';
import type { Endpoint } from './endpoint.ts';

export interface StatisticsRequest {
  /** Most entries of each list. */
  readonly limit: number;
  /** On external labels: a database that they do not match is left out. */
  readonly matchers: readonly Matcher[];
  readonly partialResponse: boolean;
  readonly signal: AbortSignal;
}

export interface TsdbStatistics {
  /** Times in milliseconds; 0 where nothing is known. */
  readonly head: {
    readonly series: number;
    readonly chunks: number;
    readonly minTime: number;
    readonly maxTime: number;
  };
  readonly top: HeadCardinality;
}

/** Without partial response the first failure is thrown, naming its endpoint. */
export async function fetchStatistics(
  endpoints: readonly Endpoint[],
  { limit, matchers, partialResponse, signal }: StatisticsRequest,
): Promise<{ readonly statistics: TsdbStatistics; readonly warnings: readonly string[] }> {
  const request = encodeMessage(TsdbStatisticsRequestSchema, {
    limit,
    partialResponseStrategy: partialResponse ? Strategy.WARN : Strategy.ABORT,
    matchers: wireMatchers(matchers),
  });
  const entries: TsdbStatisticsEntry[] = [];
  const told: string[] = [];
  const failed = await askEndpoints(
    endpoints,
    {
      what: 'statistics of the database',
      api: 'status',
      method: methodPath(Status.method.tSDBStatistics),
      request: () => request,
      response: TsdbStatisticsResponseSchema,
      partialResponse,
      signal,
    },
    ({ result }) => {
      if (result.case === 'warning') told.push(result.value);
      // One entry a tenant.
      if (result.case === 'statistics') entries.push(...Object.values(result.value.statistics));
    },
  );
  return {
    statistics: addUp(entries, limit),
    warnings: [...new Set([...failed, ...told])],
  };
}

/** The same values of a label may be in several databases: of their counts the largest is nearer to the truth. */
function addUp(entries: readonly TsdbStatisticsEntry[], limit: number): TsdbStatistics {
  const heads = entries.flatMap(({ headStatistics: head }) => (head === undefined ? [] : [head]));
  const sum = (member: 'numSeries' | 'numLabelPairs' | 'chunkCount'): number =>
    heads.reduce((total, head) => total + Number(head[member]), 0);
  // An empty head has its minTime above its maxTime.
  const filled = heads.filter(({ minTime, maxTime }) => minTime > 0n && minTime <= maxTime);
  const merge = (list: ListName, fold: (a: number, b: number) => number): readonly NamedFigure[] =>
    mergeLists(
      entries.map((entry) => entry[list]),
      fold,
    ).slice(0, limit);
  return {
    head: {
      series: sum('numSeries'),
      chunks: sum('chunkCount'),
      minTime: filled.length === 0 ? 0 : Math.min(...filled.map(({ minTime }) => Number(minTime))),
      maxTime: filled.length === 0 ? 0 : Math.max(...filled.map(({ maxTime }) => Number(maxTime))),
    },
    top: {
      labelPairs: sum('numLabelPairs'),
      seriesByMetric: merge('seriesCountByMetricName', (a, b) => a + b),
      valuesByLabel: merge('labelValueCountByLabelName', Math.max),
      bytesByLabel: merge('memoryInBytesByLabelName', (a, b) => a + b),
      seriesByPair: merge('seriesCountByLabelValuePair', (a, b) => a + b),
    },
  };
}

type ListName =
  | 'seriesCountByMetricName'
  | 'labelValueCountByLabelName'
  | 'memoryInBytesByLabelName'
  | 'seriesCountByLabelValuePair';

function mergeLists(
  lists: readonly (readonly { readonly name: string; readonly value: bigint }[])[],
  fold: (a: number, b: number) => number,
): NamedFigure[] {
  const merged = new Map<string, number>();
  for (const { name, value } of lists.flat()) {
    const known = merged.get(name);
    merged.set(name, known === undefined ? Number(value) : fold(known, Number(value)));
  }
  return [...merged]
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1));
}

/** Requests of StoreAPI out of what the engine and the API ask a storage for. */
import { create } from '@bufbuild/protobuf';
import type { Matcher, MatchType } from '../model/matcher.ts';
import type { QueryView } from '../storage/query-view.ts';
import type { LabelsRequest, SelectRequest } from '../storage/queryable.ts';
import type { LabelMatcher } from '../wire/gen/thanos/label_pb.ts';
import {
  LabelMatcherSchema,
  PartialResponseStrategy as Strategy,
  LabelMatcher_Type as Type,
} from '../wire/gen/thanos/label_pb.ts';
import {
  Aggr,
  LabelNamesRequestSchema,
  LabelValuesRequestSchema,
  SeriesRequestSchema,
} from '../wire/gen/thanos/store_pb.ts';
import { encodeMessage } from '../wire/message.ts';
import type { AggregateChoice } from './aggregate-columns.ts';
import { aggregateChoice } from './aggregate-columns.ts';

/** How many series a store may put into one message. */
const BATCH_SERIES = 64n;

const TYPES: Readonly<Record<MatchType, Type>> = {
  '=': Type.EQ,
  '!=': Type.NEQ,
  '=~': Type.RE,
  '!~': Type.NRE,
};

export function encodeSeriesRequest(request: SelectRequest, view: QueryView): Uint8Array {
  const { hints } = request;
  return encodeMessage(SeriesRequestSchema, {
    minTime: int64(request.minTime),
    maxTime: int64(request.maxTime),
    matchers: wireMatchers(request.matchers),
    maxResolutionWindow: int64(maxResolution(request, view)),
    aggregates: [...AGGREGATES[aggregateChoice(hints.func)]],
    ...strategy(view),
    skipChunks: hints.func === 'series',
    queryHints: {
      stepMillis: int64(hints.stepMs),
      func: { name: hints.func },
      grouping: { by: hints.by, labels: [...hints.grouping] },
      ...(hints.rangeMs === 0 ? {} : { range: { millis: int64(hints.rangeMs) } }),
    },
    withoutReplicaLabels: removedLabels(view),
    limit: int64(hints.limit),
    responseBatchSize: BATCH_SERIES,
  });
}

export function encodeLabelNamesRequest(request: LabelsRequest, view: QueryView): Uint8Array {
  // The limit stays here: names of several stores are merged before they are counted.
  return encodeMessage(LabelNamesRequestSchema, {
    ...strategy(view),
    start: int64(request.minTime),
    end: int64(request.maxTime),
    matchers: wireMatchers(request.matchers),
    withoutReplicaLabels: removedLabels(view),
  });
}

export function encodeLabelValuesRequest(
  label: string,
  request: LabelsRequest,
  view: QueryView,
): Uint8Array {
  return encodeMessage(LabelValuesRequestSchema, {
    label,
    ...strategy(view),
    start: int64(request.minTime),
    end: int64(request.maxTime),
    matchers: wireMatchers(request.matchers),
    withoutReplicaLabels: removedLabels(view),
    limit: int64(request.limit),
  });
}

/** What stores are asked to leave out, which is what deduplication needs. */
export function removedLabels({ deduplicate, replicaLabels }: QueryView): string[] {
  return deduplicate ? [...replicaLabels] : [];
}

/** Downsampled points must be close enough for two of them to fall into the window of such a function. */
const NEEDS_TWO_POINTS: ReadonlySet<string> = new Set([
  'rate',
  'irate',
  'increase',
  'delta',
  'idelta',
  'deriv',
  'predict_linear',
  'holt_winters',
  'double_exponential_smoothing',
]);

function maxResolution({ hints }: SelectRequest, { maxSourceResolutionMs }: QueryView): number {
  if (hints.rangeMs === 0 || !NEEDS_TWO_POINTS.has(hints.func)) return maxSourceResolutionMs;
  return Math.min(maxSourceResolutionMs, Math.floor(hints.rangeMs / 2));
}

const AGGREGATES: Readonly<Record<AggregateChoice, readonly Aggr[]>> = {
  average: [Aggr.COUNT, Aggr.SUM],
  count: [Aggr.COUNT],
  sum: [Aggr.SUM],
  min: [Aggr.MIN],
  max: [Aggr.MAX],
  counter: [Aggr.COUNTER],
};

export function wireMatchers(matchers: readonly Matcher[]): LabelMatcher[] {
  return matchers.map(({ type, name, value }) =>
    create(LabelMatcherSchema, { type: TYPES[type], name, value }),
  );
}

function strategy({ partialResponse }: QueryView): {
  readonly partialResponseStrategy: Strategy;
  readonly partialResponseDisabled: boolean;
} {
  return {
    partialResponseStrategy: partialResponse ? Strategy.WARN : Strategy.ABORT,
    partialResponseDisabled: !partialResponse,
  };
}

/** The nearest int64. */
export function int64(value: number): bigint {
  if (value >= 2 ** 63) return 2n ** 63n - 1n;
  return BigInt(Math.trunc(Math.max(value, -(2 ** 63))));
}

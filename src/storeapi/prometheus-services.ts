/**
 * What a Prometheus knows besides its series, asked of its HTTP API and given out over gRPC: rules, targets,
 * metadata, exemplars, statistics of its database. Prometheus adds no external labels there, so they are added.
 */
import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { labelValue } from '../model/labels.ts';
import { compileMatcher } from '../model/matcher.ts';
import { JsonFields, jsonList } from '../remote/json-fields.ts';
import type { GrpcMethod, GrpcServices } from '../transport/grpc.ts';
import {
  Exemplars,
  type ExemplarsRequest,
  ExemplarsRequestSchema,
  ExemplarsResponseSchema,
} from '../wire/gen/thanos/exemplars_pb.ts';
import {
  Metadata,
  type MetricMetadataRequest,
  MetricMetadataRequestSchema,
  MetricMetadataResponseSchema,
} from '../wire/gen/thanos/metadata_pb.ts';
import { Rules, RulesRequestSchema, RulesResponseSchema } from '../wire/gen/thanos/rules_pb.ts';
import {
  Status,
  type TsdbStatisticsRequest,
  TsdbStatisticsRequestSchema,
  TsdbStatisticsResponseSchema,
} from '../wire/gen/thanos/status_pb.ts';
import {
  TargetsRequest_State as State,
  TargetHealth,
  Targets,
  type TargetsRequest,
  TargetsRequestSchema,
  TargetsResponseSchema,
} from '../wire/gen/thanos/targets_pb.ts';
import { encodeMessage, methodPath } from '../wire/message.ts';
import { readRules } from './prometheus-rules.ts';
import { ask, labelSet, type PrometheusScope, timestampOf } from './prometheus-scope.ts';
import { decodeRequest, type OtherService } from './server.ts';
import { readMatchers } from './source-matchers.ts';

/** What the services are called in Info. */
export const PROMETHEUS_SERVICES: readonly OtherService[] = [
  'rules',
  'targets',
  'metricMetadata',
  'exemplars',
  'status',
];

export function prometheusServices(scope: PrometheusScope): GrpcServices {
  return new Map([
    [
      methodPath(Rules.method.rules),
      stream(RulesRequestSchema, RulesResponseSchema, async (request, signal) =>
        (await readRules(scope, request, signal)).map((value) => ({
          result: { case: 'group' as const, value },
        })),
      ),
    ],
    [
      methodPath(Targets.method.targets),
      stream(TargetsRequestSchema, TargetsResponseSchema, (request, signal) =>
        readTargets(scope, request, signal),
      ),
    ],
    [
      methodPath(Metadata.method.metricMetadata),
      stream(MetricMetadataRequestSchema, MetricMetadataResponseSchema, (request, signal) =>
        readMetadata(scope, request, signal),
      ),
    ],
    [
      methodPath(Exemplars.method.exemplars),
      stream(ExemplarsRequestSchema, ExemplarsResponseSchema, (request, signal) =>
        readExemplars(scope, request, signal),
      ),
    ],
    [
      methodPath(Status.method.tSDBStatistics),
      stream(TsdbStatisticsRequestSchema, TsdbStatisticsResponseSchema, (request, signal) =>
        readStatistics(scope, request, signal),
      ),
    ],
  ]);
}

/** A server stream whose answers are known together. */
function stream<Request extends DescMessage, Response extends DescMessage>(
  request: Request,
  response: Response,
  answers: (
    request: MessageShape<Request>,
    signal: AbortSignal,
  ) => Promise<MessageInitShape<Response>[]>,
): GrpcMethod {
  return {
    kind: 'serverStream',
    async *handle(bytes, { signal }) {
      for (const answer of await answers(decodeRequest(request, bytes), signal)) {
        yield encodeMessage(response, answer);
      }
    },
  };
}

type Targeted = MessageInitShape<typeof TargetsResponseSchema>;

const STATES: Readonly<Record<number, string>> = {
  [State.ACTIVE]: 'active',
  [State.DROPPED]: 'dropped',
};
const HEALTHS: Readonly<Record<string, TargetHealth>> = {
  up: TargetHealth.UP,
  down: TargetHealth.DOWN,
};

async function readTargets(
  scope: PrometheusScope,
  { state }: TargetsRequest,
  signal: AbortSignal,
): Promise<Targeted[]> {
  const wanted = STATES[state];
  const parameters = wanted === undefined ? [] : [['state', wanted] as const];
  const { data, where } = await ask(scope, '/api/v1/targets', parameters, signal);
  const external = scope.externalLabels();
  const answer = new JsonFields(data, where);
  const activeTargets = answer.list('activeTargets').map((target) => ({
    discoveredLabels: labelSet(target.labels('discoveredLabels'), external),
    labels: labelSet(target.labels('labels'), external),
    scrapePool: target.text('scrapePool'),
    scrapeUrl: target.text('scrapeUrl'),
    globalUrl: target.text('globalUrl'),
    lastError: target.text('lastError'),
    lastScrape: timestampOf(target.text('lastScrape')),
    lastScrapeDuration: target.number('lastScrapeDuration'),
    health: HEALTHS[target.text('health')] ?? TargetHealth.UNKNOWN,
  }));
  const droppedTargets = answer.list('droppedTargets').map((target) => ({
    discoveredLabels: labelSet(target.labels('discoveredLabels'), external),
  }));
  return [{ result: { case: 'targets', value: { activeTargets, droppedTargets } } }];
}

async function readMetadata(
  scope: PrometheusScope,
  { metric, limit }: MetricMetadataRequest,
  signal: AbortSignal,
): Promise<MessageInitShape<typeof MetricMetadataResponseSchema>[]> {
  const parameters: [string, string][] = [];
  if (metric !== '') parameters.push(['metric', metric]);
  if (limit >= 0) parameters.push(['limit', String(limit)]);
  const { data, where } = await ask(scope, '/api/v1/metadata', parameters, signal);
  const answer = new JsonFields(data, where);
  const metas = (name: string) =>
    answer.list(name).map((meta) => ({
      type: meta.text('type'),
      help: meta.text('help'),
      unit: meta.text('unit'),
    }));
  const entries = answer.names.map((name) => [name, { metas: metas(name) }]);
  return [{ result: { case: 'metadata', value: { metadata: Object.fromEntries(entries) } } }];
}

async function readExemplars(
  scope: PrometheusScope,
  { query, start, end }: ExemplarsRequest,
  signal: AbortSignal,
): Promise<MessageInitShape<typeof ExemplarsResponseSchema>[]> {
  const parameters: [string, string][] = [
    ['query', query],
    ['start', String(Number(start) / 1000)],
    ['end', String(Number(end) / 1000)],
  ];
  const { data, where } = await ask(scope, '/api/v1/query_exemplars', parameters, signal);
  const external = scope.externalLabels();
  return jsonList(data, where).map((item) => ({
    result: {
      case: 'data' as const,
      value: {
        seriesLabels: labelSet(item.labels('seriesLabels'), external),
        exemplars: item.list('exemplars').map((exemplar) => ({
          labels: labelSet(exemplar.labels('labels')),
          value: exemplar.textNumber('value'),
          ts: BigInt(Math.round(exemplar.number('timestamp') * 1000)),
        })),
      },
    },
  }));
}

async function readStatistics(
  scope: PrometheusScope,
  { limit, matchers }: TsdbStatisticsRequest,
  signal: AbortSignal,
): Promise<MessageInitShape<typeof TsdbStatisticsResponseSchema>[]> {
  const external = scope.externalLabels();
  const isMeant = readMatchers(matchers).every((matcher) =>
    compileMatcher(matcher).matches(labelValue(external, matcher.name)),
  );
  if (!isMeant) return [];
  const parameters = limit > 0 ? [['limit', String(limit)] as const] : [];
  const { data, where } = await ask(scope, '/api/v1/status/tsdb', parameters, signal);
  const answer = new JsonFields(data, where);
  const head = answer.object('headStats');
  // Older ones give ten, whatever is asked for.
  const most = limit > 0 ? limit : undefined;
  const top = (name: string) =>
    answer
      .list(name)
      .slice(0, most)
      .map((item) => ({
        name: item.text('name'),
        value: item.whole('value'),
      }));
  const entry = {
    headStatistics: {
      numSeries: head.whole('numSeries'),
      numLabelPairs: head.whole('numLabelPairs'),
      chunkCount: head.whole('chunkCount'),
      minTime: head.whole('minTime'),
      maxTime: head.whole('maxTime'),
    },
    seriesCountByMetricName: top('seriesCountByMetricName'),
    labelValueCountByLabelName: top('labelValueCountByLabelName'),
    memoryInBytesByLabelName: top('memoryInBytesByLabelName'),
    seriesCountByLabelValuePair: top('seriesCountByLabelValuePair'),
  };
  return [{ result: { case: 'statistics', value: { statistics: { '': entry } } } }];
}

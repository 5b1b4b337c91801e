/** /api/v1/query and /api/v1/query_range. Source: Prometheus web/api/v1, Thanos pkg/api/query. */
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { Engine, EngineAnswer } from '../engine/engine.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '../transport/http-route.ts';
import { apiRoute, GET_OR_POST } from './api-route.ts';
import { slicedAnswer } from './envelope.ts';
import {
  durationParameter,
  invalidParameter,
  limitParameter,
  parseDuration,
  timeParameter,
} from './parameters.ts';
import { analysisJson, statisticsJson, statisticsParameter } from './query-statistics.ts';
import { type ViewDefaults, viewParameters } from './view-parameters.ts';

export interface QueryDefaults {
  readonly view: ViewDefaults;
  readonly lookbackMs: number;
  readonly timeoutMs: number;
  /** Smallest step of a range query that names none; undefined where it must name one. */
  readonly stepMs: number | undefined;
  /** `stats=all` counts samples for each step (promql-per-step-stats). */
  readonly countsSteps: boolean;
}

export interface QueryApi {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly defaults: QueryDefaults;
}

const POINTS_MAX = 11_000;

export function queryRoutes(api: QueryApi): readonly HttpRoute[] {
  return [
    apiRoute({
      methods: GET_OR_POST,
      path: '/api/v1/query',
      handler: 'query',
      action: (request) => instantQuery(api, request),
    }),
    apiRoute({
      methods: GET_OR_POST,
      path: '/api/v1/query_range',
      handler: 'query_range',
      action: (request) => rangeQuery(api, request),
    }),
  ];
}

async function instantQuery(api: QueryApi, request: HttpRequest): Promise<HttpAnswer> {
  const { query } = request;
  const limit = limitParameter(query);
  const timeMs = timeParameter(query, 'time', api.clock.nowMs());
  return run(api, request, { startMs: timeMs, endMs: timeMs, stepMs: 0, limit });
}

async function rangeQuery(api: QueryApi, request: HttpRequest): Promise<HttpAnswer> {
  const { query } = request;
  const limit = limitParameter(query);
  const startMs = timeParameter(query, 'start');
  const endMs = timeParameter(query, 'end');
  if (endMs < startMs) {
    throw invalidParameter('end', 'end timestamp must not be before start time');
  }
  const stepMs = durationParameter(query, 'step', initialStep(api, startMs, endMs));
  if (stepMs <= 0) {
    throw invalidParameter(
      'step',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  }
  if ((endMs - startMs) / stepMs > POINTS_MAX) {
    throw new OperationError(
      'bad-data',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    );
  }
  return run(api, request, { startMs, endMs, stepMs, limit });
}

/** 250 steps in whole seconds, as Thanos chooses when the client does not. */
function initialStep({ defaults }: QueryApi, startMs: number, endMs: number): number | undefined {
  if (defaults.stepMs === undefined) return undefined;
  return Math.max(Math.floor((endMs - startMs) / 250 / 1000) * 1000, defaults.stepMs);
}

interface Range {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
  readonly limit: number;
}

async function run(api: QueryApi, request: HttpRequest, range: Range): Promise<HttpAnswer> {
  const { query, signal } = request;
  const { defaults, engine } = api;
  const timeoutMs = durationParameter(query, 'timeout', defaults.timeoutMs);
  const wanted = statisticsParameter(query);
  const isAnalysed = ['true', '1'].includes(query.get('analyze') ?? '');
  const found = await engine.query(
    {
      query: query.get('query') ?? '',
      ...range,
      lookbackMs: lookbackParameter(query) ?? defaults.lookbackMs,
      timeoutMs: Math.min(timeoutMs, defaults.timeoutMs),
      view: viewParameters(query, defaults.view, range.stepMs),
      countsWindows: wanted.isWanted || isAnalysed,
      countsSteps: wanted.wantsSteps && defaults.countsSteps,
      isAnalysed,
    },
    { signal },
  );
  return slicedAnswer(
    [...found.resultSlices, Buffer.from(membersBeside(found, wanted.isWanted, defaults))],
    { warnings: [...found.warnings, ...wanted.warnings], infos: found.infos },
    found.storageWarningCount > 0,
  );
}

/** Members of `data` after the result, each with a comma before it. */
function membersBeside(
  { statistics, analysis }: EngineAnswer,
  wantsStatistics: boolean,
  { view }: QueryDefaults,
): string {
  const isThanos = view.isFixed !== true;
  const members = {
    ...(wantsStatistics && { stats: statisticsJson(statistics) }),
    // Thanos' answers always have it.
    ...((isThanos || analysis) && { analysis: analysis ? analysisJson(analysis) : {} }),
  };
  const text = JSON.stringify(members).slice(1, -1);
  return text === '' ? '' : `,${text}`;
}

/** Undefined where the request names none, or none above 0. */
function lookbackParameter(query: URLSearchParams): number | undefined {
  const text = query.get('lookback_delta') ?? '';
  if (text === '') return undefined;
  const lookbackMs = parseDuration(text, (reason) => {
    return new OperationError('bad-data', `error parsing lookback delta duration: ${reason}`);
  });
  return lookbackMs > 0 ? lookbackMs : undefined;
}

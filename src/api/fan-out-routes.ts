/** What endpoints know beside series: /api/v1/rules, alerts, targets, query_exemplars, status/tsdb. */
import { OperationError } from '../base/errors.ts';
import { parseExpr } from '../promql/parse/parse-expr.ts';
import type { SyntaxOptions } from '../promql/parse/syntax-options.ts';
import type { Endpoint } from '../query/endpoint.ts';
import { fetchExemplars } from '../query/exemplars.ts';
import { alertsOf, fetchRules, type RulesAnswer } from '../query/rules.ts';
import { fetchTargets } from '../query/targets.ts';
import { fetchStatistics } from '../query/tsdb-statistics.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '../transport/http-route.ts';
import { type ApiRoute, apiRoute, GET, GET_OR_POST } from './api-route.ts';
import { dataAnswer } from './envelope.ts';
import { EARLIEST_TIME_MS, invalidParameter, LATEST_TIME_MS, timeParameter } from './parameters.ts';
import { statusJson, topLimit } from './tsdb-routes.ts';
import { selectorsParameter, type ViewDefaults, viewParameters } from './view-parameters.ts';

export interface FanOutApi {
  /** Empty where there are no endpoints: answers are empty then. */
  readonly endpoints: () => readonly Endpoint[];
  readonly view: ViewDefaults;
  readonly syntax: SyntaxOptions;
}

export function fanOutRoutes(api: FanOutApi): readonly HttpRoute[] {
  const route = (name: string, methods: ApiRoute['methods'], action: Action): HttpRoute =>
    apiRoute({
      methods,
      path: `/api/v1/${name}`,
      handler: name,
      action: (request) => action(api, request),
    });
  return [
    route('rules', GET, rules),
    route('alerts', GET, alerts),
    route('targets', GET, targets),
    route('query_exemplars', GET_OR_POST, exemplars),
    route('status/tsdb', GET, tsdbStatus),
  ];
}

type Action = (api: FanOutApi, request: HttpRequest) => Promise<HttpAnswer>;

const RULE_TYPES: Readonly<Record<string, 'all' | 'alert' | 'record'>> = {
  '': 'all',
  alert: 'alert',
  record: 'record',
};

async function askRules(
  api: FanOutApi,
  { query, signal }: HttpRequest,
  only?: 'alert',
): Promise<RulesAnswer> {
  const given = only ?? (query.get('type') ?? '').toLowerCase();
  const type = RULE_TYPES[given];
  if (type === undefined) {
    throw invalidParameter('type', `not supported value "${given}": use alert or record`);
  }
  const { deduplicate, replicaLabels, partialResponse } = viewParameters(query, api.view, 0);
  return fetchRules(api.endpoints(), {
    type,
    groups: query.getAll('rule_group[]'),
    names: query.getAll('rule_name[]'),
    files: query.getAll('file[]'),
    matchers: query.getAll('match[]'),
    deduplicate,
    replicaLabels,
    partialResponse,
    signal,
  });
}

async function rules(api: FanOutApi, request: HttpRequest): Promise<HttpAnswer> {
  const { groups, warnings } = await askRules(api, request);
  return dataAnswer({ groups }, { warnings });
}

async function alerts(api: FanOutApi, request: HttpRequest): Promise<HttpAnswer> {
  const { groups, warnings } = await askRules(api, request, 'alert');
  return dataAnswer({ alerts: alertsOf(groups) }, { warnings });
}

const TARGET_STATES: Readonly<Record<string, 'any' | 'active' | 'dropped'>> = {
  '': 'any',
  any: 'any',
  active: 'active',
  dropped: 'dropped',
};

async function targets(api: FanOutApi, { query, signal }: HttpRequest): Promise<HttpAnswer> {
  const given = (query.get('state') ?? '').toLowerCase();
  const state = TARGET_STATES[given];
  if (state === undefined) {
    throw invalidParameter('state', `"${given}" is not one of any, active, dropped`);
  }
  const { deduplicate, replicaLabels, partialResponse } = viewParameters(query, api.view, 0);
  const request = { state, deduplicate, replicaLabels, partialResponse, signal };
  const { warnings, ...data } = await fetchTargets(api.endpoints(), request);
  return dataAnswer(data, { warnings });
}

async function exemplars(api: FanOutApi, { query, signal }: HttpRequest): Promise<HttpAnswer> {
  const startMs = timeParameter(query, 'start', EARLIEST_TIME_MS);
  const endMs = timeParameter(query, 'end', LATEST_TIME_MS);
  if (endMs < startMs) {
    throw new OperationError('bad-data', 'end timestamp must not be before start timestamp');
  }
  const expr = parseExpr(query.get('query') ?? '', api.syntax);
  const { replicaLabels, partialResponse } = viewParameters(query, api.view, 0);
  const request = { expr, startMs, endMs, replicaLabels, partialResponse, signal };
  const { data, warnings } = await fetchExemplars(api.endpoints(), request);
  return dataAnswer(data, { warnings });
}

/** `match[]` is on external labels: which databases are counted. Source: Thanos' querier. */
async function tsdbStatus(api: FanOutApi, { query, signal }: HttpRequest): Promise<HttpAnswer> {
  const limit = topLimit(query);
  const matchers = selectorsParameter(query, 'match[]').flat();
  const { partialResponse } = viewParameters(query, api.view, 0);
  const request = { limit, matchers, partialResponse, signal };
  const { statistics, warnings } = await fetchStatistics(api.endpoints(), request);
  return dataAnswer(statusJson(statistics), { warnings });
}

/**
 * What a server tells of itself beside targets and storage: /api/v1/status/*, rules and alerts, exemplars, features,
 * notifications. Source: Prometheus web/api/v1.
 */
import { OperationError } from '../base/errors.ts';
import { type Labels, labelRecord } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import { printSample } from '../model/number-text.ts';
import type { Exemplar } from '../model/sample.ts';
import { parseExpr } from '../promql/parse/parse-expr.ts';
import type { SyntaxOptions } from '../promql/parse/syntax-options.ts';
import { selectorsOf } from '../promql/parse/walk.ts';
import {
  type HttpAnswer,
  type HttpRequest,
  type HttpRoute,
  textAnswer,
} from '../transport/http-route.ts';
import { type ApiRoute, apiRoute, GET, GET_OR_POST } from './api-route.ts';
import { buildInformation } from './build-information.ts';
import { dataAnswer } from './envelope.ts';
import { type FlagApi, flagRoutes } from './flag-routes.ts';
import { EARLIEST_TIME_MS, invalidParameter, LATEST_TIME_MS, timeParameter } from './parameters.ts';

export interface RuntimeView {
  readonly startMs: number;
  readonly nowMs: number;
  readonly workingDirectory: string;
  readonly hostname: string;
  readonly isLastReloadGood: boolean;
  readonly lastReloadMs: number;
  readonly corruptions: number;
  readonly processors: number;
  /** Such as `15d or 512MiB`. */
  readonly retention: string;
}

export interface ExemplarSeries {
  readonly labels: Labels;
  readonly exemplars: readonly Exemplar[];
}

export interface Notification {
  readonly text: string;
  readonly sinceMs: number;
  readonly isActive: boolean;
}

export interface ServerStatusApi extends FlagApi {
  readonly build: { readonly version: string; readonly revision: string; readonly branch: string };
  readonly runtime: () => Promise<RuntimeView>;
  /** The effective configuration, secrets hidden. */
  readonly configYaml: () => string;
  /** Category → feature → whether it is on. */
  readonly features: () => Readonly<Record<string, Readonly<Record<string, boolean>>>>;
  readonly notifications: () => readonly Notification[];
  readonly exemplars: (
    selectors: readonly (readonly Matcher[])[],
    minTime: number,
    maxTime: number,
  ) => Promise<readonly ExemplarSeries[]>;
  readonly syntax: SyntaxOptions;
}

export function serverStatusRoutes(api: ServerStatusApi): readonly HttpRoute[] {
  const route = (
    methods: ApiRoute['methods'],
    path: string,
    action: ApiRoute['action'],
  ): HttpRoute =>
    apiRoute({ methods, path: `/api/v1/${path}`, handler: `/api/v1/${path}`, action });
  return [
    ...flagRoutes(api, '/api/v1/status/flags'),
    route(GET, 'status/buildinfo', () => dataAnswer(buildInformation(api.build))),
    route(GET, 'status/runtimeinfo', async () =>
      dataAnswer(runtimeInformation(await api.runtime())),
    ),
    route(GET, 'status/config', () => dataAnswer({ yaml: api.configYaml() })),
    route(GET, 'features', () => dataAnswer(api.features())),
    route(GET, 'alertmanagers', () =>
      dataAnswer({ activeAlertmanagers: [], droppedAlertmanagers: [] }),
    ),
    route(GET, 'rules', rules),
    route(GET, 'alerts', () => dataAnswer({ alerts: [] })),
    route(GET_OR_POST, 'query_exemplars', (request) => exemplars(api, request)),
  ];
}

/** Answers before the server is ready, too. */
export function notificationsRoute(api: Pick<ServerStatusApi, 'notifications'>): HttpRoute {
  return apiRoute({
    methods: GET,
    path: '/api/v1/notifications',
    handler: '/api/v1/notifications',
    action: () =>
      dataAnswer(
        api.notifications().map(({ text, sinceMs, isActive }) => ({
          text,
          date: new Date(sinceMs).toISOString(),
          active: isActive,
        })),
      ),
  });
}

export function versionRoute({ build }: Pick<ServerStatusApi, 'build'>): HttpRoute {
  const text = `${JSON.stringify(buildInformation(build))}\n`;
  return { methods: GET, path: '/version', handle: () => textAnswer(200, text) };
}

function runtimeInformation(view: RuntimeView): Readonly<Record<string, unknown>> {
  return {
    startTime: new Date(view.startMs).toISOString(),
    CWD: view.workingDirectory,
    hostname: view.hostname,
    serverTime: new Date(view.nowMs).toISOString(),
    reloadConfigSuccess: view.isLastReloadGood,
    lastConfigTime: new Date(view.lastReloadMs).toISOString(),
    corruptionCount: view.corruptions,
    goroutineCount: process.getActiveResourcesInfo().length,
    GOMAXPROCS: view.processors,
    GOMEMLIMIT: 0,
    GOGC: '',
    GODEBUG: '',
    storageRetention: view.retention,
  };
}

const RULE_TYPES: ReadonlySet<string> = new Set(['', 'alert', 'record']);

/** There are none; what is asked for is checked all the same. */
function rules({ query }: HttpRequest): HttpAnswer {
  const type = (query.get('type') ?? '').toLowerCase();
  if (!RULE_TYPES.has(type)) throw invalidParameter('type', `not supported value "${type}"`);
  return dataAnswer({ groups: [] });
}

async function exemplars(api: ServerStatusApi, { query }: HttpRequest): Promise<HttpAnswer> {
  const minTime = timeParameter(query, 'start', EARLIEST_TIME_MS);
  const maxTime = timeParameter(query, 'end', LATEST_TIME_MS);
  if (maxTime < minTime) {
    throw new OperationError('bad-data', 'end timestamp must not be before start timestamp');
  }
  const selectors = selectorsOf(parseExpr(query.get('query') ?? '', api.syntax));
  if (selectors.length === 0) return { status: 204 };
  const found = await api.exemplars(selectors, minTime, maxTime);
  return dataAnswer(
    found.map(({ labels, exemplars: list }) => ({
      seriesLabels: labelRecord(labels),
      exemplars: list.map(({ labels: own, value, time }) => ({
        labels: labelRecord(own),
        value: printSample(value),
        timestamp: time / 1000,
      })),
    })),
  );
}

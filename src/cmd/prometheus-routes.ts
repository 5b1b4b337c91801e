/** Every route of `tsanos prometheus`, and which of them answer before it is ready. */
import { expressionRoutes } from '../api/expression-routes.ts';
import { federateRoute } from '../api/federate.ts';
import {
  type LifecycleApi,
  lifecycleRoutes,
  receiverRoutes,
  whenReady,
} from '../api/lifecycle-routes.ts';
import { queryRoutes } from '../api/query-routes.ts';
import { seriesRoutes } from '../api/series-routes.ts';
import {
  notificationsRoute,
  type ServerStatusApi,
  serverStatusRoutes,
  versionRoute,
} from '../api/server-status-routes.ts';
import { type TargetApi, targetRoutes } from '../api/target-routes.ts';
import { replayRoute, type TsdbApi, tsdbRoutes } from '../api/tsdb-routes.ts';
import { missingPageRoute, type Ui } from '../api/ui-routes.ts';
import type { ViewDefaults } from '../api/view-parameters.ts';
import type { Clock } from '../base/clock.ts';
import type { KernelPool } from '../base/kernel-pool.ts';
import type { Engine } from '../engine/engine.ts';
import type { Labels } from '../model/labels.ts';
import { remoteReadRoute } from '../remote/read-server.ts';
import type { ChunkQueryable } from '../storage/chunk-queryable.ts';
import type { Queryable } from '../storage/queryable.ts';
import { chooseFormat } from '../telemetry/exposition.ts';
import type { MetricRegistry } from '../telemetry/metrics.ts';
import { type HttpRoute, redirectAnswer } from '../transport/http-route.ts';
import { promqlFeatures } from './prometheus-features.ts';
import type { PrometheusValues } from './prometheus-options.ts';

export interface ServerParts {
  readonly clock: Clock;
  readonly metrics: MetricRegistry;
  /** Brings what is only counted elsewhere into the metrics, before they are printed. */
  readonly refreshMetrics: () => Promise<void>;
  readonly engine: Engine;
  readonly storage: () => Queryable & ChunkQueryable;
  readonly kernels: KernelPool;
  readonly externalLabels: () => Labels;
  readonly lifecycle: LifecycleApi;
  readonly targets: TargetApi;
  readonly tsdb: TsdbApi;
  readonly status: ServerStatusApi;
  readonly ui: Ui;
  /** Path under which clients see the server; empty for none. */
  readonly externalPath: string;
  readonly routePrefix: string;
}

/** One storage without replicas: requests cannot say how to see it. */
const VIEW: ViewDefaults = {
  deduplicate: false,
  replicaLabels: [],
  partialResponse: false,
  storeMatchers: [],
  maxSourceResolutionMs: 0,
  autoDownsampling: false,
  isFixed: true,
};

/** Answered in place of the usual probes. */
export function serverProbes({
  lifecycle,
  metrics,
  refreshMetrics,
}: ServerParts): readonly HttpRoute[] {
  const page: HttpRoute = {
    methods: ['GET'],
    path: '/metrics',
    async handle({ headers }) {
      await refreshMetrics();
      const { contentType, body } = await metrics.print(chooseFormat(headers.accept));
      return { status: 200, headers: { 'content-type': contentType }, body };
    },
  };
  return [...lifecycleRoutes(lifecycle), page].map(measured);
}

export function serverRoutes(parts: ServerParts, values: PrometheusValues): readonly HttpRoute[] {
  const always = [
    versionRoute(parts.status),
    replayRoute(parts.tsdb),
    notificationsRoute(parts.status),
    ...pageRoutes(parts),
  ];
  const ready = [...queryApi(parts, values), ...receiverRoutes(), ...readRoutes(parts, values)];
  const inner = [...always, ...ready.map((route) => whenReady(parts.lifecycle, route))];
  return [...outerRoutes(parts), ...inner, missingPageRoute(parts.ui)].map(measured);
}

function queryApi(parts: ServerParts, values: PrometheusValues): readonly HttpRoute[] {
  const { clock, engine, storage, status, targets, tsdb } = parts;
  const { lookbackMs, timeoutMs } = values;
  const { perStepStats } = promqlFeatures(values.features);
  return [
    ...queryRoutes({
      engine,
      clock,
      defaults: { view: VIEW, lookbackMs, timeoutMs, stepMs: undefined, countsSteps: perStepStats },
    }),
    ...seriesRoutes({ open: storage, clock, view: VIEW, defaultRangeMs: 0 }),
    ...expressionRoutes(status.syntax),
    ...targetRoutes(targets),
    ...tsdbRoutes(tsdb),
    ...serverStatusRoutes(status),
  ];
}

function readRoutes(parts: ServerParts, values: PrometheusValues): readonly HttpRoute[] {
  const { storage, externalLabels, kernels, metrics, clock } = parts;
  const { readSampleLimit, readConcurrency, readFrameBytes, lookbackMs } = values;
  return [
    remoteReadRoute({
      chunks: storage,
      samples: storage,
      externalLabels,
      kernels,
      metrics,
      clock,
      sampleLimit: readSampleLimit,
      concurrency: readConcurrency,
      frameBytes: readFrameBytes,
    }),
    federateRoute({ open: storage, kernels, clock, externalLabels, lookbackMs, metrics }),
  ];
}

/** The UI is there before the server is ready; its first page is that of queries. Source: Prometheus web/web.go. */
function pageRoutes({ ui, externalPath }: ServerParts): readonly HttpRoute[] {
  const home = `${externalPath}/query`;
  const pages = ui.routes.filter(({ path }) => path !== '/' && path !== '/graph');
  return [
    ...pages,
    { methods: ['GET'], path: '/', handle: () => redirectAnswer(302, home) },
    {
      methods: ['GET'],
      path: '/graph',
      handle: ({ queryText }) => redirectAnswer(302, `${home}?${queryText}`),
    },
  ];
}

/** From outside of the prefix into it. */
function outerRoutes({ routePrefix }: ServerParts): readonly HttpRoute[] {
  if (routePrefix === '') return [];
  const redirect = (path: string, status: 301 | 302, location: string): HttpRoute => ({
    methods: ['GET'],
    path,
    isOutsidePrefix: true,
    handle: () => redirectAnswer(status, location),
  });
  return [redirect('/', 302, routePrefix), redirect(routePrefix, 301, `${routePrefix}/`)];
}

/** Prometheus names handlers by their paths. */
function measured(route: HttpRoute): HttpRoute {
  return { ...route, handler: route.path };
}

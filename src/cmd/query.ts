/** `tsanos query`: PromQL over StoreAPI servers or a directory of blocks, behind Prometheus' HTTP API. */
import { explainRoutes } from '../api/explain-routes.ts';
import { expressionRoutes } from '../api/expression-routes.ts';
import { fanOutRoutes } from '../api/fan-out-routes.ts';
import { queryRoutes } from '../api/query-routes.ts';
import { seriesRoutes } from '../api/series-routes.ts';
import { type SystemSource, statusRoutes } from '../api/status-routes.ts';
import { createUi, missingPageRoute } from '../api/ui-routes.ts';
import type { ViewDefaults } from '../api/view-parameters.ts';
import type { EngineSettings } from '../engine/evaluate.ts';
import { traceQueries } from '../engine/trace-queries.ts';
import type { WorkerEngine, WorkerEngineOptions } from '../engine/worker-engine.ts';
import type { Endpoint } from '../query/endpoint.ts';
import type { OpenView } from '../storage/query-view.ts';
import { sampledGauge } from '../telemetry/metrics.ts';
import type { GrpcServices } from '../transport/grpc.ts';
import type { HttpRoute } from '../transport/http-route.ts';
import { openBlocks } from '../tsdb/blocks.ts';
import { countBuffersAsHeap } from '../world/heap.ts';
import { type Command, type CommandContext, defineCommand, stopped } from './command.ts';
import { endpointOptions, grpcClientOptions } from './endpoint-options.ts';
import { type OptionValues, refuseUnsupported, usageError } from './options.ts';
import { promqlFeatures } from './prometheus-features.ts';
import { blockOptions, evaluationOptions, viewOptions, webOptions } from './query-options.ts';
import { startStores } from './query-stores.ts';
import type { QueryWorkerStorage } from './query-worker-data.ts';
import { serveGrpc } from './serve-grpc.ts';
import { serveHttp } from './serve-http.ts';
import { grpcServerOptions, httpOptions, tracingOptions } from './shared-options.ts';
import { startEngine } from './start-engine.ts';
import { startTracing } from './start-tracing.ts';
import { thanosOptions, unsupportedOfThanos } from './thanos-options.ts';
import { uiOptions } from './ui-options.ts';
import { webAddress } from './web-address.ts';

const options = {
  ...endpointOptions,
  ...httpOptions,
  ...grpcServerOptions,
  ...grpcClientOptions,
  ...blockOptions,
  ...evaluationOptions,
  ...viewOptions,
  ...webOptions,
  ...tracingOptions,
  ...thanosOptions,
};

type Values = OptionValues<typeof options>;

export const queryCommand: Command = defineCommand({
  name: 'query',
  summary: "PromQL over many stores, replicas deduplicated; Prometheus' HTTP API",
  description:
    'Evaluates PromQL over StoreAPI servers (sidecars, store gateways, other queriers), or over a directory of blocks.',
  options,
  run,
});

async function run(given: CommandContext, values: Values): Promise<void> {
  refuseUnsupported(unsupportedOfThanos(values));
  const context = await startTracing(given, values.tracing);
  countBuffersAsHeap();
  const { readiness } = context;
  readiness.setHealthy();
  const storage = await openStorage(context, values);
  const engine = openEngine(context, values, storage);
  const { routePrefix, redirects } = webAddress(values, '/graph', context.logger);
  await serveHttp(context, values, {
    routes: [...redirects, ...apiRoutes(context, values, storage, engine)],
    routePrefix,
    areProbesOutside: true,
    allowOtherOrigins: !values.disableCors,
  });
  if (storage.services !== undefined) await serveGrpc(context, values, storage.services);
  readiness.setReady();
  await stopped(context);
}

function apiRoutes(
  context: CommandContext,
  values: Values,
  storage: QueryStorage,
  engine: WorkerEngine,
): readonly HttpRoute[] {
  const { clock, tracer } = context;
  const view = viewDefaults(values);
  const { syntax, perStepStats } = promqlFeatures(values.features);
  const ui = createUi(
    uiOptions(context, values, { component: 'query', features: values.features }),
  );
  return [
    ...ui.routes,
    ...queryRoutes({
      engine: traceQueries(engine, tracer),
      clock,
      defaults: {
        view,
        lookbackMs: values.lookbackMs,
        timeoutMs: values.timeoutMs,
        stepMs: values.defaultStepMs,
        countsSteps: perStepStats,
      },
    }),
    ...explainRoutes({ clock, syntax, noStepSubqueryIntervalMs: values.evaluationIntervalMs }),
    ...seriesRoutes({ open: storage.open, clock, view, defaultRangeMs: values.metadataRangeMs }),
    ...fanOutRoutes({ endpoints: storage.endpoints, view, syntax }),
    ...expressionRoutes(syntax),
    ...statusRoutes({
      clock,
      startMs: clock.nowMs(),
      build: context.build,
      flags: Object.fromEntries(context.flags),
      knownFlags: context.knownFlags,
      workingDirectory: process.cwd(),
      system: storage.system,
    }),
    missingPageRoute(ui),
  ];
}

/** What is queried: blocks in a directory, or stores. */
interface QueryStorage {
  readonly open: OpenView;
  /** None over blocks. */
  readonly endpoints: () => readonly Endpoint[];
  readonly system: SystemSource;
  readonly worker: QueryWorkerStorage;
  readonly onHostCall: WorkerEngineOptions['onHostCall'];
  readonly onReturned?: WorkerEngineOptions['onReturned'];
  /** Undefined where there is nothing for queriers above. */
  readonly services: GrpcServices | undefined;
}

async function openStorage(context: CommandContext, values: Values): Promise<QueryStorage> {
  const { blockDirectory: directory, blockCacheBytes: cacheBytes, deduplication } = values;
  if (directory === '') {
    const stores = await startStores(context, values);
    const { open, endpoints, onHostCall, onReturned, services, statuses, metadata } = stores;
    const system: SystemSource = { stores: statuses, metadata };
    const worker: QueryWorkerStorage = { kind: 'stores', deduplication };
    return { open, endpoints, onHostCall, onReturned, services, system, worker };
  }
  if (values.endpoints.length + values.strictEndpoints.length > 0) {
    throw usageError('--block-dir and --endpoint exclude each other: give one of them');
  }
  const blocks = openBlocks(context.files, directory, { cacheBytes });
  return {
    open: () => blocks,
    endpoints: () => [],
    onHostCall: async () => ({ value: undefined, transfer: [] }),
    services: undefined,
    system: NO_STORES,
    worker: { kind: 'blocks', directory, cacheBytes },
  };
}

function openEngine(context: CommandContext, values: Values, storage: QueryStorage): WorkerEngine {
  const { metrics } = context;
  const { worker, onHostCall, onReturned } = storage;
  const settings = engineSettings(values);
  const engine = startEngine(context, values, {
    settings,
    storage: worker,
    onHostCall,
    onReturned,
  });
  const prefix = 'thanos_query_concurrent_gate_queries';
  metrics.declare({
    max: sampledGauge(
      `${prefix}_max`,
      'Queries that may be evaluated at a time.',
      () => values.maxConcurrent,
    ),
    inFlight: sampledGauge(
      `${prefix}_in_flight`,
      'Queries that are being evaluated.',
      () => engine.gate.held,
    ),
  });
  return engine;
}

function engineSettings(values: Values): EngineSettings {
  const { syntax, delayedNameRemoval } = promqlFeatures(values.features);
  return {
    maxSamples: values.maxSamples,
    noStepSubqueryIntervalMs: values.evaluationIntervalMs,
    syntax,
    features: { delayedNameRemoval },
  };
}

function viewDefaults(values: Values): ViewDefaults {
  return {
    deduplicate: true,
    replicaLabels: values.replicaLabels,
    partialResponse: values.partialResponse,
    storeMatchers: [],
    maxSourceResolutionMs: 0,
    autoDownsampling: values.autoDownsampling,
  };
}

const NO_STORES: SystemSource = {
  stores: () => ({}),
  metadata: async () => ({ metadata: {}, warnings: [] }),
};

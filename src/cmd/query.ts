/** `tsanos query`: PromQL over StoreAPI servers or a directory of blocks, behind Prometheus' HTTP API. */
import { availableParallelism } from 'node:os';
import { queryRoutes } from '../api/query-routes.ts';
import { seriesRoutes } from '../api/series-routes.ts';
import { type SystemSource, statusRoutes } from '../api/status-routes.ts';
import type { ViewDefaults } from '../api/view-parameters.ts';
import { errorText } from '../base/errors.ts';
import type { EngineSettings } from '../engine/evaluate.ts';
import { createWorkerEngine, type WorkerEngine } from '../engine/worker-engine.ts';
import type { HttpRoute } from '../transport/http-route.ts';
import { openBlocks } from '../tsdb/blocks.ts';
import { type Command, type CommandContext, defineCommand, stopped } from './command.ts';
import type { OptionValues } from './options.ts';
import { blockOptions, evaluationOptions, viewOptions, webOptions } from './query-options.ts';
import type { QueryWorkerData } from './query-worker-data.ts';
import { serveHttp } from './serve-http.ts';
import { httpOptions } from './shared-options.ts';

const options = {
  ...httpOptions,
  ...blockOptions,
  ...evaluationOptions,
  ...viewOptions,
  ...webOptions,
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

async function run(context: CommandContext, values: Values): Promise<void> {
  const { resources, readiness } = context;
  const engine = startEngine(context, values);
  resources.defer(() => engine.close());
  const storage = openBlocks(context.files, values.blockDirectory);
  const view = viewDefaults(values);
  const { clock } = context;
  const routes: HttpRoute[] = [
    ...queryRoutes({
      engine,
      clock,
      defaults: {
        view,
        lookbackMs: values.lookbackMs,
        timeoutMs: values.timeoutMs,
        stepMs: values.defaultStepMs,
      },
    }),
    ...seriesRoutes({ open: () => storage, clock, view, defaultRangeMs: values.metadataRangeMs }),
    ...statusRoutes({
      clock,
      startMs: clock.nowMs(),
      build: context.build,
      flags: Object.fromEntries(context.flags),
      workingDirectory: process.cwd(),
      system: NO_STORES,
    }),
  ];
  await serveHttp(context, values, {
    routes,
    routePrefix: values.routePrefix,
    allowOtherOrigins: !values.disableCors,
  });
  readiness.setReady();
  await stopped(context);
}

function startEngine(context: CommandContext, values: Values): WorkerEngine {
  const { clock, logger } = context;
  const startData: QueryWorkerData = {
    settings: engineSettings(values),
    memoryBytes: values.workerMemoryBytes,
    storage: { kind: 'blocks', directory: values.blockDirectory },
  };
  return createWorkerEngine({
    workerHost: context.workers,
    clock,
    entry: new URL(
      import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js',
      import.meta.url,
    ),
    startData,
    workers: Math.min(values.workers, availableParallelism()),
    maxConcurrent: values.maxConcurrent,
    onHostCall: async () => ({ value: undefined, transfer: [] }),
    onWorkerLost: (error) => logger.error('a query worker died', { err: errorText(error) }),
  });
}

function engineSettings(values: Values): EngineSettings {
  const has = (feature: string): boolean => values.features.includes(feature);
  return {
    maxSamples: values.maxSamples,
    noStepSubqueryIntervalMs: values.evaluationIntervalMs,
    syntax: {
      experimentalFunctions: has('promql-experimental-functions'),
      extendedRangeSelectors: has('promql-extended-range-selectors'),
      binopFillModifiers: has('promql-binop-fill-modifiers'),
    },
    features: { delayedNameRemoval: has('promql-delayed-name-removal') },
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

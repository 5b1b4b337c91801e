/** What `tsanos prometheus` is made of and how it lives: start, replay, scrape, reload, an orderly end. */
import { createUi, type Ui } from '../api/ui-routes.ts';
import { traceQueries } from '../engine/trace-queries.ts';
import { compileRegex } from '../model/regex.ts';
import { prometheusHttpMetrics } from '../transport/http-metrics.ts';
import { type CommandContext, stopped } from './command.ts';
import { externalAddress, externalPath } from './external-address.ts';
import { readFeatures } from './prometheus-features.ts';
import type { PrometheusValues } from './prometheus-options.ts';
import { type ServerParts, serverProbes, serverRoutes } from './prometheus-routes.ts';
import { serveHttp } from './serve-http.ts';
import { lifecycleApi, type Server, statusApi, targetApi, tsdbApi } from './server-apis.ts';
import { ingestData, openServerConfig, type ServerConfig } from './server-config.ts';
import { serverMetrics } from './server-metrics.ts';
import { mainKernels, mainStorage, serverEngine } from './server-storage.ts';
import { startIngest } from './start-ingest.ts';
import { startScraping } from './start-scraping.ts';
import { ReloadableTracer } from './start-tracing.ts';
import { uiOptions } from './ui-options.ts';

/** How long running requests may go on after the end was asked for. */
const GRACE_MS = 10_000;
const RELOAD_INTERVAL_MIN_MS = 1000;

/** One server, from its start to its end. */
export async function runPrometheus(
  given: CommandContext,
  values: PrometheusValues,
): Promise<void> {
  const tracer = new ReloadableTracer(given);
  given.resources.defer(() => tracer.close());
  const context = { ...given, tracer };
  const { readiness, logger } = context;
  const server = startServer(context, values);
  const { ending, ingest, scraping, config } = server;
  await tracer.apply(config.current.tracing);
  await serve(server);
  const ended = stopped({ stop: ending });
  await Promise.race([ingest.ready, ended]);
  if (!ending.aborted) {
    await scraping.apply(config.current);
    readiness.setReady();
    logger.info('server is ready to receive web requests');
    context.onReload(() => void config.reload().catch(() => undefined)); // it has been logged
    const intervalMs = Math.max(values.autoReloadIntervalMs, RELOAD_INTERVAL_MIN_MS);
    if (values.autoReload) void config.watch(intervalMs, ending);
  }
  await ended;
  readiness.setNotReady('stopping');
}

interface TracedContext extends CommandContext {
  readonly tracer: ReloadableTracer;
}

/** Opens configuration, ingest thread and pools; what is opened is closed with the command, in reverse order. */
function startServer(context: TracedContext, values: PrometheusValues): Server {
  const { clock, files, logger, resources } = context;
  const startMs = clock.nowMs();
  const config = openServerConfig(context, values, (next) => apply(next));
  const directory = dataDirectory(values);
  files.makeDirectory(directory);
  const ingest = startIngest(context, ingestData(directory, values, config.current));
  const scraping = startScraping(context, values, ingest.port);
  resources.defer(() => scraping.stop());
  const apply = async (next: ServerConfig): Promise<void> => {
    await ingest.call('configure', next.settings);
    await scraping.apply(next);
    await context.tracer.apply(next.tracing);
  };
  const quit = new AbortController();
  return {
    context,
    values,
    address: externalAddress(values),
    features: readFeatures(values.features, logger),
    config,
    ingest,
    scraping,
    startMs,
    ending: AbortSignal.any([context.stop, quit.signal]),
    quit: () => quit.abort(),
  };
}

/** Serves from now on: until the storage is open, most routes answer that they are not ready. */
async function serve(server: Server): Promise<void> {
  const { context, values, address, features, ingest, config } = server;
  const kernels = mainKernels();
  const storage = { context, directory: dataDirectory(values), ingest, kernels };
  const parts: ServerParts = {
    clock: context.clock,
    metrics: context.metrics,
    refreshMetrics: serverMetrics(server),
    engine: traceQueries(
      serverEngine(storage, values, {
        features,
        evaluationIntervalMs: config.current.evaluationIntervalMs,
      }),
      context.tracer,
    ),
    storage: mainStorage(storage),
    kernels,
    externalLabels: () => config.current.externalLabels,
    lifecycle: lifecycleApi(server),
    targets: targetApi(server),
    tsdb: tsdbApi(server),
    status: statusApi(server),
    ui: serverUi(server),
    externalPath: externalPath(address),
    routePrefix: address.routePrefix,
  };
  const [httpAddress = '', ...otherAddresses] = values.listenAddresses;
  const origin = compileRegex(values.corsOrigin);
  await serveHttp(
    context,
    { httpAddress, httpGracePeriodMs: GRACE_MS, httpConfigPath: values.webConfigPath },
    {
      routes: serverRoutes(parts, values),
      probes: serverProbes(parts),
      otherAddresses,
      routePrefix: address.routePrefix,
      allowOtherOrigins: (given) => origin.matches(given),
      maxConnections: values.maxConnections,
      readTimeoutMs: values.readTimeoutMs,
      observe: prometheusHttpMetrics,
    },
  );
}

function serverUi({ context, values, address }: Server): Ui {
  return createUi(
    uiOptions(
      context,
      { externalPrefix: externalPath(address), prefixHeader: '' },
      { component: 'prometheus', features: values.features, title: values.pageTitle },
    ),
  );
}

function dataDirectory({ directory }: PrometheusValues): string {
  return directory.replace(/(?<=.)\/+$/, '');
}

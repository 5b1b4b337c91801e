/** What the routes of a server ask, answered by its parts. */
import { availableParallelism, hostname } from 'node:os';
import type { LifecycleApi } from '../api/lifecycle-routes.ts';
import type { Notification, ServerStatusApi } from '../api/server-status-routes.ts';
import type { TargetApi } from '../api/target-routes.ts';
import type { TsdbApi } from '../api/tsdb-routes.ts';
import type { IngestClient } from '../ingest/ingest-client.ts';
import { printDuration } from '../model/duration.ts';
import type { CommandContext } from './command.ts';
import type { ConfigReloader } from './config-reloader.ts';
import type { ExternalAddress } from './external-address.ts';
import { featureTable } from './feature-table.ts';
import type { PromqlFeatures } from './prometheus-features.ts';
import type { PrometheusValues } from './prometheus-options.ts';
import { longestBlockMs, type ServerConfig } from './server-config.ts';
import type { Scraping } from './start-scraping.ts';

/** A running server. */
export interface Server {
  readonly context: CommandContext;
  readonly values: PrometheusValues;
  readonly address: ExternalAddress;
  readonly features: PromqlFeatures;
  readonly config: ConfigReloader<ServerConfig>;
  readonly ingest: IngestClient;
  readonly scraping: Scraping;
  readonly startMs: number;
  /** Aborted when the end has been asked for, by a signal or by a request. */
  readonly ending: AbortSignal;
  readonly quit: () => void;
}

export function lifecycleApi({ context, values, config, ending, quit }: Server): LifecycleApi {
  return {
    readiness: context.readiness,
    isStopping: () => ending.aborted,
    isEnabled: values.enableLifecycle,
    reload: () => config.reload(),
    quit,
  };
}

export function targetApi({ values, address, ingest, scraping }: Server): TargetApi {
  return {
    pools: () => scraping.pools(),
    metadata: (targets, metric) => ingest.call('metadata', { targets, metric }),
    own: { listenAddress: values.listenAddresses[0] ?? '', externalUrl: address.url },
  };
}

export function tsdbApi({ values, ingest }: Server): TsdbApi {
  return {
    async head(limit) {
      const head = await ingest.call('stats', undefined);
      return { head, top: await ingest.call('cardinality', { limit }) };
    },
    blocks: async () => (await ingest.call('stats', undefined)).blocks,
    replay: () => ingest.replay,
    isAdminEnabled: values.enableAdmin,
    deleteSeries: (matchers, minTime, maxTime) =>
      ingest.call('deleteSeries', { matchers, minTime, maxTime }),
    cleanTombstones: () => ingest.call('cleanTombstones', undefined),
    snapshot: (options) => ingest.call('snapshot', options),
  };
}

/** Kinds of discovery that configurations may name. */
const DISCOVERIES = ['dns', 'file', 'http', 'static'];

export function statusApi(server: Server): ServerStatusApi {
  const { context, values, config, features, ingest, startMs } = server;
  const { clock, build, flags, knownFlags } = context;
  const table = featureTable({
    features,
    isAdminEnabled: values.enableAdmin,
    isLifecycleEnabled: values.enableLifecycle,
    isAutoReloading: values.autoReload,
    discoveries: DISCOVERIES,
  });
  return {
    build,
    flags: { ...Object.fromEntries(flags), ...impliedFlags(server) },
    knownFlags,
    runtime: async () => ({
      startMs,
      nowMs: clock.nowMs(),
      workingDirectory: process.cwd(),
      hostname: hostname(),
      isLastReloadGood: config.fault === undefined,
      lastReloadMs: config.lastSuccessMs,
      corruptions: await corruptions(ingest),
      processors: availableParallelism(),
      retention: config.current.retentionText,
    }),
    configYaml: () => config.current.yaml,
    features: () => table,
    notifications: () => notifications(server),
    exemplars: (selectors, minTime, maxTime) =>
      ingest.call('exemplars', { selectors, minTime, maxTime }),
    syntax: features.syntax,
  };
}

/** Values that follow from others: Thanos' sidecar looks at the durations of blocks. */
function impliedFlags({ values, address, config }: Server): Readonly<Record<string, string>> {
  return {
    'storage.tsdb.max-block-duration': printDuration(longestBlockMs(values, config.current)),
    'web.route-prefix': address.routePrefix === '' ? '/' : address.routePrefix,
  };
}

async function corruptions(ingest: IngestClient): Promise<number> {
  const { metrics } = await ingest.call('stats', undefined);
  return metrics.prometheus_tsdb_wal_corruptions_total ?? 0;
}

/** In Prometheus' words. */
function notifications({ context, config, ending, startMs }: Server): readonly Notification[] {
  const note = (text: string, sinceMs: number): Notification => ({ text, sinceMs, isActive: true });
  const { readiness, clock } = context;
  const found: Notification[] = [];
  if (ending.aborted) {
    const text = 'Prometheus is shutting down and gracefully stopping all operations.';
    found.push(note(text, clock.nowMs()));
  } else if (!readiness.isReady) {
    found.push(note('Prometheus is starting and replaying the write-ahead log (WAL).', startMs));
  }
  if (config.fault !== undefined) {
    found.push(note('Configuration reload has failed.', config.faultSinceMs));
  }
  return found;
}

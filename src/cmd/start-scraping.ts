/** Scraping of a server: a pool for each job of the configuration, fed by its discoveries. */
import { hostname } from 'node:os';
import type { PoolView, RelabelRuleView } from '../api/target-routes.ts';
import { OperationError } from '../base/errors.ts';
import { declareDiscoveryMetrics } from '../discovery/discovery-metrics.ts';
import { runDiscovery } from '../discovery/run-discovery.ts';
import { printLabels } from '../model/labels-text.ts';
import { compileRelabel } from '../model/relabel.ts';
import type { RelabelConfig } from '../model/relabel-config.ts';
import type { IngestPort } from '../scrape/ingest-port.ts';
import type { ScrapeConfig } from '../scrape/scrape-config.ts';
import { declareScrapeMetrics } from '../scrape/scrape-metrics.ts';
import { type PoolParts, ScrapePool } from '../scrape/scrape-pool.ts';
import { createSettledClient } from '../transport/settled-client.ts';
import { realDnsResolver } from '../world/dns-resolver.ts';
import type { CommandContext } from './command.ts';
import { JobSet } from './job-set.ts';
import type { PrometheusValues } from './prometheus-options.ts';
import type { ServerConfig } from './server-config.ts';

export interface Scraping {
  /** Rejects with OperationError when a job cannot be acted on: it goes on as before. */
  apply(config: ServerConfig): Promise<void>;
  pools(): readonly PoolView[];
  /** To be called before metrics are printed. */
  observe(): void;
  stop(): Promise<void>;
}

export function startScraping(
  context: CommandContext,
  values: PrometheusValues,
  port: IngestPort,
): Scraping {
  const { clock, files, logger, metrics, build, environment } = context;
  let config: ServerConfig | undefined;
  let lastKey = 0;
  const createClient: PoolParts['createClient'] = (settings) =>
    createSettledClient({ files, settings, environment, clock });
  const parts: PoolParts = {
    port,
    clock,
    logger,
    metrics: declareScrapeMetrics(metrics),
    createClient,
    nextKey: () => ++lastKey,
    userAgent: `Prometheus/${build.version}`,
    phaseSeed: '',
    toleranceMs: values.adjustTimestamps ? values.timestampToleranceMs : 0,
    logFailure(file, { timeMs, job, target, error }) {
      const line = { time: new Date(timeMs).toISOString(), level: 'ERROR', msg: error };
      files.append(file, Buffer.from(`${JSON.stringify({ ...line, job_name: job, target })}\n`));
    },
  };
  const discovery = {
    ...{ files, clock, logger, createClient },
    resolver: realDnsResolver,
    metrics: declareDiscoveryMetrics(metrics),
  };
  const jobs = new JobSet<ScrapeConfig, ScrapePool>({
    clock,
    syncIntervalMs: values.discoveryReloadMs,
    createPool: ({ settings }) =>
      new ScrapePool({ ...parts, phaseSeed: phaseSeed(config) }, settings),
    async discover(found, jobName, signal, onGroups) {
      try {
        await runDiscovery(found, discovery, { jobName, signal, onGroups });
      } catch (error) {
        if (!(error instanceof OperationError)) throw error;
        logger.error('discovery ended', { job: jobName, err: error });
      }
    },
  });
  return {
    async apply(next) {
      config = next;
      await jobs.apply(next.jobs);
    },
    pools: () => jobs.pools.map((pool) => poolView(pool, config)),
    observe() {
      for (const pool of jobs.pools) pool.observeMetadata();
    },
    stop: () => jobs.stop(),
  };
}

/** Replicas differ in it, so that they do not scrape a target at the same moment. */
function phaseSeed(config: ServerConfig | undefined): string {
  return `${hostname()} ${printLabels(config?.externalLabels ?? [])}`;
}

function poolView(pool: ScrapePool, server: ServerConfig | undefined): PoolView {
  const { config } = pool;
  const { kept, count } = pool.dropped();
  const steps = compileRelabel(config.relabelConfigs, config.metricNameValidationScheme);
  return {
    name: config.jobName,
    configYaml: server?.jobYaml.get(config.jobName) ?? '',
    relabelRules: config.relabelConfigs.map(
      (rule, i): RelabelRuleView => ({
        json: ruleJson(rule),
        apply: (labels) => steps[i]?.(labels),
      }),
    ),
    targets: pool.targets(),
    dropped: kept,
    droppedCount: count,
  };
}

/** As Prometheus shows it: what is empty is left out. */
function ruleJson(rule: RelabelConfig): unknown {
  const { sourceLabels, separator, regex, modulus, targetLabel, replacement, action } = rule;
  return {
    ...(sourceLabels.length === 0 ? {} : { source_labels: sourceLabels }),
    separator,
    regex,
    ...(modulus === 0 ? {} : { modulus }),
    ...(targetLabel === '' ? {} : { target_label: targetLabel }),
    replacement,
    action,
  };
}

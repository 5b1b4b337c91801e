/** Scraping of a server: a pool for each job of the configuration, fed by its discoveries. */
import { hostname } from 'node:os';
import type { PoolView, RelabelRuleView } from '../api/target-routes.ts';
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import { type DiscoveryMetrics, declareDiscoveryMetrics } from '../discovery/discovery-metrics.ts';
import { runDiscovery } from '../discovery/run-discovery.ts';
import { printLabels } from '../model/labels-text.ts';
import { compileRelabel } from '../model/relabel.ts';
import type { RelabelConfig } from '../model/relabel-config.ts';
import type { IngestPort } from '../scrape/ingest-port.ts';
import { PageBuffers } from '../scrape/page-buffers.ts';
import type { ScrapeConfig } from '../scrape/scrape-config.ts';
import { declareScrapeMetrics } from '../scrape/scrape-metrics.ts';
import { type PoolParts, ScrapePool } from '../scrape/scrape-pool.ts';
import { createSettledClient } from '../transport/settled-client.ts';
import { realDnsResolver } from '../world/dns-resolver.ts';
import type { CommandContext } from './command.ts';
import { JobSet, type JobSetOptions } from './job-set.ts';
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
  const userAgent = `Prometheus/${build.version}`;
  const createClient: PoolParts['createClient'] = (settings) =>
    createSettledClient({ files, settings, environment, clock, userAgent });
  const parts: PoolParts = {
    port,
    clock,
    logger,
    metrics: declareScrapeMetrics(metrics),
    createClient,
    buffers: new PageBuffers(),
    nextKey: () => ++lastKey,
    userAgent,
    phaseSeed: '',
    toleranceMs: values.adjustTimestamps ? values.timestampToleranceMs : 0,
    logFailure(file, { timeMs, job, target, error }) {
      const line = { time: new Date(timeMs).toISOString(), level: 'ERROR', msg: error };
      files.append(file, Buffer.from(`${JSON.stringify({ ...line, job_name: job, target })}\n`));
    },
  };
  const discoveryMetrics = declareDiscoveryMetrics(metrics);
  const discovery = {
    ...{ files, clock, logger, createClient },
    resolver: realDnsResolver,
    metrics: discoveryMetrics,
  };
  const jobs = new JobSet<ScrapeConfig, ScrapePool>({
    clock,
    syncIntervalMs: values.discoveryReloadMs,
    createPool: ({ settings }) =>
      new ScrapePool({ ...parts, phaseSeed: phaseSeed(config) }, settings),
    ...countTargets(discoveryMetrics, clock),
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

/** Tells the metrics what discoveries find, by job. */
function countTargets(
  metrics: DiscoveryMetrics,
  clock: Clock,
): Required<Pick<JobSetOptions<ScrapeConfig, ScrapePool>, 'onFound' | 'onSync'>> {
  const name = 'scrape';
  return {
    onFound: () => metrics.received.inc({ name }),
    onSync(config, groups) {
      if (groups === undefined) {
        metrics.targets.remove({ name, config });
        metrics.updated.remove({ name, config });
        return;
      }
      metrics.sent.inc({ name });
      metrics.targets.set(
        { name, config },
        groups.reduce((sum, { targets }) => sum + targets.length, 0),
      );
      metrics.updated.set({ name, config }, clock.nowMs() / 1000);
    },
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

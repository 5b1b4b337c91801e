/** The configuration of a server: its file and its flags together, as its parts need it. */
import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { loadPrometheusConfig, type PrometheusConfig } from '../config/prometheus-config.ts';
import { findFiles } from '../discovery/file-pattern.ts';
import type { IngestSettings, RetentionSettings } from '../ingest/protocol.ts';
import { printByteSize } from '../model/byte-size.ts';
import { printDuration } from '../model/duration.ts';
import type { Labels } from '../model/labels.ts';
import type { ScrapeConfig } from '../scrape/scrape-config.ts';
import type { TracingConfig } from '../transport/tracing-config.ts';
import type { CommandContext } from './command.ts';
import { ConfigReloader } from './config-reloader.ts';
import type { IngestWorkerData } from './ingest-worker-data.ts';
import type { Job } from './job-set.ts';
import type { PrometheusValues } from './prometheus-options.ts';

export interface ServerConfig {
  readonly externalLabels: Labels;
  readonly jobs: readonly Job<ScrapeConfig>[];
  readonly evaluationIntervalMs: number;
  readonly settings: IngestSettings;
  readonly tracing: TracingConfig | undefined;
  /** Such as `15d or 512MiB`. */
  readonly retentionText: string;
  /** The effective configuration, secrets hidden. */
  readonly yaml: string;
  /** Of each job. */
  readonly jobYaml: ReadonlyMap<string, string>;
  /** Paths and patterns of the other files that it consists of. */
  readonly otherFiles: readonly string[];
}

const DEFAULT_RETENTION_MS = 15 * 86_400_000;
/** A block holds at most this share of the retention. */
const LONGEST_BLOCK_SHARE = 0.1;
const LONGEST_BLOCK_MS = 31 * 86_400_000;

/** Reads it for the first time. Throws OperationError 'bad-data' with file and line. */
export function openServerConfig(
  context: CommandContext,
  values: PrometheusValues,
  apply: (config: ServerConfig) => Promise<void>,
): ConfigReloader<ServerConfig> {
  const { clock, logger, metrics, files } = context;
  const path = values.configFile;
  return new ConfigReloader({
    load: () => load(context, values),
    apply,
    fingerprint: ({ otherFiles }) => {
      const hash = createHash('sha256');
      for (const name of [path, ...otherFiles.flatMap((pattern) => findFiles(files, pattern))]) {
        const isThere = files.stat(name) !== undefined;
        hash.update(name).update(isThere ? files.readFile(name) : 'is not there');
      }
      return hash.digest('hex');
    },
    path,
    clock,
    logger,
    metrics,
  });
}

function load(context: CommandContext, values: PrometheusValues): ServerConfig {
  const { files, environment, logger } = context;
  const path = values.configFile;
  const text = new TextDecoder().decode(files.readFile(path));
  const { config, warnings } = loadPrometheusConfig(text, { path, files, environment });
  for (const warning of warnings) logger.warn('configuration', { warning });
  const retention = retentionOf(values, config);
  const hasExtraMetrics = values.features.includes('extra-scrape-metrics');
  return {
    externalLabels: config.externalLabels,
    jobs: config.jobs.map(({ config: job, discoveries }) => ({
      name: job.jobName,
      settings: hasExtraMetrics ? { ...job, extraScrapeMetrics: true } : job,
      discoveries,
    })),
    evaluationIntervalMs: config.evaluationIntervalMs,
    settings: { maxExemplars: Math.max(0, config.storage.exemplars.max_exemplars), retention },
    tracing: config.tracing,
    retentionText: retentionText(retention),
    yaml: printYaml(config.shown),
    jobYaml: new Map(config.jobs.map(({ config: job, shown }) => [job.jobName, printYaml(shown)])),
    otherFiles: [...config.ruleFiles, ...config.scrapeConfigFiles],
  };
}

/** The file goes before the flags; with neither, fifteen days. */
function retentionOf(values: PrometheusValues, { storage }: PrometheusConfig): RetentionSettings {
  const { time, size, percentage } = storage.tsdb.retention;
  const isInFile = time > 0 || size > 0 || percentage > 0;
  const timeMs = isInFile ? time : (values.retentionMs ?? 0);
  const sizeBytes = isInFile ? size : (values.retentionBytes ?? 0);
  const isWithout = timeMs === 0 && sizeBytes === 0 && percentage === 0;
  return { timeMs: isWithout ? DEFAULT_RETENTION_MS : timeMs, sizeBytes, percentage };
}

function retentionText({ timeMs, sizeBytes, percentage }: RetentionSettings): string {
  const parts = [
    ...(timeMs > 0 ? [printDuration(timeMs)] : []),
    ...(sizeBytes > 0 ? [printByteSize(sizeBytes)] : []),
    ...(percentage > 0 ? [`${percentage}%`] : []),
  ];
  return parts.join(' or ');
}

function printYaml(value: unknown): string {
  return stringify(value, { indentSeq: false, lineWidth: 0, aliasDuplicateObjects: false });
}

/** How much time a block may hold at most. */
export function longestBlockMs(values: PrometheusValues, { settings }: ServerConfig): number {
  const { timeMs } = settings.retention;
  const share = timeMs === 0 ? Infinity : Math.floor(timeMs * LONGEST_BLOCK_SHARE);
  return values.maxBlockMs ?? Math.min(LONGEST_BLOCK_MS, share);
}

export function ingestData(
  directory: string,
  values: PrometheusValues,
  config: ServerConfig,
): IngestWorkerData {
  return {
    directory,
    settings: config.settings,
    headMemoryBytes: values.headMemoryBytes,
    minBlockMs: values.minBlockMs,
    maxBlockMs: longestBlockMs(values, config),
    withLockFile: !values.withoutLockFile,
    walCompression: values.walCompression ? values.walCompressionType : 'none',
    walSegmentBytes: values.walSegmentBytes,
  };
}

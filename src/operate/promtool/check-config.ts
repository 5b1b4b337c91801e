/**
 * What `promtool check config` finds in a prometheus.yml beyond its own syntax: files that it names and that are not
 * there, target files that cannot be read, addresses that are none. Source: promtool of Prometheus 3.14.
 */
import { OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';
import { type AlertmanagerJob, loadPrometheusConfig } from '../../config/prometheus-config.ts';
import type { ScrapeJob } from '../../config/scrape-section.ts';
import type { DiscoveryConfig } from '../../discovery/discovery-config.ts';
import { findFiles } from '../../discovery/file-pattern.ts';
import { readGroupFile } from '../../discovery/read-groups.ts';
import type { TargetGroup } from '../../discovery/target-group.ts';
import { printDuration } from '../../model/duration.ts';
import { labelPairs, labelValue, makeLabels } from '../../model/labels.ts';
import { compileRelabel, relabel } from '../../model/relabel.ts';
import { findTargets } from '../../scrape/scrape-target.ts';
import type { SecretText } from '../../transport/client-settings.ts';

export interface CheckConfigOptions {
  readonly files: FileSystem;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isAgent: boolean;
  /** Nothing but the file itself is looked at. */
  readonly isSyntaxOnly: boolean;
  /** A scrape interval above it makes series look stale between scrapes; undefined is not looked for. */
  readonly lookbackMs: number | undefined;
}

export interface ConfigFindings {
  readonly warnings: readonly string[];
  readonly ruleFiles: readonly string[];
  /** Questionable, but no error. */
  readonly lints: readonly string[];
}

/** Throws OperationError for a configuration that would not be loaded or acted on. */
export function checkConfig(path: string, options: CheckConfigOptions): ConfigFindings {
  const { files, environment, isAgent, isSyntaxOnly, lookbackMs } = options;
  const text = new TextDecoder().decode(files.readFile(path));
  const loaded = loadPrometheusConfig(text, { path, files, environment, isAgent });
  const { config } = loaded;
  const warnings = [...loaded.warnings];
  if (isSyntaxOnly) return { warnings, ruleFiles: [], lints: [] };
  const ruleFiles = config.ruleFiles.flatMap((pattern) => namedFiles(pattern, files));
  for (const job of config.jobs) {
    checkSecrets(job, files);
    const where = `scrape job "${job.config.jobName}"`;
    const groups = job.discoveries.flatMap((one) => knownGroups(one, { files, where, warnings }));
    const [failure] = findTargets(job.config, groups).failures;
    if (failure !== undefined) throw problem(`${where}: ${failure}`);
  }
  for (const alertmanager of config.alertmanagers) {
    checkAlertmanager(alertmanager, { files, where: 'alertmanager config', warnings });
  }
  return { warnings, ruleFiles, lints: longIntervals(config.jobs, lookbackMs) };
}

interface Place {
  readonly files: FileSystem;
  readonly where: string;
  readonly warnings: string[];
}

function problem(message: string): OperationError {
  return new OperationError('bad-data', message);
}

/** A pattern may match nothing, a path may not. */
function namedFiles(pattern: string, files: FileSystem): readonly string[] {
  const found = findFiles(files, pattern);
  if (found.length > 0 || /[*?[]/.test(pattern)) return found;
  throw problem(`"${pattern}" does not point to an existing file`);
}

function checkSecrets({ config: { client } }: ScrapeJob, files: FileSystem): void {
  const named: readonly (readonly [string, SecretText | undefined])[] = [
    ['authorization credentials or bearer token file', client.authorization?.credentials],
    ['client cert file', client.tls.cert],
    ['client key file', client.tls.key],
  ];
  for (const [what, secret] of named) {
    if (secret?.kind !== 'file' || files.stat(secret.path) !== undefined) continue;
    throw problem(`error checking ${what} "${secret.path}": no such file`);
  }
}

/** Groups that are known without asking anybody. */
function knownGroups(config: DiscoveryConfig, place: Place): readonly TargetGroup[] {
  if (config.kind === 'static') return config.groups;
  if (config.kind !== 'file') return [];
  return config.files.flatMap((pattern) => {
    const found = findFiles(place.files, pattern);
    if (found.length === 0) {
      place.warnings.push(`file "${pattern}" for file_sd in ${place.where} does not exist`);
    }
    return found.flatMap((path) => readGroupFile(place.files, path));
  });
}

function checkAlertmanager({ discoveries, relabelConfigs }: AlertmanagerJob, place: Place): void {
  const steps = compileRelabel(relabelConfigs, 'utf8');
  for (const { labels, targets } of discoveries.flatMap((one) => knownGroups(one, place))) {
    for (const target of targets) {
      const all = makeLabels([...labelPairs(labels), ...labelPairs(target)]);
      const address = labelValue(relabel(steps, all) ?? [], '__address__');
      if (!address.includes('/')) continue;
      throw problem(`${place.where}: "${address}" is not a valid hostname`);
    }
  }
}

function longIntervals(jobs: readonly ScrapeJob[], lookbackMs: number | undefined): string[] {
  if (lookbackMs === undefined) return [];
  return jobs
    .filter(({ config }) => config.scrapeIntervalMs >= lookbackMs)
    .map(({ config }) => {
      const interval = printDuration(config.scrapeIntervalMs);
      const what = 'long scrape interval found: series will look stale between scrapes';
      return `${what}. Job: ${config.jobName}. Interval: ${interval}`;
    });
}

/**
 * prometheus.yml, read strictly: every key of Prometheus 3.14 is known and checked, any other is an error, and each error
 * names file, line and column. What is valid but has no effect yet is told once.
 */
import { dirname, isAbsolute, join } from 'node:path';
import { OperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import { parseYaml, type YamlValue } from '../base/yaml.ts';
import type { DiscoveryConfig } from '../discovery/discovery-config.ts';
import { findFiles, isFilePattern } from '../discovery/file-pattern.ts';
import { type Labels, makeLabels } from '../model/labels.ts';
import type { RelabelConfig } from '../model/relabel-config.ts';
import type { TracingConfig } from '../transport/tracing-config.ts';
import { type AlertingSection, alertingSection, checkAlerting } from './alerting-section.ts';
import { discoveryConfigs } from './discovery-sections.ts';
import { expandVariables } from './expand-variables.ts';
import { type GlobalSection, globalSection } from './global-section.ts';
import { checkRelabel, plainRelabel } from './relabel-section.ts';
import { remoteFault, remoteReadSections, remoteWriteSections } from './remote-sections.ts';
import {
  type Fault,
  type Field,
  type FieldsOf,
  integer,
  noEffect,
  optional,
  printSection,
  type ReadScope,
  section,
  texts,
  type ValueOf,
} from './schema.ts';
import { type ScrapeJob, scrapeJob, scrapeSections, type WrittenScrape } from './scrape-section.ts';
import { type StorageSection, storageSection } from './storage-section.ts';
import {
  otlpSection,
  tracingConfig,
  tracingSection,
  translationFault,
} from './telemetry-sections.ts';

export interface PrometheusConfig {
  readonly evaluationIntervalMs: number;
  readonly externalLabels: Labels;
  readonly jobs: readonly ScrapeJob[];
  /** Paths and patterns as they are written, resolved. */
  readonly ruleFiles: readonly string[];
  /** Likewise; the jobs of these files are among `jobs`. */
  readonly scrapeConfigFiles: readonly string[];
  readonly storage: StorageSection;
  /** Undefined: nothing is traced. */
  readonly tracing: TracingConfig | undefined;
  readonly alertmanagers: readonly AlertmanagerJob[];
  /** The effective configuration as plain data, secrets hidden. */
  readonly shown: Readonly<Record<string, unknown>>;
}

/** Where Alertmanagers are found. */
export interface AlertmanagerJob {
  readonly discoveries: readonly DiscoveryConfig[];
  readonly relabelConfigs: readonly RelabelConfig[];
}

export interface LoadOptions {
  /** Names the file in errors; relative paths are resolved against its directory. */
  readonly path: string;
  readonly files: FileSystem;
  /** For `$NAME` in external labels. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** An agent has no rules, no alerts and reads nothing back. */
  readonly isAgent?: boolean;
}

export interface LoadedConfig {
  readonly config: PrometheusConfig;
  /** Each with its place. */
  readonly warnings: readonly string[];
}

interface MainSection {
  readonly global: GlobalSection;
  readonly runtime: { readonly gogc: number };
  readonly alerting: AlertingSection | undefined;
  readonly rule_files: readonly string[];
  readonly scrape_config_files: readonly string[];
  readonly scrape_configs: readonly WrittenScrape[];
  readonly storage: StorageSection;
  readonly tracing: ValueOf<typeof tracingSection> | undefined;
  readonly remote_write: ValueOf<typeof remoteWriteSections>;
  readonly remote_read: ValueOf<typeof remoteReadSections>;
  readonly otlp: ValueOf<typeof otlpSection>;
}

const FIELDS: FieldsOf<MainSection> = {
  global: globalSection,
  runtime: section({ gogc: integer(75) }),
  alerting: noEffect(optional(alertingSection)),
  rule_files: noEffect(filePatterns('rule')),
  scrape_config_files: filePatterns('scrape config'),
  scrape_configs: scrapeSections,
  storage: storageSection,
  tracing: optional(tracingSection),
  remote_write: remoteWriteSections,
  remote_read: remoteReadSections,
  otlp: noEffect(otlpSection),
};

const mainSection: Field<MainSection> = section(FIELDS);
const fileSection = section({ scrape_configs: scrapeSections });

/** Throws OperationError 'bad-data' with the place of the first thing that is wrong. */
export function loadPrometheusConfig(content: string, options: LoadOptions): LoadedConfig {
  const warnings: string[] = [];
  const root = parseYaml(content, options.path);
  const main = mainSection.read(root, readScope(options.path, warnings));
  checkMain(main, root, options.isAgent === true);
  const jobs = loadJobs(main, options, warnings);
  const complete = { ...main, global: expandGlobal(main.global, options, warnings) };
  const config: PrometheusConfig = {
    evaluationIntervalMs: main.global.evaluation_interval,
    externalLabels: makeLabels(complete.global.external_labels),
    jobs,
    ruleFiles: main.rule_files,
    scrapeConfigFiles: main.scrape_config_files,
    storage: main.storage,
    tracing: tracingConfig(main.tracing),
    alertmanagers: (main.alerting?.alertmanagers ?? []).map((one) => ({
      discoveries: discoveryConfigs(one),
      relabelConfigs: plainRelabel(one.relabel_configs),
    })),
    shown: showConfig(complete, jobs),
  };
  return { config, warnings: [...new Set(warnings)] };
}

function readScope(file: string, warnings: string[]): ReadScope {
  const directory = dirname(file);
  return {
    resolve: (given) => (isAbsolute(given) ? given : join(directory, given)),
    warn: (value, message) => void warnings.push(`${value.place} ${message}`),
  };
}

/** Throws OperationError 'bad-data' for what sections say about each other. */
function checkMain(main: MainSection, root: YamlValue, isAgent: boolean): void {
  const scheme = main.global.metric_name_validation_scheme;
  const fault =
    remoteFault(main.remote_write, main.remote_read) ??
    translationFault(main.otlp, scheme) ??
    (isAgent ? agentFault(main) : undefined);
  if (fault !== undefined) throw root.fault(fault);
  if (main.alerting !== undefined) checkAlerting(main.alerting, scheme);
  for (const { write_relabel_configs } of main.remote_write) {
    checkRelabel(write_relabel_configs, scheme);
  }
}

function agentFault({ alerting, rule_files, remote_read }: MainSection): Fault {
  const { alert_relabel_configs = [], alertmanagers = [] } = alerting ?? {};
  if (alert_relabel_configs.length > 0 || alertmanagers.length > 0) {
    return 'field alerting is not allowed in agent mode';
  }
  if (rule_files.length > 0) return 'field rule_files is not allowed in agent mode';
  if (remote_read.length > 0) return 'field remote_read is not allowed in agent mode';
  return undefined;
}

/** Jobs of the file, then those of the files that it names. A job's name stands once in all of them. */
function loadJobs(
  main: MainSection,
  { files }: LoadOptions,
  warnings: string[],
): readonly ScrapeJob[] {
  const seen = new Map<string, string>();
  const take = (written: WrittenScrape, from: string): ScrapeJob => {
    const name = written.section.job_name;
    const first = seen.get(name);
    if (first !== undefined) {
      const also = `found multiple scrape configs with job name "${name}"`;
      throw written.value.fault(`${also}, first found in ${first}`);
    }
    seen.set(name, from);
    return scrapeJob(written, main.global);
  };
  const own = main.scrape_configs.map((written) => take(written, 'this file'));
  const paths = main.scrape_config_files.flatMap((pattern) => findFiles(files, pattern));
  const named = paths.flatMap((path) => {
    const root = parseYaml(readText(files, path), path);
    const { scrape_configs } = fileSection.read(root, readScope(path, warnings));
    return scrape_configs.map((written) => take(written, path));
  });
  return [...own, ...named];
}

function readText(files: FileSystem, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(files.readFile(path));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new OperationError('bad-data', `${path} is not UTF-8`);
  }
}

function expandGlobal(
  global: GlobalSection,
  { environment, path }: LoadOptions,
  warnings: string[],
): GlobalSection {
  const expand = (value: string): string =>
    expandVariables(value, environment, (name) => {
      warnings.push(`${path}: global.external_labels: the environment has no ${name}`);
    });
  const labels = global.external_labels.map(([name, value]) => [name, expand(value)] as const);
  return { ...global, external_labels: labels };
}

function filePatterns(what: string): Field<readonly string[]> {
  const base = texts();
  const read = (value: YamlValue, scope: ReadScope): readonly string[] =>
    base.read(value, scope).map((given) => {
      if (isFilePattern(given)) return scope.resolve(given);
      const rule = 'only the last element of a path may have wildcards';
      throw value.fault(`invalid ${what} file path "${given}": ${rule}`);
    });
  return { ...base, read };
}

/** Jobs of other files are not shown here, as in Prometheus. */
function showConfig(
  main: MainSection,
  jobs: readonly ScrapeJob[],
): Readonly<Record<string, unknown>> {
  const shown = printSection(FIELDS, main) ?? {};
  const own = jobs.slice(0, main.scrape_configs.length).map((job) => job.shown);
  return own.length === 0 ? shown : { ...shown, scrape_configs: own };
}

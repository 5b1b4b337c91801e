/**
 * Writes the configuration of one Prometheus replica: itself, its twin, every component, the targets that were asked for,
 * and all that somebody's own prometheus.yml says.
 */
import { dirname, isAbsolute, resolve } from 'node:path';
import { stringify } from 'yaml';
import { parseYaml } from '../base/yaml.ts';

export interface ScrapeJob {
  readonly name: string;
  /** host:port each. */
  readonly targets: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** A prometheus.yml as plain data, ready to be put into another file: its paths are absolute. */
export interface UserConfig {
  readonly global: Fields;
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly scrapeConfigs: readonly Fields[];
  /** All other sections. */
  readonly rest: Fields;
  /** Jobs that have the name of one of ours, and run under another. */
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
}

export const NO_USER_CONFIG: UserConfig = {
  global: {},
  externalLabels: {},
  scrapeConfigs: [],
  rest: {},
  renamed: [],
};

export interface ReplicaConfig {
  /** The user's own win over them, but for the replica label. */
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly replica: string;
  readonly scrapeIntervalSeconds: number;
  readonly jobs: readonly ScrapeJob[];
  readonly user: UserConfig;
}

/** Our own jobs keep our interval, whatever the user's global section says of his. */
export function printPrometheusConfig(config: ReplicaConfig): string {
  const { user, replica, jobs } = config;
  const interval = `${config.scrapeIntervalSeconds}s`;
  const text = stringify({
    ...user.rest,
    global: {
      scrape_interval: interval,
      evaluation_interval: interval,
      ...user.global,
      external_labels: { ...config.externalLabels, ...user.externalLabels, replica },
    },
    scrape_configs: [
      ...jobs.map(({ name, targets }) => ({
        job_name: name,
        scrape_interval: interval,
        static_configs: [{ targets }],
      })),
      ...user.scrapeConfigs,
    ],
  });
  return `# Written by tsanos up at every start: changes here are lost.\n${text}`;
}

/** Throws OperationError 'bad-data' naming the place. What the sections say is for Prometheus to judge. */
export function readUserConfig(
  text: string,
  path: string,
  takenNames: readonly string[],
): UserConfig {
  const fields = new Map(parseYaml(text, path).entries());
  const { external_labels: _, ...global } = Object.fromEntries(
    (fields.get('global')?.entries() ?? []).map(([key, value]) => [key, value.plain()]),
  );
  const labels = new Map(fields.get('global')?.entries() ?? []).get('external_labels');
  const renamed: { readonly from: string; readonly to: string }[] = [];
  const jobs = (fields.get('scrape_configs')?.list() ?? []).map((entry) => {
    const name = new Map(entry.entries()).get('job_name');
    if (name === undefined) throw entry.fault('has no job_name');
    const job = entry.plain() as Fields;
    if (!takenNames.includes(name.text())) return job;
    const to = `user-${name.text()}`;
    renamed.push({ from: name.text(), to });
    return { ...job, job_name: to };
  });
  const folder = dirname(resolve(path));
  const rest = [...fields]
    .filter(([key]) => key !== 'global' && key !== 'scrape_configs')
    .map(([key, value]) => [key, value.plain()]);
  return {
    global: withAbsolutePaths(global, folder) as Fields,
    externalLabels: Object.fromEntries(
      (labels?.entries() ?? []).map(([name, value]) => [name, value.text()]),
    ),
    scrapeConfigs: withAbsolutePaths(jobs, folder) as readonly Fields[],
    rest: withAbsolutePaths(Object.fromEntries(rest), folder) as Fields,
    renamed,
  };
}

/** Whose texts are paths, relative to the file they stand in, beside every key that ends with `_file`. */
const PATH_LISTS = ['files', 'rule_files', 'scrape_config_files'];

function withAbsolutePaths(value: unknown, folder: string, key = ''): unknown {
  if (typeof value === 'string') {
    const isPath = key.endsWith('_file') || PATH_LISTS.includes(key);
    return isPath && value !== '' && !isAbsolute(value) ? resolve(folder, value) : value;
  }
  if (Array.isArray(value)) return value.map((item) => withAbsolutePaths(item, folder, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, withAbsolutePaths(item, folder, name)]),
  );
}

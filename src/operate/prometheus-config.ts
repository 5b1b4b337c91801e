/** Writes the configuration of one Prometheus replica: itself, its twin, every component, and what else was asked for. */
import { dirname, isAbsolute, resolve } from 'node:path';
import { stringify } from 'yaml';
import { parseYaml, type YamlValue } from '../base/yaml.ts';

export interface ScrapeJob {
  readonly name: string;
  /** host:port each. */
  readonly targets: readonly string[];
}

/** An entry of scrape_configs, as plain data. */
export type ScrapeConfig = Readonly<Record<string, unknown>>;

export interface ReplicaConfig {
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly scrapeIntervalSeconds: number;
  readonly jobs: readonly ScrapeJob[];
  readonly more: readonly ScrapeConfig[];
}

export function printPrometheusConfig(config: ReplicaConfig): string {
  const interval = `${config.scrapeIntervalSeconds}s`;
  const text = stringify({
    global: {
      scrape_interval: interval,
      evaluation_interval: interval,
      external_labels: config.externalLabels,
    },
    scrape_configs: [
      ...config.jobs.map(({ name, targets }) => ({
        job_name: name,
        static_configs: [{ targets }],
      })),
      ...config.more,
    ],
  });
  return `# Written by tsanos up at every start: changes here are lost.\n${text}`;
}

/**
 * The scrape_configs of somebody's prometheus.yml, ready to be put into another file: relative paths are made
 * absolute, and the file's own global interval and timeout are written into each entry that has none. Throws
 * OperationError naming the place, also for a job whose name is among `takenNames`.
 */
export function readScrapeConfigs(
  text: string,
  path: string,
  takenNames: readonly string[],
): readonly ScrapeConfig[] {
  const fields = new Map(parseYaml(text, path).entries());
  const global = new Map(fields.get('global')?.entries() ?? []);
  const inherited = ['scrape_interval', 'scrape_timeout'].flatMap((key) => {
    const value = global.get(key);
    return value === undefined ? [] : [[key, value.text()] as const];
  });
  return (fields.get('scrape_configs')?.list() ?? []).map((entry) => {
    checkName(entry, takenNames);
    const own = withAbsolutePaths(entry.plain(), dirname(resolve(path)));
    return { ...Object.fromEntries(inherited), ...(own as ScrapeConfig) };
  });
}

function checkName(entry: YamlValue, takenNames: readonly string[]): void {
  const name = new Map(entry.entries()).get('job_name');
  if (name === undefined) throw entry.fault('has no job_name');
  if (takenNames.includes(name.text())) {
    throw name.fault(`${name.text()} is a job of Tsanos itself: give yours another name`);
  }
}

/** Prometheus takes paths relative to the file they stand in: `…_file` anywhere, and `files` of file_sd_configs. */
function withAbsolutePaths(value: unknown, folder: string, key = ''): unknown {
  if (typeof value === 'string') {
    const isPath = key.endsWith('_file') || key === 'files';
    return isPath && value !== '' && !isAbsolute(value) ? resolve(folder, value) : value;
  }
  if (Array.isArray(value)) return value.map((item) => withAbsolutePaths(item, folder, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, withAbsolutePaths(item, folder, name)]),
  );
}

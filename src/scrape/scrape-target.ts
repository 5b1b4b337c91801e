/**
 * Targets: what discovery found, relabeled and checked. Source: PopulateLabels and Target of Prometheus 3.14's scrape
 * package.
 */
import { errorText, OperationError } from '../base/errors.ts';
import type { TargetGroup } from '../discovery/target-group.ts';
import { parsePrometheusDuration, printDuration } from '../model/duration.ts';
import { type Labels, labelPairs, labelValue, makeLabels } from '../model/labels.ts';
import { quoteText } from '../model/labels-text.ts';
import { compileRelabel, type RelabelStep, relabel } from '../model/relabel.ts';
import type { ScrapeConfig } from './scrape-config.ts';

const ADDRESS = '__address__';
const SCHEME = '__scheme__';
const METRICS_PATH = '__metrics_path__';
const INTERVAL = '__scrape_interval__';
const TIMEOUT = '__scrape_timeout__';
const PARAM_PREFIX = '__param_';
const META_PREFIX = '__meta_';

const SWITCHES = {
  __convert_classic_histograms_to_nhcb__: 'convert classic histograms to nhcb',
  __always_scrape_classic_histograms__: 'always scrape classic histograms',
  __scrape_native_histograms__: 'scrape native histograms',
} as const;

const TRUE = /^(1|t|T|TRUE|true|True)$/;
const FALSE = /^(0|f|F|FALSE|false|False)$/;

export interface ScrapeTarget {
  /** Equal for targets whose pages become the same series. */
  readonly identity: string;
  readonly discoveredLabels: Labels;
  /** Those that its series get. */
  readonly labels: Labels;
  readonly url: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly scrapeNativeHistograms: boolean;
  readonly alwaysScrapeClassicHistograms: boolean;
  readonly convertClassicHistogramsToNhcb: boolean;
}

export interface FoundTargets {
  /** Each once. */
  readonly targets: readonly ScrapeTarget[];
  /** Discovered labels of those that relabeling drops. */
  readonly dropped: readonly Labels[];
  /** Why others are no targets. */
  readonly failures: readonly string[];
}

/** Throws OperationError 'bad-data' for relabeling that does not compile. */
export function findTargets(config: ScrapeConfig, groups: readonly TargetGroup[]): FoundTargets {
  const steps = compileRelabel(config.relabelConfigs, config.metricNameValidationScheme);
  const targets = new Map<string, ScrapeTarget>();
  const dropped: Labels[] = [];
  const failures: string[] = [];
  for (const group of groups) {
    group.targets.forEach((own, i) => {
      const discovered = discoveredLabels(config, own, group.labels);
      try {
        const target = makeTarget(config, steps, discovered);
        if (target === undefined) dropped.push(discovered);
        else if (!targets.has(target.identity)) targets.set(target.identity, target);
      } catch (error) {
        if (!(error instanceof OperationError)) throw error;
        failures.push(`instance ${i} in group ${group.source}: ${errorText(error)}`);
      }
    });
  }
  return { targets: [...targets.values()], dropped, failures };
}

/** Labels of target and group, and what the configuration says where they say nothing. */
function discoveredLabels(config: ScrapeConfig, own: Labels, group: Labels): Labels {
  const configured: readonly (readonly [string, string])[] = [
    ['job', config.jobName],
    [INTERVAL, printDuration(config.scrapeIntervalMs)],
    [TIMEOUT, printDuration(config.scrapeTimeoutMs)],
    [METRICS_PATH, config.metricsPath],
    [SCHEME, config.scheme],
    ['__convert_classic_histograms_to_nhcb__', String(config.convertClassicHistogramsToNhcb)],
    ['__always_scrape_classic_histograms__', String(config.alwaysScrapeClassicHistograms)],
    ['__scrape_native_histograms__', String(config.scrapeNativeHistograms)],
    ...config.params.map(([name, [first = '']]) => [PARAM_PREFIX + name, first] as const),
  ];
  return makeLabels([...configured, ...labelPairs(group), ...labelPairs(own)]);
}

/** Undefined when relabeling drops it. */
function makeTarget(
  config: ScrapeConfig,
  steps: readonly RelabelStep[],
  discovered: Labels,
): ScrapeTarget | undefined {
  const relabeled = relabel(steps, discovered);
  if (relabeled === undefined) return undefined;
  const address = labelValue(relabeled, ADDRESS);
  if (address === '') throw problem('no address');
  if (address.includes('/')) throw problem(`${quoteText(address)} is not a valid hostname`);
  const { intervalMs, timeoutMs } = readTimes(relabeled);
  const kept = labelPairs(relabeled).filter(([name]) => !name.startsWith(META_PREFIX));
  const named = makeLabels([['instance', address], ...kept]);
  const url = targetUrl(config, named);
  const labels = makeLabels(labelPairs(named).filter(([name]) => !name.startsWith('__')));
  return {
    identity: [...labels, url].join('\u{ff}'),
    discoveredLabels: discovered,
    labels,
    url,
    intervalMs,
    timeoutMs,
    scrapeNativeHistograms: readSwitch(named, '__scrape_native_histograms__'),
    alwaysScrapeClassicHistograms: readSwitch(named, '__always_scrape_classic_histograms__'),
    convertClassicHistogramsToNhcb: readSwitch(named, '__convert_classic_histograms_to_nhcb__'),
  };
}

function readTimes(labels: Labels): { readonly intervalMs: number; readonly timeoutMs: number } {
  const read = (name: string, what: string): number => {
    const text = labelValue(labels, name);
    const durationMs = parsePrometheusDuration(text);
    if (durationMs === undefined) {
      throw problem(
        `error parsing scrape ${what}: not a valid duration string: ${quoteText(text)}`,
      );
    }
    if (durationMs === 0) throw problem(`scrape ${what} cannot be 0`);
    return durationMs;
  };
  const intervalMs = read(INTERVAL, 'interval');
  const timeoutMs = read(TIMEOUT, 'timeout');
  if (timeoutMs > intervalMs) {
    const [timeout, interval] = [TIMEOUT, INTERVAL].map((name) =>
      quoteText(labelValue(labels, name)),
    );
    throw problem(
      `scrape timeout cannot be greater than scrape interval (${timeout} > ${interval})`,
    );
  }
  return { intervalMs, timeoutMs };
}

function readSwitch(labels: Labels, name: keyof typeof SWITCHES): boolean {
  const text = labelValue(labels, name);
  if (TRUE.test(text)) return true;
  if (text === '' || FALSE.test(text)) return false;
  throw problem(`error parsing ${SWITCHES[name]}: ${quoteText(text)} is neither true nor false`);
}

function targetUrl(config: ScrapeConfig, labels: Labels): string {
  const parameters = new Map(config.params.map(([name, values]) => [name, [...values]]));
  for (const [name, value] of labelPairs(labels)) {
    if (!name.startsWith(PARAM_PREFIX)) continue;
    const key = name.slice(PARAM_PREFIX.length);
    parameters.set(key, [value, ...(parameters.get(key)?.slice(1) ?? [])]);
  }
  const query = new URLSearchParams(
    [...parameters].flatMap(([name, values]) =>
      values.map((value) => [name, value] as [string, string]),
    ),
  );
  query.sort();
  const path = labelValue(labels, METRICS_PATH).replace(/^(?!\/)/, '/');
  const escaped = encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23');
  const host = `${labelValue(labels, SCHEME)}://${labelValue(labels, ADDRESS)}`;
  return `${host}${escaped}${query.size === 0 ? '' : `?${query}`}`;
}

/** Whether two targets of one identity are scraped alike. */
export function isScrapedAlike(a: ScrapeTarget, b: ScrapeTarget): boolean {
  return a.intervalMs === b.intervalMs && a.timeoutMs === b.timeoutMs && isReadAlike(a, b);
}

/** Whether the same page of two targets gives the same samples. */
export function isReadAlike(a: ScrapeTarget, b: ScrapeTarget): boolean {
  return (
    a.scrapeNativeHistograms === b.scrapeNativeHistograms &&
    a.alwaysScrapeClassicHistograms === b.alwaysScrapeClassicHistograms &&
    a.convertClassicHistogramsToNhcb === b.convertClassicHistogramsToNhcb
  );
}

/** What /api/v1/targets shows as interval and timeout. */
export function targetTimes({ intervalMs, timeoutMs }: ScrapeTarget): {
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
} {
  return { scrapeInterval: printDuration(intervalMs), scrapeTimeout: printDuration(timeoutMs) };
}

function problem(message: string): OperationError {
  return new OperationError('bad-data', message);
}

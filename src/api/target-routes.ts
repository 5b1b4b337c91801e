/**
 * What a scraping server tells of its targets: /api/v1/targets, scrape_pools, metadata and what belongs to them.
 * Source: Prometheus web/api/v1.
 */
import { OperationError } from '../base/errors.ts';
import { type Labels, labelRecord, labelsOf, labelValue } from '../model/labels.ts';
import { type CompiledMatcher, compileMatcher } from '../model/matcher.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '../transport/http-route.ts';
import { type ApiRoute, apiRoute, GET } from './api-route.ts';
import { dataAnswer } from './envelope.ts';
import { globalUrl, type OwnAddress } from './global-url.ts';
import { selectorsParameter } from './view-parameters.ts';

export interface TargetView {
  /** Names the target to whoever keeps its metadata. */
  readonly key: number;
  /** Before relabeling. */
  readonly discoveredLabels: Labels;
  readonly labels: Labels;
  readonly scrapeUrl: string;
  /** Empty when the last scrape went well. */
  readonly lastError: string;
  /** Milliseconds since the epoch; undefined before the first scrape. */
  readonly lastScrapeMs: number | undefined;
  readonly lastDurationMs: number;
  readonly health: 'up' | 'down' | 'unknown';
  /** As Prometheus prints durations. */
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
}

export interface RelabelRuleView {
  /** As JSON shows it: source_labels, separator, regex, target_label, replacement, action. */
  readonly json: unknown;
  /** Undefined when the rule drops the target. */
  apply(labels: Labels): Labels | undefined;
}

export interface PoolView {
  readonly name: string;
  /** The effective configuration as YAML, secrets hidden. */
  readonly configYaml: string;
  readonly relabelRules: readonly RelabelRuleView[];
  readonly targets: readonly TargetView[];
  /** Labels before relabeling of some or all of the targets that were dropped, and the number of all. */
  readonly dropped: readonly Labels[];
  readonly droppedCount: number;
}

export interface MetricMetadata {
  readonly metric: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

export interface TargetApi {
  readonly pools: () => readonly PoolView[];
  /** What each of the targets says of a metric, or of all of its metrics when it is ''. In the order of the keys. */
  readonly metadata: (
    targets: readonly number[],
    metric: string,
  ) => Promise<readonly (readonly MetricMetadata[])[]>;
  readonly own: OwnAddress;
}

type Action = (api: TargetApi, request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;

export function targetRoutes(api: TargetApi): readonly HttpRoute[] {
  const get = (path: ApiRoute['path'], action: Action): HttpRoute =>
    apiRoute({
      methods: GET,
      path: `/api/v1/${path}`,
      handler: `/api/v1/${path}`,
      action: (request) => action(api, request),
    });
  return [
    get('targets', targets),
    get('targets/metadata', targetMetadata),
    get('targets/relabel_steps', relabelSteps),
    get('scrape_pools', scrapePools),
    get('scrape_pools/config', poolConfig),
    get('metadata', metadata),
  ];
}

function byName(api: TargetApi): readonly PoolView[] {
  return [...api.pools()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function targets(api: TargetApi, { query }: HttpRequest): HttpAnswer {
  const state = (query.get('state') ?? '').toLowerCase();
  const wanted = query.get('scrapePool') ?? '';
  const isAny = state === '' || state === 'any';
  const pools = byName(api);
  const shown = pools.filter(({ name }) => wanted === '' || name === wanted);
  const active = isAny || state === 'active' ? shown : [];
  const dropped = isAny || state === 'dropped' ? shown : [];
  return dataAnswer({
    activeTargets: active.flatMap((pool) =>
      pool.targets.map((target) => activeTarget(pool, target, api.own)),
    ),
    droppedTargets: dropped.flatMap(({ name, dropped: list }) =>
      list.map((labels) => ({ discoveredLabels: labelRecord(labels), scrapePool: name })),
    ),
    droppedTargetCounts:
      isAny || state === 'dropped'
        ? Object.fromEntries(pools.map(({ name, droppedCount }) => [name, droppedCount]))
        : null,
  });
}

function activeTarget({ name }: PoolView, target: TargetView, own: OwnAddress): unknown {
  return {
    discoveredLabels: labelRecord(target.discoveredLabels),
    labels: labelRecord(target.labels),
    scrapePool: name,
    scrapeUrl: target.scrapeUrl,
    globalUrl: globalUrl(target.scrapeUrl, own),
    lastError: target.lastError,
    lastScrape: timeJson(target.lastScrapeMs),
    lastScrapeDuration: target.lastDurationMs / 1000,
    health: target.health,
    scrapeInterval: target.scrapeInterval,
    scrapeTimeout: target.scrapeTimeout,
  };
}

/** Go's zero time stands for "never". */
function timeJson(timeMs: number | undefined): string {
  return timeMs === undefined ? '0001-01-01T00:00:00Z' : new Date(timeMs).toISOString();
}

function scrapePools(api: TargetApi): HttpAnswer {
  return dataAnswer({ scrapePools: byName(api).map(({ name }) => name) });
}

function poolConfig(api: TargetApi, { query }: HttpRequest): HttpAnswer {
  return dataAnswer({ yaml: poolOf(api, query).configYaml });
}

function poolOf(api: TargetApi, query: URLSearchParams): PoolView {
  const name = query.get('scrapePool') ?? '';
  if (name === '') throw badData('no scrapePool parameter provided');
  const pool = api.pools().find((one) => one.name === name);
  if (pool === undefined) {
    throw badData(`error retrieving scrape config: scrape pool ${JSON.stringify(name)} not found`);
  }
  return pool;
}

/** What each rule of a pool makes of the given labels; after a drop there is nothing left to change. */
function relabelSteps(api: TargetApi, { query }: HttpRequest): HttpAnswer {
  const name = query.get('scrapePool') ?? '';
  if (name === '') throw badData('no scrapePool parameter provided');
  let labels: Labels | undefined = labelsParameter(query);
  const steps = poolOf(api, query).relabelRules.map((rule) => {
    if (labels !== undefined) labels = rule.apply(labels);
    return { rule: rule.json, output: labelRecord(labels ?? []), keep: labels !== undefined };
  });
  return dataAnswer({ steps });
}

function labelsParameter(query: URLSearchParams): Labels {
  const text = query.get('labels') ?? '';
  if (text === '') throw badData('no labels parameter provided');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badData(`error parsing labels: ${(cause as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badData('error parsing labels: an object of texts is needed');
  }
  const entries = Object.entries(value);
  const wrong = entries.find(([, one]) => typeof one !== 'string');
  if (wrong !== undefined) throw badData(`error parsing labels: ${wrong[0]} is no text`);
  return labelsOf(Object.fromEntries(entries));
}

async function targetMetadata(api: TargetApi, { query }: HttpRequest): Promise<HttpAnswer> {
  const limit = numberParameter(query, 'limit');
  const matchers = targetMatchers(query);
  const metric = query.get('metric') ?? '';
  const matching = byName(api)
    .flatMap((pool) => pool.targets)
    .filter(({ labels }) =>
      matchers.every(({ name, matches }) => matches(labelValue(labels, name))),
    );
  const found = await api.metadata(
    matching.map(({ key }) => key),
    metric,
  );
  const entries: unknown[] = [];
  for (const [i, target] of matching.entries()) {
    if (limit !== undefined && entries.length >= limit) break;
    for (const { metric: name, type, help, unit } of found[i] ?? []) {
      const shown = metric === '' ? { metric: name } : {};
      entries.push({ target: labelRecord(target.labels), ...shown, type, help, unit });
    }
  }
  return dataAnswer(entries);
}

function targetMatchers(query: URLSearchParams): readonly CompiledMatcher[] {
  if ((query.get('match_target') ?? '') === '') return [];
  const [matchers = []] = selectorsParameter(query, 'match_target');
  return matchers.map(compileMatcher);
}

async function metadata(api: TargetApi, { query }: HttpRequest): Promise<HttpAnswer> {
  const limit = numberParameter(query, 'limit');
  const perMetric = numberParameter(query, 'limit_per_metric') ?? 0;
  const keys = byName(api).flatMap((pool) => pool.targets.map(({ key }) => key));
  const found = await api.metadata(keys, query.get('metric') ?? '');
  const byMetric = new Map<string, Omit<MetricMetadata, 'metric'>[]>();
  for (const { metric, type, unit, help } of found.flat()) {
    const known = byMetric.get(metric) ?? [];
    byMetric.set(metric, known);
    if (perMetric > 0 && known.length >= perMetric) continue;
    const isKnown = known.some(
      (one) => one.type === type && one.help === help && one.unit === unit,
    );
    if (!isKnown) known.push({ type, unit, help });
  }
  const sorted = [...byMetric].sort(([a], [b]) => (a < b ? -1 : 1));
  return dataAnswer(Object.fromEntries(limit === undefined ? sorted : sorted.slice(0, limit)));
}

/** Undefined where there is none, or one below 0. */
function numberParameter(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name) ?? '';
  if (text === '') return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw badData(`${name} must be a number`);
  return Number(text) < 0 ? undefined : Number(text);
}

function badData(message: string): OperationError {
  return new OperationError('bad-data', message);
}

/**
 * /federate: the newest sample of every selected series, for a server above this one, in text format 0.0.4. Native
 * histograms have no form in it and are left out, as Prometheus does. Source: Prometheus web/federate.go.
 */
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import type { KernelPool } from '../base/kernel-pool.ts';
import { type Labels, labelPairs, labelsKey, labelValue, METRIC_NAME } from '../model/labels.ts';
import { isPlainName } from '../model/labels-text.ts';
import { printGeneral } from '../model/number-text.ts';
import type { SampleColumns } from '../model/sample.ts';
import { isStaleAt } from '../model/stale.ts';
import { clip } from '../storage/clip.ts';
import type { Queryable, TimeRange } from '../storage/queryable.ts';
import { escapeValue } from '../telemetry/exposition.ts';
import { counter, type MetricRegistry } from '../telemetry/metrics.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '../transport/http-route.ts';
import { GET } from './api-route.ts';
import { selectorsParameter } from './view-parameters.ts';

export interface FederateApi {
  readonly open: () => Queryable;
  readonly kernels: KernelPool;
  readonly clock: Clock;
  readonly externalLabels: () => Labels;
  readonly lookbackMs: number;
  readonly metrics: MetricRegistry;
}

interface Newest {
  readonly name: string;
  readonly labels: Labels;
  readonly time: number;
  readonly value: number;
}

export function federateRoute(api: FederateApi): HttpRoute {
  const { errors, warnings } = api.metrics.declare({
    errors: counter(
      'prometheus_web_federation_errors_total',
      'Total number of errors that occurred while sending federation responses.',
    ),
    warnings: counter(
      'prometheus_web_federation_warnings_total',
      'Total number of warnings that occurred while sending federation responses.',
    ),
  });
  return {
    methods: GET,
    path: '/federate',
    handler: '/federate',
    async handle(request) {
      const selected = await select(api, request).catch((error: unknown) => {
        errors.inc();
        throw error;
      });
      warnings.inc(selected.warnings);
      const isUtf8 = /escaping=allow-utf-8/.test(request.headers.accept ?? '');
      return page(selected.found, api.externalLabels(), isUtf8);
    },
  };
}

async function select(
  api: FederateApi,
  { query, signal }: HttpRequest,
): Promise<{ readonly found: readonly Newest[]; readonly warnings: number }> {
  const selectors = selectorsParameter(
    query,
    'match[]',
    (reason) => new OperationError('bad-data', reason),
  );
  const nowMs = api.clock.nowMs();
  const range: TimeRange = { minTime: nowMs - api.lookbackMs, maxTime: nowMs };
  const hints = { stepMs: 0, rangeMs: 0, func: '', grouping: [], by: false, limit: 0 };
  using lent = api.kernels.borrow();
  const { kernel } = lent;
  const found = new Map<string, Newest>();
  let warnings = 0;
  for (const matchers of selectors) {
    using set = await api.open().select({ matchers, ...range, hints }, { signal });
    while (set.next()) {
      const key = labelsKey(set.labels);
      if (found.has(key)) continue;
      const mark = kernel.arena.mark();
      const newest = newestOf(set.labels, kernel, clip(kernel, set.read(kernel), range));
      kernel.arena.release(mark);
      if (newest !== undefined) found.set(key, newest);
    }
    warnings += set.warnings.length;
  }
  const list = [...found.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return { found: list, warnings };
}

/** Undefined where the newest is a stale marker or a histogram, or the series has no name. */
function newestOf(
  labels: Labels,
  { f64, u32 }: Kernel,
  columns: SampleColumns,
): Newest | undefined {
  const name = labelValue(labels, METRIC_NAME);
  const last = columns.count - 1;
  if (last < 0 || name === '') return undefined;
  const time = f64[(columns.times >>> 3) + last] as number;
  const histogram = columns.histograms.at(-1);
  if (histogram !== undefined && histogram.time > time) return undefined;
  if (isStaleAt(u32, (columns.values >>> 3) + last)) return undefined;
  return { name, labels, time, value: f64[(columns.values >>> 3) + last] as number };
}

function page(found: readonly Newest[], external: Labels, isUtf8: boolean): HttpAnswer {
  const lines: string[] = [];
  // A server above sets its own instance: one without a name here gets an empty one.
  const added = external.includes('instance') ? external : [...external, 'instance', ''];
  let family: string | undefined;
  for (const { name, labels, time, value } of found) {
    if (name !== family) lines.push(`# TYPE ${metricName(name, isUtf8)} untyped\n`);
    family = name;
    const own = labelPairs(labels).filter(([label]) => label !== METRIC_NAME);
    const names = new Set(own.map(([label]) => label));
    const outside = labelPairs(added)
      .filter(([label]) => !names.has(label))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const head = seriesText(name, [...own, ...outside], isUtf8);
    lines.push(`${head} ${printGeneral(value)} ${time}\n`);
  }
  const escaping = isUtf8 ? 'allow-utf-8' : 'underscores';
  const contentType = `text/plain; version=0.0.4; charset=utf-8; escaping=${escaping}`;
  return { status: 200, headers: { 'content-type': contentType }, body: lines.join('') };
}

function seriesText(
  name: string,
  pairs: readonly (readonly [string, string])[],
  isUtf8: boolean,
): string {
  const labels = pairs.map(
    ([label, value]) => `${labelName(label, isUtf8)}="${escapeValue(value)}"`,
  );
  if (isUtf8 && !PLAIN_METRIC.test(name)) return `{${[quote(name), ...labels].join(',')}}`;
  const text = metricName(name, isUtf8);
  return labels.length === 0 ? text : `${text}{${labels.join(',')}}`;
}

const PLAIN_METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

function metricName(name: string, isUtf8: boolean): string {
  if (PLAIN_METRIC.test(name)) return name;
  return isUtf8 ? quote(name) : underscored(name, /[^a-zA-Z0-9_:]/gu);
}

function labelName(name: string, isUtf8: boolean): string {
  if (isPlainName(name)) return name;
  return isUtf8 ? quote(name) : underscored(name, /[^a-zA-Z0-9_]/gu);
}

function underscored(name: string, others: RegExp): string {
  const text = name.replace(others, '_');
  return /^\d/.test(text) ? `_${text.slice(1)}` : text;
}

function quote(text: string): string {
  return `"${escapeValue(text)}"`;
}

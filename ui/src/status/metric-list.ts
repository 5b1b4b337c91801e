/** Metric names with what is known of each, searched as one types. 100,000 names take a few milliseconds. */
export interface MetricMeta {
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

export interface Metric extends MetricMeta {
  readonly name: string;
  /** Undefined where the database does not tell. */
  readonly series: number | undefined;
}

export interface MetricList {
  /** By name. */
  readonly metrics: readonly Metric[];
  /** Of each metric, what words are looked for in, in lower case. */
  readonly texts: readonly string[];
}

const NO_META: MetricMeta = { type: '', help: '', unit: '' };
/** What stands behind the name of a family in the names of its series. */
const SUFFIXES = ['_bucket', '_count', '_sum', '_total', '_created', '_info'];

export function listMetrics(
  names: readonly string[],
  metadata: Readonly<Record<string, readonly MetricMeta[]>>,
  counts: readonly { readonly name: string; readonly value: number }[],
): MetricList {
  const seriesOf = new Map(counts.map(({ name, value }) => [name, value]));
  const metrics = names.map((name) => {
    const { type, help, unit } = metaOf(name, metadata);
    return { name, type, help, unit, series: seriesOf.get(name) };
  });
  return {
    metrics,
    texts: metrics.map(({ name, help, type }) => `${name}\n${type}\n${help}`.toLowerCase()),
  };
}

function metaOf(
  name: string,
  metadata: Readonly<Record<string, readonly MetricMeta[]>>,
): MetricMeta {
  const own = metadata[name]?.[0];
  if (own !== undefined) return own;
  const suffix = SUFFIXES.find((one) => name.endsWith(one));
  return (suffix && metadata[name.slice(0, -suffix.length)]?.[0]) || NO_META;
}

export interface MetricFilter {
  readonly words: string;
  /** Empty for any; `unknown` for those of which nobody says. */
  readonly type: string;
}

/**
 * All words must be there. Names that begin with the first word come first, then those that have it, then those whose
 * help has it.
 */
export function searchMetrics(list: MetricList, filter: MetricFilter): readonly Metric[] {
  const words = filter.words.toLowerCase().split(/\s+/).filter(Boolean);
  const groups: [Metric[], Metric[], Metric[]] = [[], [], []];
  const [first = ''] = words;
  for (const [i, metric] of list.metrics.entries()) {
    if (filter.type !== '' && (metric.type || 'unknown') !== filter.type) continue;
    const text = list.texts[i] ?? '';
    if (!words.every((word) => text.includes(word))) continue;
    const at = first === '' ? 0 : text.indexOf(first);
    groups[at === 0 ? 0 : at < metric.name.length ? 1 : 2].push(metric);
  }
  return groups.flat();
}

/** How often each type occurs, most frequent first. */
export function countTypes({ metrics }: MetricList): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { type } of metrics) {
    const name = type || 'unknown';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]);
}

/**
 * Classic histograms (`x_bucket`, `x_count`, `x_sum`) as native ones with custom buckets, named `x`. Source:
 * Prometheus' util/convertnhcb.
 */
import { OperationError } from '../../base/errors.ts';
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram } from '../../model/histogram.ts';
import { type Labels, labelsKey, labelValue, METRIC_NAME, withLabel } from '../../model/labels.ts';
import { printLabels } from '../../model/labels-text.ts';
import { parseNumber } from '../../model/number-text.ts';
import type { SeriesSamples } from './load.ts';

/** What the series of one histogram say at one time. */
interface Gathered {
  readonly cumulative: Map<number, number>;
  count: number | undefined;
  sum: number;
}

interface Family {
  readonly labels: Labels;
  readonly byTime: Map<number, Gathered>;
}

/** Throws OperationError 'bad-data' for counts that fall or contradict each other. */
export function customBucketSeries(all: readonly SeriesSamples[]): readonly SeriesSamples[] {
  const families = new Map<string, Family>();
  for (const series of all) gather(families, series);
  return [...families.values()].map(({ labels, byTime }) => ({
    labels,
    samples: [...byTime]
      .sort(([a], [b]) => a - b)
      .map(([time, gathered]) => ({ time, value: convert(labels, gathered) })),
  }));
}

function gather(families: Map<string, Family>, { labels, samples }: SeriesSamples): void {
  const [, base, part] = /^(.*)_(bucket|count|sum)$/s.exec(labelValue(labels, METRIC_NAME)) ?? [];
  if (base === undefined) return;
  const bound = part === 'bucket' ? boundOf(labels) : 0;
  if (Number.isNaN(bound)) return;
  const family = familyOf(families, withLabel(withLabel(labels, METRIC_NAME, base), 'le', ''));
  for (const { time, value } of samples) {
    if (typeof value !== 'number') continue;
    let gathered = family.byTime.get(time);
    if (gathered === undefined) {
      family.byTime.set(time, (gathered = { cumulative: new Map(), count: undefined, sum: 0 }));
    }
    if (part === 'count') gathered.count = value;
    else if (part === 'sum') gathered.sum = value;
    else if (!gathered.cumulative.has(bound)) gathered.cumulative.set(bound, value);
  }
}

function boundOf(labels: Labels): number {
  try {
    return parseNumber(labelValue(labels, 'le'));
  } catch {
    return Number.NaN;
  }
}

function familyOf(families: Map<string, Family>, labels: Labels): Family {
  const key = labelsKey(labels);
  let family = families.get(key);
  if (family === undefined) families.set(key, (family = { labels, byTime: new Map() }));
  return family;
}

function convert(labels: Labels, { cumulative, count, sum }: Gathered): FloatHistogram {
  const bounds = [...cumulative.keys()].sort((a, b) => a - b);
  const counts = bounds.map((bound) => cumulative.get(bound) as number);
  const total = count ?? counts.at(-1) ?? 0;
  if (bounds.at(-1) !== Infinity) {
    bounds.push(Infinity);
    counts.push(total);
  }
  const falls = counts.some((value, i) => value < (counts[i - 1] ?? 0));
  if (falls || counts.at(-1) !== total) {
    throw new OperationError(
      'bad-data',
      `cannot make a native histogram of ${printLabels(labels)}: counts ${counts.join(' ')} of ${total}`,
    );
  }
  return {
    counterResetHint: 'unknown',
    schema: CUSTOM_BUCKETS_SCHEMA,
    zeroThreshold: 0,
    zeroCount: 0,
    count: total,
    sum,
    stale: false,
    positiveSpans: [{ offset: 0, length: counts.length }],
    negativeSpans: [],
    positiveBuckets: Float64Array.from(counts, (value, i) => value - (counts[i - 1] ?? 0)),
    negativeBuckets: new Float64Array(0),
    customValues: Float64Array.from(bounds.slice(0, -1)),
  };
}

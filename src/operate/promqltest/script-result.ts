/** What a query gave, in the form in which scripts compare it. */
import type { FloatHistogram } from '../../model/histogram.ts';
import type { Labels } from '../../model/labels.ts';
import type { MatrixSeries, QueryResult } from '../../model/result.ts';

export type ScriptResult =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'vector'; readonly samples: readonly ScriptSample[] }
  | { readonly kind: 'matrix'; readonly series: readonly ScriptSeries[] };

export interface ScriptSample {
  readonly labels: Labels;
  readonly value: ScriptValue;
}

export interface ScriptSeries {
  readonly labels: Labels;
  /** By time in milliseconds. */
  readonly samples: ReadonlyMap<number, ScriptValue>;
}

export type ScriptValue = number | FloatHistogram | ListedHistogram;

/** A histogram as the HTTP API tells it: without layout and reset hint, populated buckets only. */
export interface ListedHistogram {
  readonly kind: 'listed';
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly ListedBucket[];
}

export interface ListedBucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

export function scriptResult(result: QueryResult): ScriptResult {
  if (result.kind !== 'matrix') return result;
  const series = result.series.map((one) => ({ labels: one.labels, samples: samplesOf(one) }));
  return { kind: 'matrix', series };
}

function samplesOf({ times, values, histograms }: MatrixSeries): ScriptSeries['samples'] {
  const samples = new Map<number, ScriptValue>();
  for (const [i, time] of times.entries()) samples.set(time, values[i] as number);
  for (const { time, histogram } of histograms) samples.set(time, histogram);
  return samples;
}

/** One step of a range query as the instant result that it should be. */
export function resultAt(
  series: readonly ScriptSeries[],
  timeMs: number,
  isScalar: boolean,
): ScriptResult {
  const samples = series.flatMap(({ labels, samples: all }) => {
    const value = all.get(timeMs);
    return value === undefined ? [] : [{ labels, value }];
  });
  if (!isScalar) return { kind: 'vector', samples };
  const value = samples[0]?.value;
  return { kind: 'scalar', value: typeof value === 'number' ? value : Number.NaN };
}

import type { FloatHistogram } from './histogram.ts';
import type { Labels } from './labels.ts';

/** What a PromQL query gives, as plain data. Times in milliseconds. */
export type QueryResult =
  | { readonly kind: 'scalar'; readonly time: number; readonly value: number }
  | { readonly kind: 'string'; readonly time: number; readonly value: string }
  | { readonly kind: 'vector'; readonly samples: readonly VectorSample[] }
  | { readonly kind: 'matrix'; readonly series: readonly MatrixSeries[] };

export interface VectorSample {
  readonly labels: Labels;
  readonly time: number;
  readonly value: number | FloatHistogram;
}

export interface MatrixSeries {
  readonly labels: Labels;
  /** Parallel columns, ascending. */
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly histograms: readonly { readonly time: number; readonly histogram: FloatHistogram }[];
}

export interface QueryStatistics {
  readonly totalSamples: number;
  readonly peakSamples: number;
}

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

/** Samples as Prometheus counts them. */
export interface QueryStatistics {
  /** A sample counts for every step that sees it. */
  readonly totalSamples: number;
  /** A sample counts once, however many steps see it. */
  readonly samplesRead: number;
  /** The most that was held at one time. */
  readonly peakSamples: number;
  /** The same for each step, where it was asked for. */
  readonly steps?: StepStatistics;
}

export interface StepStatistics {
  readonly startMs: number;
  readonly stepMs: number;
  readonly totalSamples: Float64Array;
  readonly samplesRead: Float64Array;
}

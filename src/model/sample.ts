import type { FloatHistogram } from './histogram.ts';
import type { Labels } from './labels.ts';

/**
 * Samples of one series as columns in kernel memory, valid until the arena is released below them. Floats and
 * histograms are apart; times are strictly ascending in each and disjoint between them.
 */
export interface SampleColumns {
  /** Address of float64 timestamps in milliseconds. */
  readonly times: number;
  /** Address of the values' IEEE-754 bits; stale markers keep their bits. */
  readonly values: number;
  readonly count: number;
  /** Address of float64 start timestamps in milliseconds (0 = unknown), or 0 when no sample has one. */
  readonly startTimes: number;
  readonly histograms: readonly HistogramSample[];
}

export interface HistogramSample {
  readonly time: number;
  readonly startTime: number;
  readonly histogram: FloatHistogram;
}

export interface Exemplar {
  readonly labels: Labels;
  readonly value: number;
  readonly time: number;
}

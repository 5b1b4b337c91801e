import type { FloatHistogram } from '../../model/histogram.ts';

/** Values of one series at every step of a query, in kernel memory. */
export interface StepColumn {
  /** Address of one float64 a step; meaningless where absent. */
  readonly values: number;
  /** Address of one byte a step: 0 absent, 1 float, 2 histogram. */
  readonly present: number;
  /** By step, where `present` is 2; undefined when the column has no histogram at all. */
  readonly histograms: readonly (FloatHistogram | undefined)[] | undefined;
}

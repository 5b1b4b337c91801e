import type { FloatHistogram } from '../../model/histogram.ts';
import type { Labels } from '../../model/labels.ts';
import type { SampleColumns } from '../../model/sample.ts';
import type { StepColumn } from './step-column.ts';

/** The evaluation times of a query: start + k·step for k in 0 … steps−1. Milliseconds. */
export interface StepGrid {
  readonly startMs: number;
  /** Meaningless (but positive) when there is one step only. */
  readonly stepMs: number;
  readonly steps: number;
}

export type ResultKind = 'scalar' | 'string' | 'vector' | 'matrix';

/**
 * Takes a query's result, piece by piece and in its final order: `begin` once, then either one scalar or
 * string, or the samples of a vector, or the series of a matrix. Columns lie in the memory of the kernel
 * that runs the query and are valid only during the call: the sink copies or writes them out.
 */
export interface ResultSink {
  begin(kind: ResultKind): void;
  scalar(timeMs: number, value: number): void;
  string(timeMs: number, value: string): void;
  /** One element of an instant query's vector. */
  sample(labels: Labels, timeMs: number, value: number | FloatHistogram): void;
  /** One series of a range query; at least one step is present. */
  stepSeries(labels: Labels, grid: StepGrid, column: StepColumn): void;
  /** One series of an instant query that ends in a range selector or subquery; at least one sample. */
  sampleSeries(labels: Labels, columns: SampleColumns): void;
}

/** What the parts of a query are and, when it has run, what each of them cost. Plain data that crosses threads. */
import type { Labels } from './labels.ts';

export interface ExplainedPart {
  /** "[aggregate] sum by ([job])". */
  readonly name: string;
  /** Of the expression: aggregation, call, vectorSelector … */
  readonly kind: string;
  /** The expression's range in the query's text, in bytes of UTF-8. */
  readonly start: number;
  readonly end: number;
  /** In the order of the query's text. */
  readonly children: readonly ExplainedPart[];
}

export interface AnalysedPart extends ExplainedPart {
  /** Evaluation of it and all below it, and the longest wait for series among them, which run side by side. */
  readonly executionMs: number;
  /** Evaluation of it alone. */
  readonly selfMs: number;
  /** Samples seen by it and all below it, once for each step. */
  readonly totalSamples: number;
  /** The most samples that it or one below it held. */
  readonly peakSamples: number;
  /** What it gave, or read where it hands samples on. Undefined where it deals in single numbers. */
  readonly series: number | undefined;
  readonly samples: number | undefined;
  /** Of what reads from the storage. */
  readonly read: AnalysedRead | undefined;
  readonly children: readonly AnalysedPart[];
}

export interface AnalysedRead {
  /** Until the storage had found the series. */
  readonly waitMs: number;
  readonly chunks: number;
  /** Encoded. */
  readonly bytes: number;
  /** Series whose decoded samples were kept from earlier: no chunk of them was read. */
  readonly cacheHits: number;
  readonly endpoints: readonly AnalysedEndpoint[];
}

export interface AnalysedEndpoint {
  readonly address: string;
  /** External labels of what it holds. */
  readonly labelSets: readonly Labels[];
  readonly durationMs: number;
  readonly bytes: number;
  readonly responses: number;
  readonly series: number;
  readonly chunks: number;
  readonly samples: number;
  /** Why its answer is not complete. */
  readonly failure: string | undefined;
}

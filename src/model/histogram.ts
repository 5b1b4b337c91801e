/**
 * Native histograms. Every histogram is held in its float form: integer ones are converted when decoded
 * (bucket deltas to absolute counts), which loses nothing below 2^53.
 */
export type CounterResetHint = 'unknown' | 'reset' | 'not_reset' | 'gauge';

/** Schema of histograms with custom bucket bounds. */
export const CUSTOM_BUCKETS_SCHEMA = -53;

export interface Span {
  /** Gap to the previous span's end, or the first bucket index (signed) of the first span. */
  readonly offset: number;
  readonly length: number;
}

export interface FloatHistogram {
  readonly counterResetHint: CounterResetHint;
  /** −4 … 8 (exponential), or CUSTOM_BUCKETS_SCHEMA. */
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  /** A stale histogram: nothing but this flag means anything. */
  readonly stale: boolean;
  readonly positiveSpans: readonly Span[];
  readonly negativeSpans: readonly Span[];
  /** Absolute counts, one for each bucket of the spans. */
  readonly positiveBuckets: Float64Array;
  readonly negativeBuckets: Float64Array;
  /** Upper bounds without +Inf; empty unless the schema is CUSTOM_BUCKETS_SCHEMA. */
  readonly customValues: Float64Array;
}

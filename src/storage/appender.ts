/**
 * The contract between who has new samples (scrapes, remote write, rules) and who keeps them (the head). Rows are
 * collected, then committed together: readers see all of a batch or nothing of it.
 */
import type { FloatHistogram } from '../model/histogram.ts';
import type { Labels } from '../model/labels.ts';
import type { Metadata } from '../model/metadata.ts';
import type { Exemplar } from '../model/sample.ts';

/** A series in one head, never another one while the head lives. A whole number below 2^53, never 0. */
export type SeriesRef = number;

/** One at a time for each head; after commit or rollback it is empty and can be used again. */
export interface Appender {
  /**
   * Finds the series or makes it. A new one is logged with the next commit. Throws OperationError 'bad-data' for
   * labels that no head takes, 'limit' when the memory is used up.
   */
  seriesRef(labels: Labels): SeriesRef;
  /**
   * Value as the two halves of its IEEE-754 bits: the stale marker survives. Rows are numbered from 0 in the order
   * of calls, floats and histograms together. All histograms of a batch come after its floats.
   */
  float(ref: SeriesRef, timeMs: number, low: number, high: number): void;
  /** Rows of one time, as many as there are refs; two words a value, none of which is the stale marker. */
  floats(refs: Float64Array, timeMs: number, values: Uint32Array): void;
  /** `isInteger`: all counts are whole, and it is stored as an integer histogram. */
  histogram(ref: SeriesRef, timeMs: number, histogram: FloatHistogram, isInteger: boolean): void;
  exemplar(ref: SeriesRef, exemplar: Exemplar): void;
  metadata(ref: SeriesRef, metadata: Metadata): void;
  /**
   * Checks the rows, logs the good ones, appends them; when it returns they survive the end of the process. Throws
   * OperationError when they cannot be logged: then nothing of the batch was appended.
   */
  commit(): AppendResult;
  /** Forgets the rows. Series that were made stay. */
  rollback(): void;
}

export interface AppendResult {
  /** An index into OUTCOMES for each row; valid until the next row is added. */
  readonly outcomes: Uint8Array;
  readonly appended: number;
  /** Exemplars that are older than the newest of their series. */
  readonly exemplarsOutOfOrder: number;
}

/** What became of a row. */
export const OUTCOMES = [
  'appended',
  /** The sample was there already with the same value: no fault. */
  'same',
  /** Before the times that the head takes: Prometheus' "out of bounds". */
  'too-old',
  /** Older than the newest sample of its series. */
  'out-of-order',
  /** The series has another value at this time. */
  'duplicate',
  /** The series was removed: ask for its ref again. */
  'no-series',
  /** Not a whole number of milliseconds within ±2^53. */
  'bad-time',
  /** Counts, spans and bounds of the histogram contradict each other. */
  'bad-histogram',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

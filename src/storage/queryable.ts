/**
 * The contract between who holds series (blocks, StoreAPI, the head) and who reads them (the engine, the API).
 * Selecting may wait (network, budget); reading the selected set is synchronous, inside one task.
 */
import type { Kernel } from '../base/kernel.ts';
import type { Labels } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { SampleColumns } from '../model/sample.ts';
import type { ReadAccount } from './read-account.ts';

export interface Queryable {
  /** Matchers are ANDed; at least one. Times are inclusive milliseconds. */
  select(request: SelectRequest, options: SelectOptions): Promise<SeriesSet>;
  /** Sorted, unique. No matchers means all series in the time range. */
  labelNames(request: LabelsRequest, options: SelectOptions): Promise<LabelsResult>;
  labelValues(name: string, request: LabelsRequest, options: SelectOptions): Promise<LabelsResult>;
}

export interface SelectOptions {
  readonly signal: AbortSignal;
  /** Where to write down what it costs to read the selected series. */
  readonly account?: ReadAccount;
}

export interface SelectRequest {
  readonly matchers: readonly Matcher[];
  readonly minTime: number;
  readonly maxTime: number;
  /**
   * Inclusive times of the whole query where it has other selectors, too. Replicas are folded within these: what is read
   * at one time must not depend on which of a query's selectors reads it.
   */
  readonly whole?: TimeRange;
  readonly hints: SelectHints;
}

export interface TimeRange {
  readonly minTime: number;
  readonly maxTime: number;
}

/** The order of blocks and of the chunks of a series: by start, then by end. */
export function compareTimes(a: TimeRange, b: TimeRange): number {
  return a.minTime - b.minTime || a.maxTime - b.maxTime;
}

export interface SelectHints {
  /** 0 for instant queries. */
  readonly stepMs: number;
  /** 0 unless the selector is a range selector. */
  readonly rangeMs: number;
  /** The function or aggregation around the selector, '' if none; 'series' asks for labels only. */
  readonly func: string;
  readonly grouping: readonly string[];
  /** Whether grouping is `by` (true) or `without`. */
  readonly by: boolean;
  /** Most series wanted; 0 is all. */
  readonly limit: number;
  /** Take only every count-th series, from index: a part of a query that several workers share. */
  readonly shard?: { readonly index: number; readonly count: number };
}

export interface LabelsRequest {
  readonly matchers: readonly Matcher[];
  readonly minTime: number;
  readonly maxTime: number;
  /** 0 is all. */
  readonly limit: number;
}

export interface LabelsResult {
  readonly values: readonly string[];
  readonly warnings: readonly string[];
}

/** A cursor over series in ascending label order, each label set once. */
export interface SeriesSet extends Disposable {
  /** What went wrong at parts of the storage while the rest could answer. Complete after the last next(). */
  readonly warnings: readonly string[];
  /** Moves to the next series; false at the end. Throws OperationError 'corrupt' on bad bytes. */
  next(): boolean;
  /** Labels of the current series. */
  readonly labels: Labels;
  /**
   * Decodes the current series' samples into kernel memory, allocated from the kernel's arena, which the
   * caller releases. May give samples outside the requested times; the reader clips.
   */
  read(kernel: Kernel): SampleColumns;
}

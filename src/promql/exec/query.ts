/**
 * Where queries start. `prepareQuery` plans an expression and waits for the storage to select its series;
 * what it gives then runs without waiting, series by series, in one kernel's memory. Instant queries are
 * range queries of one step. Semantics: Prometheus 3.14.
 */
import type { Kernel } from '../../base/kernel.ts';
import type { Annotations } from '../../model/annotations.ts';
import type { QueryStatistics } from '../../model/result.ts';
import type { Queryable, SelectOptions } from '../../storage/queryable.ts';
import type { Expr } from '../parse/ast.ts';
import type { ResultSink } from './result-sink.ts';

export interface QueryRequest {
  readonly expr: Expr;
  readonly startMs: number;
  /** The last step is at or before it. Equal to startMs in an instant query. */
  readonly endMs: number;
  /** 0 makes it an instant query at startMs. */
  readonly stepMs: number;
  /** How old a sample may be and still be seen by an instant selector; exclusive. */
  readonly lookbackMs: number;
  /** Step of subqueries that name none. */
  readonly noStepSubqueryIntervalMs: number;
  /** Most samples held at one time, as Prometheus counts them. */
  readonly maxSamples: number;
  readonly features: QueryFeatures;
}

export interface QueryFeatures {
  /** Drop metric names at the very end only (promql-delayed-name-removal). */
  readonly delayedNameRemoval: boolean;
  /** Detect counter resets by start timestamps (use-start-timestamps). */
  readonly startTimestamps: boolean;
  /** Tell counters by their `__type__` label in annotations (type-and-unit-labels). */
  readonly typeAndUnitLabels: boolean;
}

/** What Prometheus does without any feature flag. */
export const DEFAULT_FEATURES: QueryFeatures = {
  delayedNameRemoval: false,
  startTimestamps: false,
  typeAndUnitLabels: false,
};

export interface RunOptions {
  /** Asked once a series; true ends the run with OperationError 'canceled'. */
  readonly isCanceled: () => boolean;
}

export interface RunOutcome {
  readonly statistics: QueryStatistics;
  readonly annotations: Annotations;
}

/** A query whose series are selected. Runs once; dispose it whether it ran or not. */
export interface PreparedQuery extends Disposable {
  /**
   * Evaluates all of it in one go and frees what it took of the kernel's arena.
   * Throws OperationError 'execution' (the query cannot be answered), 'limit', 'canceled', 'corrupt'.
   */
  run(kernel: Kernel, sink: ResultSink, options: RunOptions): RunOutcome;
  /**
   * The same in slices: `next()` evaluates at least one series and returns at the first series for which
   * `shouldPause()` is true; it is done with the outcome. No other query may run in the kernel in between.
   */
  runInSlices(
    kernel: Kernel,
    sink: ResultSink,
    options: RunOptions & { readonly shouldPause: () => boolean },
  ): Generator<undefined, RunOutcome, undefined>;
}

/**
 * Plans the query and selects its series, all selectors at the same time.
 * Throws OperationError 'execution' when the expression cannot be evaluated at all (a duration that is not
 * positive, a range vector in a range query), and whatever the storage throws.
 */
export async function prepareQuery(
  _request: QueryRequest,
  _queryable: Queryable,
  _options: SelectOptions,
): Promise<PreparedQuery> {
  throw new Error('not implemented');
}

/**
 * Where queries start. `prepareQuery` plans an expression and waits for the storage to select its series;
 * what it gives then runs without waiting, series by series, in one kernel's memory. Instant queries are
 * range queries of one step. Semantics: Prometheus 3.14.
 */
import { OperationError } from '../../base/errors.ts';
import type { Kernel } from '../../base/kernel.ts';
import type { Annotations } from '../../model/annotations.ts';
import type { QueryStatistics } from '../../model/result.ts';
import type { Queryable, SelectOptions, SeriesSet } from '../../storage/queryable.ts';
import type { Expr } from '../parse/ast.ts';
import { buildPlan } from '../plan/build-plan.ts';
import { type Plan, typeOfPlan } from '../plan/plan.ts';
import { type PlannedSelect, selectRequests } from '../plan/select-requests.ts';
import { checkSteps } from './evaluation.ts';
import { PreparedRun } from './prepared-run.ts';
import type { QueryProfile } from './query-profile.ts';
import type { ResultSink, StepGrid } from './result-sink.ts';

export interface QueryRequest {
  readonly expr: Expr;
  /** The text that expr was parsed from: remarks name places in it. '' if it is not known. */
  readonly query: string;
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
  /**
   * Count a sample of a range selector once for each step that sees it, as Prometheus' statistics do; without
   * it (which is faster) it counts once.
   */
  readonly countsWindows?: boolean;
  /** Count samples for each step, too; needs countsWindows. */
  readonly countsSteps?: boolean;
  /** Where it is written down what each part of the query costs. */
  readonly profile?: QueryProfile;
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
  /** Asked once a series; true ends the run with OperationError 'canceled'. It may throw an error of its own. */
  readonly isCanceled: () => boolean;
}

export interface RunOutcome {
  /** What was evaluated: where a profile was given, it knows the parts. */
  readonly plan: Plan;
  readonly statistics: QueryStatistics;
  readonly annotations: Annotations;
  /** What parts of the storage could not give, each text once: the result is then partial. */
  readonly storageWarnings: readonly string[];
}

/** A query whose series are selected. Runs once; dispose it whether it ran or not. */
export interface PreparedQuery extends Disposable {
  /** The steps of a range query, or the only one of an instant query: what stepSeries will be given. */
  readonly grid: StepGrid;
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

/** Selects that wait for the storage at the same time. */
const CONCURRENT_SELECTS = 16;

/**
 * Plans the query and selects its series, all selectors at the same time.
 * Throws OperationError 'bad-data' when the expression cannot be evaluated at all (a duration that is not
 * positive, a range vector in a range query), 'limit' for too many steps, and whatever the storage throws.
 */
export async function prepareQuery(
  request: QueryRequest,
  queryable: Queryable,
  options: SelectOptions,
): Promise<PreparedQuery> {
  const plan = buildPlan(request.expr, request);
  if (request.stepMs > 0) refuseRangeResult(plan);
  const grid = gridOf(request);
  checkSteps(grid, 'a query');
  const select = selector(request, queryable, options);
  const sets = await selectAll(selectRequests(plan, request), select);
  return new PreparedRun(request, { plan, grid, sets });
}

/** An end before the start leaves no step. */
function gridOf({ startMs, endMs, stepMs }: QueryRequest): StepGrid {
  if (stepMs === 0) return { startMs, stepMs: 1, steps: 1 };
  return { startMs, stepMs, steps: Math.max(0, Math.floor((endMs - startMs) / stepMs) + 1) };
}

/** A range query shows a value a step: only scalars and instant vectors have that. */
function refuseRangeResult(plan: Plan): void {
  const type = typeOfPlan(plan);
  if (type === 'scalar' || type === 'vector') return;
  const name = type === 'matrix' ? 'range vector' : type;
  throw new OperationError(
    'bad-data',
    `invalid expression type "${name}" for range query, must be Scalar or instant Vector`,
  );
}

export type SelectedSeries = ReadonlyMap<PlannedSelect['source'], SeriesSet>;

type Select = (planned: PlannedSelect) => Promise<SeriesSet>;

function selector({ profile }: QueryRequest, queryable: Queryable, options: SelectOptions): Select {
  if (profile === undefined) return ({ request }) => queryable.select(request, options);
  return ({ source, request }) =>
    profile.select(source, (account) => queryable.select(request, { ...options, account }));
}

async function selectAll(
  selects: readonly PlannedSelect[],
  select: Select,
): Promise<SelectedSeries> {
  const sets = new Map<PlannedSelect['source'], SeriesSet>();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let planned = selects[next++]; planned !== undefined; planned = selects[next++]) {
      sets.set(planned.source, await select(planned));
    }
  };
  const count = Math.min(CONCURRENT_SELECTS, selects.length);
  const outcomes = await Promise.allSettled(Array.from({ length: count }, work));
  const failed = outcomes.find(({ status }) => status === 'rejected');
  if (failed?.status !== 'rejected') return sets;
  for (const set of sets.values()) set[Symbol.dispose]();
  throw failed.reason;
}

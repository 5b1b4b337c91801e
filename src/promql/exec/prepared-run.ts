/** A planned query with its series: evaluates them and hands the result over in its final order. */
import { assert, must } from '../../base/assert.ts';
import { OperationError } from '../../base/errors.ts';
import type { Kernel } from '../../base/kernel.ts';
import { compareLabels, dropLabels, labelsKey } from '../../model/labels.ts';
import type { QueryStatistics } from '../../model/result.ts';
import { evaluationOrder } from '../plan/evaluation-order.ts';
import { type Plan, type StringPlan, typeOfPlan } from '../plan/plan.ts';
import { scalarValues, vectorRows } from './evaluate.ts';
import { consumeRows, type Evaluation, type Rows } from './evaluation.ts';
import { mayFragment } from './fragments.ts';
import { GivenCounts } from './given-steps.ts';
import { type HeldRow, mergeInto } from './merge-rows.ts';
import { METADATA_LABELS, sameLabelsError } from './metric-name.ts';
import { peakSamples } from './peak-samples.ts';
import type {
  PreparedQuery,
  QueryRequest,
  RunOptions,
  RunOutcome,
  SelectedSeries,
} from './query.ts';
import { type OperatorRemarks, QueryAnnotations } from './query-annotations.ts';
import { matrixSamples } from './raw-matrix.ts';
import { ReadCount } from './read-count.ts';
import type { ResultSink, StepGrid } from './result-sink.ts';
import { SampleBudget } from './sample-budget.ts';
import { allocateColumn, copyColumn, FLOAT, presenceOf, valuesOf } from './step-column.ts';

type SliceOptions = RunOptions & { readonly shouldPause: () => boolean };

export interface PlannedQuery {
  readonly plan: Plan;
  readonly grid: StepGrid;
  readonly sets: SelectedSeries;
}

export class PreparedRun implements PreparedQuery {
  readonly grid: StepGrid;
  readonly #request: QueryRequest;
  readonly #plan: Plan;
  readonly #sets: SelectedSeries;
  #hasRun = false;

  constructor(request: QueryRequest, planned: PlannedQuery) {
    this.#request = request;
    this.#plan = planned.plan;
    this.#sets = planned.sets;
    this.grid = planned.grid;
  }

  run(kernel: Kernel, sink: ResultSink, options: RunOptions): RunOutcome {
    const slices = this.runInSlices(kernel, sink, { ...options, shouldPause: () => false });
    for (;;) {
      const slice = slices.next();
      if (slice.done === true) return slice.value;
    }
  }

  *runInSlices(
    kernel: Kernel,
    sink: ResultSink,
    options: SliceOptions,
  ): Generator<undefined, RunOutcome, undefined> {
    assert(!this.#hasRun, 'a prepared query runs once');
    this.#hasRun = true;
    const mark = kernel.arena.mark();
    try {
      const annotations = new QueryAnnotations(this.#request.query, evaluationOrder(this.#plan));
      const evaluation = this.#evaluation(kernel, options, annotations.of(this.#plan));
      yield* writeResult(evaluation, this.#plan, this.grid, {
        sink,
        isInstant: this.#request.stepMs === 0,
      });
      const warnings = [...this.#sets.values()].flatMap((set) => set.warnings);
      return {
        storageWarnings: [...new Set(warnings)],
        statistics: statisticsOf(evaluation, this.#plan),
        plan: this.#plan,
        annotations: annotations.toAnnotations(),
      };
    } finally {
      kernel.arena.release(mark);
    }
  }

  #evaluation(
    kernel: Kernel,
    { isCanceled, shouldPause }: SliceOptions,
    annotations: OperatorRemarks,
  ): Evaluation {
    const { features, lookbackMs, maxSamples, profile } = this.#request;
    const { countsWindows = false, countsSteps = false } = this.#request;
    const counted = { totals: countsSteps, reads: countsSteps };
    return {
      kernel,
      lookbackMs,
      ...features,
      annotations,
      budget: new SampleBudget(maxSamples, profile),
      countsWindows,
      reads: new ReadCount(this.grid, counted, profile),
      given: countsWindows ? new GivenCounts() : undefined,
      profile,
      seriesOf: (source) => must(this.#sets.get(source), 'a selected series set'),
      checkpoint() {
        if (isCanceled()) {
          const text = 'query was canceled in expression evaluation';
          throw new OperationError('canceled', text);
        }
        return shouldPause();
      },
    };
  }

  [Symbol.dispose](): void {
    for (const set of this.#sets.values()) set[Symbol.dispose]();
  }
}

/** The peak is Prometheus' where samples were counted as its statistics do, else what was held here. */
function statisticsOf({ budget, reads, given }: Evaluation, plan: Plan): QueryStatistics {
  const { total, read, totals, reads: readsOfSteps, grid } = reads;
  const peak = given === undefined ? budget.peak : peakSamples(plan, grid, given, total);
  const sums = { totalSamples: total, samplesRead: read, peakSamples: peak };
  if (totals === undefined || readsOfSteps === undefined) return sums;
  const { startMs, stepMs } = grid;
  return { ...sums, steps: { startMs, stepMs, totalSamples: totals, samplesRead: readsOfSteps } };
}

interface Target {
  readonly sink: ResultSink;
  readonly isInstant: boolean;
}

function* writeResult(
  evaluation: Evaluation,
  plan: Plan,
  grid: StepGrid,
  { sink, isInstant }: Target,
): Generator<undefined, void, undefined> {
  const type = typeOfPlan(plan);
  if (type === 'string') {
    const text = plan as StringPlan;
    sink.begin('string');
    sink.string(grid.startMs, text.value);
  } else if (type === 'matrix') yield* writeRawMatrix(evaluation, plan, grid, sink);
  else if (type === 'scalar') yield* writeScalar(evaluation, plan, grid, { sink, isInstant });
  else if (isInstant) yield* writeVector(evaluation, plan, grid, sink);
  else yield* writeMatrix(evaluation, vectorRows(evaluation, plan, grid), grid, sink);
}

function* writeScalar(
  evaluation: Evaluation,
  plan: Plan,
  grid: StepGrid,
  { sink, isInstant }: Target,
): Generator<undefined, void, undefined> {
  const values = yield* scalarValues(evaluation, plan, grid);
  if (isInstant) {
    sink.begin('scalar');
    sink.scalar(grid.startMs, values[0] as number);
    return;
  }
  sink.begin('matrix');
  if (grid.steps === 0) return;
  const column = allocateColumn(evaluation.kernel, grid.steps);
  presenceOf(evaluation.kernel, column, grid.steps).fill(FLOAT);
  valuesOf(evaluation.kernel, column, grid.steps).set(values);
  sink.stepSeries([], grid, column);
}

/** In the order of evaluation, which sort and topk give a meaning. */
function* writeVector(
  evaluation: Evaluation,
  plan: Plan,
  grid: StepGrid,
  sink: ResultSink,
): Generator<undefined, void, undefined> {
  const { kernel } = evaluation;
  const rows = yield* holdRows(evaluation, vectorRows(evaluation, plan, grid), grid);
  if (evaluation.delayedNameRemoval || mayFragment(plan)) refuseSameLabels(rows);
  sink.begin('vector');
  for (const { labels, column } of rows) {
    const histogram = column.histograms?.[0];
    const isFloat = kernel.u8[column.present] === FLOAT;
    const value = isFloat ? (kernel.f64[column.values >>> 3] as number) : histogram;
    if (value !== undefined) sink.sample(labels, grid.startMs, value);
  }
}

function refuseSameLabels(rows: readonly HeldRow[]): void {
  const keys = new Set(rows.map(({ labels }) => labelsKey(labels)));
  if (keys.size < rows.length) throw sameLabelsError();
}

/** Sorted by labels, each label set once. */
export function* writeMatrix(
  evaluation: Evaluation,
  rows: Rows,
  grid: StepGrid,
  sink: ResultSink,
): Generator<undefined, void, undefined> {
  const held = yield* holdRows(evaluation, rows, grid);
  sink.begin('matrix');
  let previous: HeldRow | undefined;
  for (const row of sortRows(held)) {
    if (previous !== undefined && compareLabels(previous.labels, row.labels) === 0) {
      mergeInto(evaluation, previous.column, row.column, grid.steps);
      continue;
    }
    if (previous !== undefined) sink.stepSeries(previous.labels, grid, previous.column);
    if (evaluation.checkpoint()) yield undefined;
    previous = row;
  }
  if (previous !== undefined) sink.stepSeries(previous.labels, grid, previous.column);
}

/** Keeps all rows, with the names gone whose removal was delayed until now. */
export function* holdRows(
  evaluation: Evaluation,
  rows: Rows,
  grid: StepGrid,
): Generator<undefined, HeldRow[], undefined> {
  const held: HeldRow[] = [];
  yield* consumeRows(rows, (row) => {
    const labels = row.dropName ? dropLabels(row.labels, METADATA_LABELS) : row.labels;
    const column = copyColumn(evaluation.kernel, row.column, grid.steps);
    held.push({ labels, dropName: row.dropName, column });
  });
  return held;
}

function sortRows(rows: HeldRow[]): readonly HeldRow[] {
  const isSorted = rows.every(
    ({ labels }, i) => i === 0 || compareLabels((rows[i - 1] as HeldRow).labels, labels) <= 0,
  );
  return isSorted ? rows : rows.sort((a, b) => compareLabels(a.labels, b.labels));
}

function* writeRawMatrix(
  evaluation: Evaluation,
  plan: Plan,
  grid: StepGrid,
  sink: ResultSink,
): Generator<undefined, void, undefined> {
  const inner = plan.kind === 'invariant' ? plan.expr : plan;
  yield* matrixSamples(evaluation, inner, grid, sink);
}

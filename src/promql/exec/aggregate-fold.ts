/** Folds of one group: a series' column after another goes in, the group's column comes out. */
import type { AggregationOp, Position } from '../parse/ast.ts';
import type { Evaluation, Row } from './evaluation.ts';
import { REMARKS } from './query-annotations.ts';
import { allocateColumn, HISTOGRAM, type OpenColumn, presenceOf } from './step-column.ts';

export interface FoldContext {
  readonly evaluation: Evaluation;
  readonly steps: number;
  readonly op: AggregationOp;
  /** Of the aggregated expression: what remarks are about. */
  readonly position: Position;
  /** The aggregation's parameter at each step, if it has one. */
  readonly parameters: Float64Array;
}

export interface Fold {
  add(row: Row): void;
  /** What takes long between the last row and the result: it may pause. */
  compute?(): Generator<undefined, void, undefined>;
  finish(): OpenColumn;
}

/** A zeroed column of one float64 a step. */
export function allocateZeros({ evaluation, steps }: FoldContext): number {
  const address = evaluation.kernel.arena.alloc(8 * steps);
  evaluation.kernel.u8.fill(0, address, address + 8 * steps);
  return address;
}

export function allocateZeroColumn(context: FoldContext): OpenColumn {
  const column = allocateColumn(context.evaluation.kernel, context.steps);
  context.evaluation.kernel.u8.fill(0, column.values, column.values + 8 * context.steps);
  return column;
}

export function extremeFold(context: FoldContext, op: 'min' | 'max'): Fold {
  const { evaluation, steps } = context;
  const column = allocateZeroColumn(context);
  const { exports } = evaluation.kernel;
  const fold = op === 'min' ? exports.foldMin : exports.foldMax;
  return {
    add(row) {
      remarkOnHistograms(context, row);
      fold(row.column.values, row.column.present, steps, column.values, column.present);
    },
    finish: () => column,
  };
}

export function countFold(context: FoldContext, op: 'count' | 'group'): Fold {
  const { evaluation, steps } = context;
  const column = allocateZeroColumn(context);
  const { exports } = evaluation.kernel;
  return {
    add: (row) => exports.foldCount(row.column.present, steps, column.values),
    finish() {
      const finish = op === 'count' ? exports.finishCount : exports.finishGroup;
      finish(column.values, steps, column.present);
      return column;
    },
  };
}

export function varianceFold(context: FoldContext, op: 'stddev' | 'stdvar'): Fold {
  const { evaluation, steps } = context;
  const column = allocateZeroColumn(context);
  const means = allocateZeros(context);
  const counts = allocateZeros(context);
  const { exports } = evaluation.kernel;
  return {
    add(row) {
      remarkOnHistograms(context, row);
      const { values, present } = row.column;
      exports.foldVariance(values, present, steps, column.values, means, counts);
    },
    finish() {
      const finish = op === 'stddev' ? exports.finishStddev : exports.finishStdvar;
      finish(column.values, counts, steps, column.present);
      return column;
    },
  };
}

/** Aggregations that know only floats leave histograms out. */
export function remarkOnHistograms(context: FoldContext, row: Row): void {
  const { evaluation, steps, op, position } = context;
  if (row.column.histograms === undefined) return;
  if (!presenceOf(evaluation.kernel, row.column, steps).includes(HISTOGRAM)) return;
  evaluation.annotations.info(position, REMARKS.ignoredInAggregation(op));
}

/** sum and avg: floats by kernels, native histograms beside them, one running sum a step. */
import type { FloatHistogram } from '../../model/histogram.ts';
import { labelValue, METRIC_NAME } from '../../model/labels.ts';
import { compactHistogram, HistogramSum } from '../function/histogram-sum.ts';
import { HistogramAverage } from '../function/window-over-time.ts';
import {
  allocateZeroColumn,
  allocateZeros,
  type Fold,
  type FoldContext,
} from './aggregate-fold.ts';
import type { Row } from './evaluation.ts';
import { REMARKS } from './query-annotations.ts';
import {
  ABSENT,
  FLOAT,
  HISTOGRAM,
  type OpenColumn,
  presenceOf,
  putHistogram,
} from './step-column.ts';

export function sumFold(context: FoldContext): Fold {
  const { evaluation, steps } = context;
  const column = allocateZeroColumn(context);
  const rests = allocateZeros(context);
  const { exports } = evaluation.kernel;
  let histograms: HistogramFold | undefined;
  return {
    add(row) {
      const { values, present } = row.column;
      exports.foldSum(values, present, steps, column.values, rests, column.present);
      if (row.column.histograms === undefined) return;
      histograms ??= new HistogramFold(context, false);
      histograms.add(row, (k) => evaluation.kernel.u8[column.present + k] === FLOAT);
    },
    finish() {
      exports.finishSum(column.values, rests, steps);
      histograms?.finishInto(column);
      return column;
    },
  };
}

export function averageFold(context: FoldContext): Fold {
  const { evaluation, steps } = context;
  const column = allocateZeroColumn(context);
  const rests = allocateZeros(context);
  const counts = allocateZeros(context);
  const { exports } = evaluation.kernel;
  let histograms: HistogramFold | undefined;
  return {
    add(row) {
      const { values, present } = row.column;
      exports.foldAvg(values, present, steps, column.values, rests, counts);
      if (row.column.histograms === undefined) return;
      histograms ??= new HistogramFold(context, true);
      histograms.add(row, (k) => evaluation.kernel.f64[(counts >>> 3) + k] !== 0);
    },
    finish() {
      exports.finishAvg(column.values, rests, counts, steps, column.present);
      histograms?.finishInto(column);
      return column;
    },
  };
}

interface StepState {
  /** Undefined when a float came first: the step will have no result. */
  readonly sum: HistogramSum | undefined;
  readonly average: HistogramAverage | undefined;
  readonly hints: Set<FloatHistogram['counterResetHint']>;
  /** Exponential and custom buckets met: the step has no result. */
  isIncompatible: boolean;
}

class HistogramFold {
  readonly #context: FoldContext;
  readonly #isAverage: boolean;
  readonly #states: (StepState | undefined)[] = [];

  constructor(context: FoldContext, isAverage: boolean) {
    this.#context = context;
    this.#isAverage = isAverage;
  }

  add(row: Row, hasFloat: (step: number) => boolean): void {
    const { evaluation, steps } = this.#context;
    const present = presenceOf(evaluation.kernel, row.column, steps);
    for (let k = 0; k < steps; k++) {
      if (present[k] !== HISTOGRAM) continue;
      const histogram = row.column.histograms?.[k] as FloatHistogram;
      const state = this.#states[k];
      if (state === undefined) {
        this.#states[k] = {
          sum: hasFloat(k) ? undefined : new HistogramSum(histogram),
          average: this.#isAverage ? new HistogramAverage() : undefined,
          hints: new Set([histogram.counterResetHint]),
          isIncompatible: false,
        };
      } else if (state.sum !== undefined && !state.isIncompatible) {
        this.#addTo(state, state.sum, histogram, row);
      }
    }
  }

  #addTo(state: StepState, sum: HistogramSum, histogram: FloatHistogram, row: Row): void {
    const { evaluation, position } = this.#context;
    state.hints.add(histogram.counterResetHint);
    const outcome = state.average?.add(sum, histogram) ?? sum.add(histogram);
    if (!outcome.compatible) {
      const name = labelValue(row.labels, METRIC_NAME);
      evaluation.annotations.warn(position, REMARKS.mixedExponentialCustom(name));
      state.isIncompatible = true;
    }
    if (outcome.reconciled) {
      evaluation.annotations.info(position, REMARKS.mismatchedCustomBuckets('aggregation'));
    }
  }

  /** Puts the histograms into the column; where floats are too, nothing is. */
  finishInto(column: OpenColumn): void {
    const { evaluation, position, steps } = this.#context;
    const { kernel, annotations } = evaluation;
    const present = presenceOf(kernel, column, steps);
    this.#states.forEach((state, k) => {
      if (state === undefined) return;
      const hasFloat = present[k] === FLOAT;
      present[k] = ABSENT;
      if (state.isIncompatible) return;
      if (hasFloat || state.sum === undefined) {
        annotations.warn(position, REMARKS.mixedInAggregation);
        return;
      }
      if (state.hints.has('reset') && state.hints.has('not_reset')) {
        annotations.warn(position, REMARKS.counterResetCollision('aggregation'));
      }
      const sum = state.average?.finish(state.sum) ?? state.sum;
      putHistogram(kernel, column, k, compactHistogram(sum.toHistogram()));
    });
  }
}

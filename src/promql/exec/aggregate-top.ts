/**
 * topk and bottomk. Each group has a heap a step with the worst of the kept elements on top, as Go's
 * container/heap keeps it, so that ties fall as they do in Prometheus. Series stream through; what is left in
 * the heaps at the end is the result.
 */
import type { AggregatePlan, Plan } from '../plan/plan.ts';
import { countParameters } from './aggregate-parameter.ts';
import { drainRows, scalarValues, vectorRows } from './evaluate.ts';
import { consumeRows, type Evaluation, type Row, type Rows } from './evaluation.ts';
import { grouper } from './grouping.ts';
import { REMARKS } from './query-annotations.ts';
import type { StepGrid } from './result-sink.ts';
import {
  allocateColumn,
  FLOAT,
  HISTOGRAM,
  type OpenColumn,
  presenceOf,
  putFloat,
  valuesOf,
} from './step-column.ts';

type Series = Pick<Row, 'labels' | 'dropName'>;

export function* topRows(evaluation: Evaluation, plan: AggregatePlan, grid: StepGrid): Rows {
  const { kernel } = evaluation;
  const parameters = yield* scalarValues(evaluation, plan.param as Plan, grid);
  const limits = countParameters(parameters);
  if (limits === undefined) return yield* drainRows(vectorRows(evaluation, plan.expr, grid));
  const { keyOf } = grouper(plan.grouping, plan.without);
  const groups = new Map<string, StepHeaps>();
  const series: Series[] = [];
  yield* consumeRows(vectorRows(evaluation, plan.expr, grid), (row) => {
    const key = keyOf(row.labels);
    let heaps = groups.get(key);
    if (heaps === undefined) {
      heaps = new StepHeaps(limits, plan.op === 'topk' ? 1 : -1);
      groups.set(key, heaps);
    }
    const present = presenceOf(kernel, row.column, grid.steps);
    if (row.column.histograms !== undefined && present.includes(HISTOGRAM)) {
      evaluation.annotations.info(plan.position, REMARKS.ignoredInAggregation(plan.op));
    }
    heaps.offer(series.length, valuesOf(kernel, row.column, grid.steps), present);
    series.push({ labels: row.labels, dropName: row.dropName });
  });
  for (const heaps of groups.values()) yield* heapRows(evaluation, heaps, series, grid);
}

/** The series of a group that are left anywhere; of an instant query, the best first. */
function* heapRows(
  evaluation: Evaluation,
  heaps: StepHeaps,
  series: readonly Series[],
  grid: StepGrid,
): Rows {
  const { kernel } = evaluation;
  const kept = new Map<number, OpenColumn>();
  heaps.sortSingleStep();
  heaps.forEach((k, index, value) => {
    let column = kept.get(index);
    if (column === undefined) {
      column = allocateColumn(kernel, grid.steps);
      kept.set(index, column);
    }
    putFloat(kernel, column, k, value);
  });
  for (const [index, column] of kept) {
    if (evaluation.checkpoint()) yield undefined;
    yield { ...(series[index] as Series), column };
  }
}

class StepHeaps {
  readonly #limits: Float64Array;
  readonly #sign: 1 | -1;
  readonly #sizes: Int32Array;
  #capacity = 8;
  #values: Float64Array;
  #indices: Int32Array;

  /** @param limits elements to keep, by step. @param sign 1 keeps the largest, −1 the smallest. */
  constructor(limits: Float64Array, sign: 1 | -1) {
    this.#limits = limits;
    this.#sign = sign;
    this.#sizes = new Int32Array(limits.length);
    this.#values = new Float64Array(limits.length * this.#capacity);
    this.#indices = new Int32Array(limits.length * this.#capacity);
  }

  /** Lets a series in at every step where it is better than the worst of those kept. */
  offer(index: number, values: Float64Array, present: Uint8Array): void {
    const sign = this.#sign;
    for (let k = 0; k < values.length; k++) {
      if (present[k] !== FLOAT) continue;
      const limit = this.#limits[k] as number;
      if (limit < 1) continue;
      const value = values[k] as number;
      if ((this.#sizes[k] as number) < limit) {
        this.#push(k, index, value);
        continue;
      }
      const worst = this.#values[k * this.#capacity] as number;
      if (sign * worst < sign * value || (Number.isNaN(worst) && !Number.isNaN(value))) {
        this.#values[k * this.#capacity] = value;
        this.#indices[k * this.#capacity] = index;
        this.#sink(k);
      }
    }
  }

  /** All that is kept, by step; in a heap's own order unless it was sorted. */
  forEach(visit: (step: number, index: number, value: number) => void): void {
    for (let k = 0; k < this.#sizes.length; k++) {
      const base = k * this.#capacity;
      const end = base + (this.#sizes[k] as number);
      for (let i = base; i < end; i++) {
        visit(k, this.#indices[i] as number, this.#values[i] as number);
      }
    }
  }

  /** The result of an instant query has an order: the best first, NaN last, ties as in the heap. */
  sortSingleStep(): void {
    if (this.#sizes.length !== 1) return;
    const values = this.#values.slice(0, this.#sizes[0]);
    const indices = this.#indices.slice(0, this.#sizes[0]);
    const order = [...values.keys()].sort((a, b) => this.#compare(values[a], values[b]));
    order.forEach((from, to) => {
      this.#values[to] = values[from] as number;
      this.#indices[to] = indices[from] as number;
    });
  }

  #compare(a: number | undefined, b: number | undefined): number {
    const difference = this.#sign * ((b as number) - (a as number));
    if (!Number.isNaN(difference)) return difference;
    return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  }

  #push(k: number, index: number, value: number): void {
    const size = this.#sizes[k] as number;
    if (size === this.#capacity) this.#grow();
    const base = k * this.#capacity;
    this.#values[base + size] = value;
    this.#indices[base + size] = index;
    this.#sizes[k] = size + 1;
    let child = size;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#isWorse(base + child, base + parent)) break;
      this.#swap(base + child, base + parent);
      child = parent;
    }
  }

  #sink(k: number): void {
    const base = k * this.#capacity;
    const size = this.#sizes[k] as number;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= size) return;
      if (child + 1 < size && this.#isWorse(base + child + 1, base + child)) child++;
      if (!this.#isWorse(base + child, base + parent)) return;
      this.#swap(base + child, base + parent);
      parent = child;
    }
  }

  #isWorse(a: number, b: number): boolean {
    const value = this.#values[a] as number;
    return Number.isNaN(value) || this.#sign * value < this.#sign * (this.#values[b] as number);
  }

  #swap(a: number, b: number): void {
    const value = this.#values[a] as number;
    const index = this.#indices[a] as number;
    this.#values[a] = this.#values[b] as number;
    this.#indices[a] = this.#indices[b] as number;
    this.#values[b] = value;
    this.#indices[b] = index;
  }

  #grow(): void {
    const steps = this.#sizes.length;
    const capacity = 2 * this.#capacity;
    const values = new Float64Array(steps * capacity);
    const indices = new Int32Array(steps * capacity);
    for (let k = 0; k < steps; k++) {
      const from = k * this.#capacity;
      values.set(this.#values.subarray(from, from + this.#capacity), k * capacity);
      indices.set(this.#indices.subarray(from, from + this.#capacity), k * capacity);
    }
    this.#capacity = capacity;
    this.#values = values;
    this.#indices = indices;
  }
}

/**
 * Samples that were read, as Prometheus' statistics tell them: `total` counts a sample for every step that sees it,
 * `read` once, at the first of these steps. Subqueries and what is the same at every step count by themselves, on
 * their own steps, and are added to the count around them. Source: util/stats/query_stats.go (3.14).
 */
import type { Kernel } from '../../base/kernel.ts';
import type { StepGrid } from './result-sink.ts';
import { presenceOf, type StepColumn, weightAt } from './step-column.ts';

/** Which of the counts are kept for each step, too. */
export interface CountedSteps {
  readonly totals: boolean;
  readonly reads: boolean;
}

const NO_STEPS: CountedSteps = { totals: false, reads: false };

/** Told of samples at the place where they are seen and held. */
export interface SampleWatch {
  saw(samples: number): void;
  /** Negative when they are let go. */
  held(samples: number): void;
}

export class ReadCount {
  readonly grid: StepGrid;
  /** By step, where they are kept. */
  readonly totals: Float64Array | undefined;
  readonly reads: Float64Array | undefined;
  readonly #watch: SampleWatch | undefined;
  #total = 0;
  #read = 0;

  constructor(grid: StepGrid, counted: CountedSteps = NO_STEPS, watch?: SampleWatch) {
    this.grid = grid;
    this.#watch = watch;
    this.totals = counted.totals ? new Float64Array(grid.steps) : undefined;
    this.reads = counted.reads ? new Float64Array(grid.steps) : undefined;
  }

  get total(): number {
    return this.#total;
  }

  get read(): number {
    return this.#read;
  }

  /** What an instant selector found: a sample at each present step. */
  addColumn(kernel: Kernel, column: StepColumn, weight: number): void {
    this.#count(weight, weight);
    if (!this.keepsSteps) return;
    const { steps } = this.grid;
    const present = presenceOf(kernel, column, steps);
    for (let k = 0; k < steps; k++) {
      const one = weightAt(column, present, k);
      if (one > 0) this.addAt(k, one, one);
    }
  }

  /** What windows hold together; where steps are kept, each is told by `addAt`. */
  addWindows(total: number, read: number): void {
    this.#count(total, read);
  }

  get keepsSteps(): boolean {
    return this.totals !== undefined || this.reads !== undefined;
  }

  /** Read at the first step. */
  addOnce(total: number, read: number): void {
    this.#count(total, read);
    if (this.grid.steps > 0) this.addAt(0, total, read);
  }

  /** What was evaluated at one step and shown at all: seen at each, read at the first. */
  addRepeated({ total, read }: ReadCount): void {
    const { steps } = this.grid;
    this.#total += total * steps;
    this.#read += read;
    for (let k = 0; k < steps; k++) this.addAt(k, total, k === 0 ? read : 0);
  }

  /** A subquery that is the whole query: all of its steps are in the result. */
  addResult({ total, read }: ReadCount): void {
    this.#total += total;
    this.#read += read;
    this.addAt(0, total, read);
  }

  /**
   * What a subquery read, at the first step whose window holds the subquery's step; steps between windows do not
   * count. What the function around it sees is counted with its windows.
   */
  addSubquery(
    inner: ReadCount,
    { offsetMs, rangeMs }: { readonly offsetMs: number; readonly rangeMs: number },
  ): void {
    const { startMs, stepMs, steps } = this.grid;
    if (steps <= 1 || inner.reads === undefined) {
      this.#read += inner.read;
      this.addAt(0, 0, inner.read);
      return;
    }
    for (const [k, read] of inner.reads.entries()) {
      if (read === 0) continue;
      const timeMs = inner.grid.startMs + k * inner.grid.stepMs + offsetMs;
      const after = timeMs > startMs ? Math.ceil((timeMs - startMs) / stepMs) : 0;
      const step = Math.min(after, steps - 1);
      if (timeMs <= startMs + step * stepMs - rangeMs) continue;
      this.#read += read;
      this.addAt(step, 0, read);
    }
  }

  /** Of an evaluation on another grid inside of this one. */
  inner(grid: StepGrid, counted: CountedSteps = NO_STEPS): ReadCount {
    return new ReadCount(grid, counted, this.#watch);
  }

  #count(total: number, read: number): void {
    this.#total += total;
    this.#read += read;
    this.#watch?.saw(total);
  }

  /** The share of one step in what is counted. */
  addAt(k: number, total: number, read: number): void {
    if (this.totals !== undefined) this.totals[k] = (this.totals[k] as number) + total;
    if (this.reads !== undefined) this.reads[k] = (this.reads[k] as number) + read;
  }
}

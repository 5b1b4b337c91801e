/**
 * What each part of a running query costs. Parts run inside of each other, series by series, so that time goes to the
 * part that is at work at the moment: the clock is read when another one takes over, never for a sample.
 */
import type { Kernel } from '../../base/kernel.ts';
import type { Labels } from '../../model/labels.ts';
import type { SampleColumns } from '../../model/sample.ts';
import type { SeriesSet } from '../../storage/queryable.ts';
import { type ReadAccount, readAccount } from '../../storage/read-account.ts';
import type { Plan } from '../plan/plan.ts';
import type { Rows, ScalarValues } from './evaluation.ts';
import type { SampleWatch } from './read-count.ts';
import type { StepGrid } from './result-sink.ts';
import { weighColumn } from './step-column.ts';

/** Of one part, without what is below it. */
export interface PartFigures {
  readonly selfMs: number;
  /** What it gave: series, and their values at all steps. Undefined where it gives no series. */
  readonly given: { readonly series: number; readonly samples: number } | undefined;
  /** Samples that it saw, once for each step. */
  readonly totalSamples: number;
  /** The most samples that it held. */
  readonly peakSamples: number;
  /** Steps on which it was evaluated. */
  readonly steps: number;
  /** Of what reads from the storage. */
  readonly read: ReadFigures | undefined;
}

export interface ReadFigures {
  /** Until the storage had found the series. */
  readonly waitMs: number;
  readonly series: number;
  readonly samples: number;
  readonly account: ReadAccount;
}

type Open<T> = { -readonly [K in keyof T]: T[K] };

interface OpenPart extends Open<PartFigures> {
  given: { series: number; samples: number } | undefined;
  read: Open<ReadFigures> | undefined;
  heldSamples: number;
}

export class QueryProfile implements SampleWatch {
  readonly #nowMs: () => number;
  readonly #parts = new Map<Plan, OpenPart>();
  /** At work now; undefined outside of the query, while it pauses or its result is written. */
  #current: OpenPart | undefined;
  #sinceMs = 0;

  /** @param nowMs of a clock with fractions of milliseconds. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Undefined for a part that was not evaluated. */
  figuresOf(plan: Plan): PartFigures | undefined {
    return this.#parts.get(plan);
  }

  /** Rows of a part, its own time and that of the parts below told apart. */
  *rows(plan: Plan, rows: Rows, grid: StepGrid, kernel: Kernel): Rows {
    const part = this.#open(plan);
    part.steps = grid.steps;
    part.given ??= { series: 0, samples: 0 };
    for (;;) {
      const outer = this.#turnTo(part);
      const { done, value } = rows.next();
      if (value !== undefined) {
        part.given.series++;
        part.given.samples += weighColumn(kernel, value.column, grid.steps);
      }
      this.#turnTo(outer);
      if (done === true) return;
      yield value;
    }
  }

  /** The same of a part that gives scalars. */
  *scalars(plan: Plan, values: ScalarValues, grid: StepGrid): ScalarValues {
    const part = this.#open(plan);
    part.steps = grid.steps;
    for (;;) {
      const outer = this.#turnTo(part);
      const slice = values.next();
      this.#turnTo(outer);
      if (slice.done === true) return slice.value;
      yield undefined;
    }
  }

  /** Selects a part's series, told to write down what that costs. */
  async select(
    plan: Plan,
    select: (account: ReadAccount) => Promise<SeriesSet>,
  ): Promise<SeriesSet> {
    const read = { waitMs: 0, series: 0, samples: 0, account: readAccount() };
    const part = this.#open(plan);
    part.read = read;
    const startedMs = this.#nowMs();
    const set = await select(read.account);
    read.waitMs = this.#nowMs() - startedMs;
    const measure = <T>(work: () => T): T => {
      const outer = this.#turnTo(part);
      const result = work();
      this.#turnTo(outer);
      return result;
    };
    return new MeasuredSeries(set, read, measure);
  }

  saw(samples: number): void {
    if (this.#current !== undefined) this.#current.totalSamples += samples;
  }

  held(samples: number): void {
    const part = this.#current;
    if (part === undefined) return;
    part.heldSamples += samples;
    part.peakSamples = Math.max(part.peakSamples, part.heldSamples);
  }

  #open(plan: Plan): OpenPart {
    let part = this.#parts.get(plan);
    if (part === undefined) {
      part = {
        selfMs: 0,
        given: undefined,
        totalSamples: 0,
        peakSamples: 0,
        steps: 0,
        read: undefined,
        heldSamples: 0,
      };
      this.#parts.set(plan, part);
    }
    return part;
  }

  /** Returns whose turn it was. */
  #turnTo(part: OpenPart | undefined): OpenPart | undefined {
    const nowMs = this.#nowMs();
    const before = this.#current;
    if (before !== undefined) before.selfMs += nowMs - this.#sinceMs;
    this.#current = part;
    this.#sinceMs = nowMs;
    return before;
  }
}

class MeasuredSeries implements SeriesSet {
  readonly #set: SeriesSet;
  readonly #read: Open<ReadFigures>;
  readonly #measure: <T>(work: () => T) => T;

  constructor(set: SeriesSet, read: Open<ReadFigures>, measure: <T>(work: () => T) => T) {
    this.#set = set;
    this.#read = read;
    this.#measure = measure;
  }

  get warnings(): readonly string[] {
    return this.#set.warnings;
  }

  get labels(): Labels {
    return this.#set.labels;
  }

  next(): boolean {
    const isThere = this.#measure(() => this.#set.next());
    if (isThere) this.#read.series++;
    return isThere;
  }

  read(kernel: Kernel): SampleColumns {
    const columns = this.#measure(() => this.#set.read(kernel));
    this.#read.samples += columns.count + columns.histograms.length;
    return columns;
  }

  [Symbol.dispose](): void {
    this.#set[Symbol.dispose]();
  }
}

/** How many samples the windows of a range function hold, histograms weighed, without looking at any value. */
import type { HistogramSample } from '../../model/sample.ts';
import { histogramWeight } from './step-column.ts';

/** Windows (end − range, end], one a step. */
export interface StepWindows {
  readonly steps: number;
  /** Of the first window. */
  readonly endMs: number;
  readonly stepMs: number;
  readonly rangeMs: number;
  /** How far beyond them the function looks. */
  readonly beforeMs: number;
  readonly afterMs: number;
}

export interface WindowSums {
  /** A sample counts for every window that holds it. */
  readonly seen: number;
  /** A sample counts for the first window that holds it. */
  readonly fresh: number;
  readonly largest: number;
  /** Of the last window. */
  readonly last: number;
}

/** @param visit told the weight of each window that holds anything, and what of it the one before did not hold. */
export function sumWindows(
  windows: StepWindows,
  times: Float64Array,
  histograms: readonly HistogramSample[],
  visit: ((step: number, seen: number, fresh: number) => void) | undefined,
): WindowSums {
  const floats = new WindowEnds(times);
  const others = histograms.length === 0 ? undefined : new HistogramEnds(histograms);
  let [seen, fresh, largest, last] = [0, 0, 0, 0];
  for (let k = 0; k < windows.steps; k++) {
    const endMs = windows.endMs + k * windows.stepMs;
    const from = endMs - windows.rangeMs - windows.beforeMs;
    floats.move(from, endMs + windows.afterMs);
    others?.move(from, endMs + windows.afterMs);
    last = floats.next - floats.first + (others?.weight ?? 0);
    const isNew = floats.next - Math.max(floats.before, floats.first) + (others?.newWeight ?? 0);
    seen += last;
    fresh += isNew;
    if (last > largest) largest = last;
    if (visit !== undefined && last > 0) visit(k, last, isNew);
  }
  return { seen, fresh, largest, last };
}

/** The window holds samples `first` to `next` (exclusive); the one before it ended before sample `before`. */
class WindowEnds {
  readonly #times: Float64Array;
  /** Samples come at a steady pace: each end is looked for where the last step's pace leads to. */
  #pace = 0;
  first = 0;
  next = 0;
  before = 0;

  constructor(times: Float64Array) {
    this.#times = times;
  }

  move(from: number, to: number): void {
    this.before = this.next;
    this.first = countUpTo(this.#times, this.first + this.#pace, from);
    this.next = countUpTo(this.#times, this.next + this.#pace, to);
    this.#pace = this.next - this.before;
  }
}

class HistogramEnds {
  readonly #ends: WindowEnds;
  /** Of the histograms before each one. */
  readonly #weights: Float64Array;

  constructor(histograms: readonly HistogramSample[]) {
    this.#ends = new WindowEnds(Float64Array.from(histograms, ({ time }) => time));
    this.#weights = new Float64Array(histograms.length + 1);
    for (const [i, { histogram }] of histograms.entries()) {
      this.#weights[i + 1] = (this.#weights[i] as number) + histogramWeight(histogram);
    }
  }

  move(from: number, to: number): void {
    this.#ends.move(from, to);
  }

  get weight(): number {
    return this.#between(this.#ends.first, this.#ends.next);
  }

  get newWeight(): number {
    const { before, first, next } = this.#ends;
    return this.#between(Math.max(before, first), next);
  }

  #between(first: number, end: number): number {
    return (this.#weights[end] as number) - (this.#weights[first] as number);
  }
}

/** How many of the ascending times are at or before a limit, looked for around a guess. */
function countUpTo(times: Float64Array, guess: number, limit: number): number {
  let count = Math.min(guess, times.length);
  while (count > 0 && (times[count - 1] as number) > limit) count--;
  while (count < times.length && (times[count] as number) <= limit) count++;
  return count;
}

import type { Kernel } from '../../base/kernel.ts';
import type { FloatHistogram } from '../../model/histogram.ts';

/** Values of one series at every step of a query, in kernel memory. */
export interface StepColumn {
  /** Address of one float64 a step; meaningless where absent. */
  readonly values: number;
  /** Address of one byte a step: 0 absent, 1 float, 2 histogram. */
  readonly present: number;
  /** By step, where `present` is 2; undefined when the column has no histogram at all. */
  readonly histograms: readonly (FloatHistogram | undefined)[] | undefined;
}

export const ABSENT = 0;
export const FLOAT = 1;
export const HISTOGRAM = 2;

/** A column that is still being written. */
export interface OpenColumn extends StepColumn {
  histograms: (FloatHistogram | undefined)[] | undefined;
}

/** A column with nothing present. Its values are not zeroed. */
export function allocateColumn(kernel: Kernel, steps: number): OpenColumn {
  const values = kernel.arena.alloc(9 * steps);
  const present = values + 8 * steps;
  kernel.u8.fill(ABSENT, present, present + steps);
  return { values, present, histograms: undefined };
}

export function copyColumn(kernel: Kernel, column: StepColumn, steps: number): OpenColumn {
  const values = kernel.arena.alloc(9 * steps);
  const present = values + 8 * steps;
  const { u8 } = kernel;
  u8.copyWithin(values, column.values, column.values + 8 * steps);
  u8.copyWithin(present, column.present, column.present + steps);
  return { values, present, histograms: column.histograms?.slice() };
}

export function clearColumn(kernel: Kernel, column: OpenColumn, steps: number): void {
  kernel.u8.fill(ABSENT, column.present, column.present + steps);
  column.histograms = undefined;
}

/** Views of a column's values and presence; valid until the kernel's memory grows. */
export function valuesOf(kernel: Kernel, column: StepColumn, steps: number): Float64Array {
  return kernel.f64.subarray(column.values >>> 3, (column.values >>> 3) + steps);
}

export function presenceOf(kernel: Kernel, column: StepColumn, steps: number): Uint8Array {
  return kernel.u8.subarray(column.present, column.present + steps);
}

export function putFloat(kernel: Kernel, column: StepColumn, step: number, value: number): void {
  kernel.f64[(column.values >>> 3) + step] = value;
  kernel.u8[column.present + step] = FLOAT;
}

export function putHistogram(
  kernel: Kernel,
  column: OpenColumn,
  step: number,
  histogram: FloatHistogram,
): void {
  column.histograms ??= [];
  column.histograms[step] = histogram;
  kernel.u8[column.present + step] = HISTOGRAM;
}

/** How many steps are present, histograms weighed as Prometheus' sample limit weighs them. */
export function weighColumn(kernel: Kernel, column: StepColumn, steps: number): number {
  const { u8 } = kernel;
  const { present, histograms } = column;
  let weight = 0;
  for (let at = present; at < present + steps; at++) if (u8[at] === FLOAT) weight++;
  if (histograms === undefined) return weight;
  for (let k = 0; k < steps; k++) {
    const histogram = u8[present + k] === HISTOGRAM ? histograms[k] : undefined;
    if (histogram !== undefined) weight += histogramWeight(histogram);
  }
  return weight;
}

/** Of one step, 0 where nothing is. */
export function weightAt(column: StepColumn, present: Uint8Array, step: number): number {
  if (present[step] === FLOAT) return 1;
  const histogram = present[step] === HISTOGRAM ? column.histograms?.[step] : undefined;
  return histogram === undefined ? 0 : histogramWeight(histogram);
}

/** In samples of 16 bytes: the struct's size in Go and its slices, plus the timestamp. */
export function histogramWeight(histogram: FloatHistogram): number {
  const elements =
    histogram.positiveSpans.length +
    histogram.negativeSpans.length +
    histogram.positiveBuckets.length +
    histogram.negativeBuckets.length +
    histogram.customValues.length;
  return Math.trunc((168 + 8 * elements + 8) / 16);
}

export function isEmptyColumn(kernel: Kernel, column: StepColumn, steps: number): boolean {
  const { u8 } = kernel;
  for (let at = column.present; at < column.present + steps; at++) {
    if (u8[at] !== ABSENT) return false;
  }
  return true;
}

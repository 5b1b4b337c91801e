/** Two columns through a binary operator, step by step. */
import type { FloatHistogram } from '../../model/histogram.ts';
import { compareFloats, isComparison } from '../function/float-operators.ts';
import type { BinaryPlan } from '../plan/plan.ts';
import { computeColumn } from './binary.ts';
import { type BinaryRemarks, type ElementValue, elementBinary } from './binary-values.ts';
import type { Evaluation } from './evaluation.ts';
import {
  ABSENT,
  clearColumn,
  FLOAT,
  HISTOGRAM,
  type OpenColumn,
  presenceOf,
  putFloat,
  putHistogram,
  type StepColumn,
  valuesOf,
} from './step-column.ts';

export interface ColumnPair {
  readonly left: StepColumn;
  readonly right: StepColumn;
}

export interface CombineTarget {
  readonly column: OpenColumn;
  readonly steps: number;
  readonly remark: BinaryRemarks;
  /** A byte a step, not 0 where the operator had a result, kept by a comparison or not. */
  readonly matched: Uint8Array;
}

/** Writes what the operator gives where both sides are present; false when it gives nothing anywhere. */
export function combineColumns(
  evaluation: Evaluation,
  plan: BinaryPlan,
  { left, right }: ColumnPair,
  target: CombineTarget,
): boolean {
  const { op } = plan;
  const isPlain =
    left.histograms === undefined && right.histograms === undefined && op !== '</' && op !== '>/';
  return isPlain
    ? combineFloats(evaluation, plan, { left, right }, target)
    : combineElements(evaluation, plan, { left, right }, target);
}

function combineFloats(
  { kernel }: Evaluation,
  { op, returnBool }: BinaryPlan,
  { left, right }: ColumnPair,
  { column, steps, matched }: CombineTarget,
): boolean {
  const { u8 } = kernel;
  const present = presenceOf(kernel, column, steps);
  column.histograms = undefined;
  let any = ABSENT;
  for (let k = 0; k < steps; k++) {
    const both = (u8[left.present + k] as number) & (u8[right.present + k] as number);
    present[k] = both;
    matched[k] = both;
    any |= both;
  }
  if (any === ABSENT) return false;
  const a = valuesOf(kernel, left, steps);
  const b = valuesOf(kernel, right, steps);
  const to = valuesOf(kernel, column, steps);
  if (!isComparison(op)) computeColumn(op, a, b, to);
  else {
    for (let k = 0; k < steps; k++) {
      const holds = compareFloats(op, a[k] as number, b[k] as number);
      if (returnBool) to[k] = Number(holds);
      else if (holds) to[k] = a[k] as number;
      else present[k] = ABSENT;
    }
  }
  return true;
}

function combineElements(
  { kernel }: Evaluation,
  { op, returnBool }: BinaryPlan,
  { left, right }: ColumnPair,
  { column, steps, remark, matched }: CombineTarget,
): boolean {
  clearColumn(kernel, column, steps);
  matched.fill(ABSENT);
  let isAny = false;
  for (let k = 0; k < steps; k++) {
    const a = elementAt(kernel, left, k);
    const b = elementAt(kernel, right, k);
    if (a === undefined || b === undefined) continue;
    remark.moveTo(k);
    const result = elementBinary(op, a, b, remark);
    if (result === undefined) continue;
    matched[k] = FLOAT;
    isAny = true;
    if (returnBool) putFloat(kernel, column, k, result.keep ? 1 : 0);
    else if (result.keep) putElement(kernel, column, k, result.value);
  }
  return isAny;
}

export function elementAt(
  kernel: Evaluation['kernel'],
  column: StepColumn,
  k: number,
): ElementValue | undefined {
  const kind = kernel.u8[column.present + k];
  if (kind === ABSENT) return undefined;
  if (kind === HISTOGRAM) return column.histograms?.[k] as FloatHistogram;
  return kernel.f64[(column.values >>> 3) + k];
}

export function putElement(
  kernel: Evaluation['kernel'],
  column: OpenColumn,
  k: number,
  value: ElementValue,
): void {
  if (typeof value === 'number') putFloat(kernel, column, k, value);
  else putHistogram(kernel, column, k, value);
}

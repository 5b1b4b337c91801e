/** Binary operators on single values. Source: promql/engine.go, vectorElemBinop (3.14). */
import type { FloatHistogram } from '../../model/histogram.ts';
import { arithmetic, compareFloats, isComparison } from '../function/float-operators.ts';
import { equalHistograms } from '../function/histogram-compare.ts';
import {
  compactHistogram,
  divideHistogram,
  HistogramSum,
  scaleHistogram,
} from '../function/histogram-sum.ts';
import { trimHistogram } from '../function/histogram-trim.ts';
import type { BinaryOp, Position } from '../parse/ast.ts';
import { type OperatorRemarks, REMARKS } from './query-annotations.ts';

export type ElementValue = number | FloatHistogram;

export interface ElementResult {
  readonly value: ElementValue;
  /** False where a comparison does not hold. */
  readonly keep: boolean;
}

/** Undefined when the operator knows no result for such operands; `remark` has then been told why. */
export function elementBinary(
  op: BinaryOp,
  left: ElementValue,
  right: ElementValue,
  remark: BinaryRemarks,
): ElementResult | undefined {
  if (typeof left === 'number' && typeof right === 'number') {
    if (op === '</' || op === '>/') return remark.types('float', 'float');
    return isComparison(op)
      ? { value: left, keep: compareFloats(op, left, right) }
      : { value: arithmetic(op, left, right), keep: true };
  }
  if (typeof left === 'number') {
    if (op === '*') return kept(compactHistogram(scaleHistogram(right as FloatHistogram, left)));
    return remark.types('float', 'histogram');
  }
  if (typeof right === 'number') return histogramByFloat(op, left, right, remark);
  return histogramByHistogram(op, left, right, remark);
}

function kept(value: ElementValue): ElementResult {
  return { value, keep: true };
}

function histogramByFloat(
  op: BinaryOp,
  left: FloatHistogram,
  right: number,
  remark: BinaryRemarks,
): ElementResult | undefined {
  switch (op) {
    case '*':
      return kept(compactHistogram(scaleHistogram(left, right)));
    case '/':
      return kept(compactHistogram(divideHistogram(left, right)));
    case '</':
      return kept(trimHistogram(left, right, true));
    case '>/':
      return kept(trimHistogram(left, right, false));
    default:
      return remark.types('histogram', 'float');
  }
}

function histogramByHistogram(
  op: BinaryOp,
  left: FloatHistogram,
  right: FloatHistogram,
  remark: BinaryRemarks,
): ElementResult | undefined {
  if (op === '==') return { value: left, keep: equalHistograms(left, right) };
  if (op === '!=') return { value: left, keep: !equalHistograms(left, right) };
  if (op !== '+' && op !== '-') return remark.types('histogram', 'histogram');
  const sum = new HistogramSum(left);
  const outcome = sum.addPlain(right, op === '+' ? 1 : -1);
  if (!outcome.compatible) return remark.incompatibleBuckets();
  const operation = op === '+' ? 'addition' : 'subtraction';
  if (outcome.collision) return remark.collision(operation);
  if (outcome.reconciled) remark.reconciled(operation);
  const result = compactHistogram(sum.toHistogram());
  return kept(op === '-' ? { ...result, counterResetHint: 'gauge' } : result);
}

/** Where an operator says what it could not do: of each step only the last remark counts. */
export class BinaryRemarks {
  readonly #annotations: OperatorRemarks;
  readonly #position: Position;
  readonly #op: BinaryOp;
  readonly #bySteps = new Map<number, { readonly isWarning: boolean; readonly text: string }>();
  #step = 0;

  constructor(annotations: OperatorRemarks, position: Position, op: BinaryOp) {
    this.#annotations = annotations;
    this.#position = position;
    this.#op = op;
  }

  /** The step that the next remarks are about. */
  moveTo(step: number): void {
    this.#step = step;
  }

  types(left: string, right: string): undefined {
    this.#add(false, REMARKS.incompatibleTypes(left, this.#op, right));
  }

  incompatibleBuckets(): undefined {
    this.#add(true, REMARKS.incompatibleBuckets(this.#op));
  }

  reconciled(operation: 'addition' | 'subtraction'): void {
    this.#add(false, REMARKS.mismatchedCustomBuckets(operation));
  }

  collision(operation: 'addition' | 'subtraction'): undefined {
    this.#add(true, REMARKS.counterResetCollision(operation));
  }

  /** When all series have been combined. */
  finish(): void {
    for (const { isWarning, text } of this.#bySteps.values()) {
      if (isWarning) this.#annotations.warn(this.#position, text);
      else this.#annotations.info(this.#position, text);
    }
  }

  #add(isWarning: boolean, text: string): void {
    this.#bySteps.set(this.#step, { isWarning, text });
  }
}

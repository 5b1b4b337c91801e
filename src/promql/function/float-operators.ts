/** Binary operators on two floats. Source: promql/engine.go, scalarBinop and vectorElemBinop (3.14). */
import { BugError } from '../../base/assert.ts';
import type { BinaryOp } from '../parse/ast.ts';
import { goPow } from './go-math.ts';

export function isComparison(op: BinaryOp): boolean {
  return ['==', '!=', '<', '>', '<=', '>='].includes(op);
}

/** Operators whose result is no longer the metric that it was computed from. */
export function changesMetric(op: BinaryOp): boolean {
  return ['+', '-', '*', '/', '%', '^', 'atan2'].includes(op);
}

export function scalarBinary(op: BinaryOp, left: number, right: number): number {
  return isComparison(op) ? Number(compareFloats(op, left, right)) : arithmetic(op, left, right);
}

export function arithmetic(op: BinaryOp, left: number, right: number): number {
  switch (op) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return left % right;
    case '^':
      return goPow(left, right);
    case 'atan2':
      return Math.atan2(left, right);
    default:
      throw new BugError(`operator ${op} on two floats`);
  }
}

export function compareFloats(op: BinaryOp, left: number, right: number): boolean {
  switch (op) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '>':
      return left > right;
    case '<=':
      return left <= right;
    case '>=':
      return left >= right;
    default:
      throw new BugError(`comparison ${op}`);
  }
}

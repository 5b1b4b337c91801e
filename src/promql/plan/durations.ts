/** Duration expressions such as `[step() * 5]`, resolved to milliseconds. Source: promql/durations.go (3.14). */
import { unreachable } from '../../base/assert.ts';
import { OperationError } from '../../base/errors.ts';
import { arithmetic } from '../function/float-operators.ts';
import { goMax, goMin } from '../function/go-math.ts';
import type { DurationExpr } from '../parse/ast.ts';

/** Seconds beyond which a duration does not fit into Go's nanoseconds. */
const LARGEST_SECONDS = 2 ** 63 / 1e9;

export interface DurationContext {
  /** Step of the query, 0 for instant queries. */
  readonly stepMs: number;
  /** From the query's start to its end. */
  readonly rangeMs: number;
}

/**
 * Whole milliseconds, cut off. Throws OperationError 'bad-data' with the byte range of the expression when
 * it is not a usable duration: "start:end: duration must be greater than 0".
 */
export function resolveDuration(
  expr: DurationExpr,
  context: DurationContext,
  allowNegative: boolean,
): number {
  if (expr.kind === 'literal') return expr.ms;
  const seconds = evaluate(expr, context);
  if (!Number.isFinite(seconds)) throw fault(expr, 'duration is NaN or infinite');
  if (seconds <= 0 && !allowNegative) throw fault(expr, 'duration must be greater than 0');
  if (Math.abs(seconds) > LARGEST_SECONDS) throw fault(expr, 'duration is out of range');
  return Math.trunc(seconds * 1000);
}

function evaluate(expr: DurationExpr, context: DurationContext): number {
  switch (expr.kind) {
    case 'literal':
      return expr.seconds;
    case 'step':
      return context.stepMs / 1000;
    case 'range':
      return context.rangeMs / 1000;
    case 'paren':
      return evaluate(expr.expr, context);
    case 'unary': {
      const value = evaluate(expr.expr, context);
      return expr.op === '-' ? -value : value;
    }
    case 'min_of':
      return goMin(evaluate(expr.left, context), evaluate(expr.right, context));
    case 'max_of':
      return goMax(evaluate(expr.left, context), evaluate(expr.right, context));
    case 'binary':
      return evaluateBinary(expr, evaluate(expr.left, context), evaluate(expr.right, context));
    default:
      return unreachable(expr);
  }
}

function evaluateBinary(
  expr: DurationExpr & { readonly kind: 'binary' },
  left: number,
  right: number,
): number {
  if (right === 0 && expr.op === '/') throw fault(expr, 'division by zero');
  if (right === 0 && expr.op === '%') throw fault(expr, 'modulo by zero');
  return arithmetic(expr.op, left, right);
}

function fault(expr: DurationExpr, text: string): OperationError {
  return new OperationError('bad-data', `${expr.position.start}:${expr.position.end}: ${text}`);
}

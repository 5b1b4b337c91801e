import { OperationError } from '../../base/errors.ts';
import { printGeneral } from '../../model/number-text.ts';

/**
 * How many elements topk, bottomk and limitk keep at each step; undefined when that is none everywhere.
 * Throws OperationError 'execution' for NaN and for what does not fit into Go's int64.
 */
export function countParameters(parameters: Float64Array): Float64Array | undefined {
  const hasNaN = parameters.some(Number.isNaN);
  const most = parameters.reduce((a, b) => Math.max(a, b), -Infinity);
  const least = parameters.reduce((a, b) => Math.min(a, b), Infinity);
  if (most < 1) return undefined;
  if (hasNaN) throw new OperationError('execution', 'Parameter value is NaN');
  if (least <= -(2 ** 63)) {
    const text = `Scalar value ${printGeneral(least)} underflows int64`;
    throw new OperationError('execution', text);
  }
  if (most >= 2 ** 63) {
    const text = `Scalar value ${printGeneral(most)} overflows int64`;
    throw new OperationError('execution', text);
  }
  return parameters.map(Math.trunc);
}

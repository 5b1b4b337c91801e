import { must } from '../../base/assert.ts';
import type { Expr, ValueType } from './ast.ts';
import { FUNCTIONS } from './functions.ts';

/** What an expression evaluates to. */
export function valueType(expr: Expr): ValueType {
  switch (expr.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'vectorSelector':
    case 'aggregation':
      return 'vector';
    case 'matrixSelector':
    case 'subquery':
      return 'matrix';
    case 'call':
      return must(FUNCTIONS.get(expr.func), `a function ${expr.func}`).returnType;
    case 'binary':
      return valueType(expr.left) === 'scalar' && valueType(expr.right) === 'scalar'
        ? 'scalar'
        : 'vector';
    case 'unary':
    case 'paren':
    case 'stepInvariant':
      return valueType(expr.expr);
  }
}

/** As messages call it. */
export function documentedType(type: ValueType): string {
  if (type === 'vector') return 'instant vector';
  return type === 'matrix' ? 'range vector' : type;
}

/**
 * Expressions over several lines where one would be long, as Prometheus' format_query gives them. Source:
 * promql/parser/prettier.go.
 */
import type { Expr } from './ast.ts';
import { printAggregationHead, printExpr, printOperator, printSubqueryTimes } from './print.ts';

/** What is longer than 100 bytes is split, each level indented by two blanks. */
export function prettyExpr(expr: Expr): string {
  return pretty(expr, 0);
}

const LINE_BYTES_MAX = 100;

function pretty(expr: Expr, level: number): string {
  const indent = '  '.repeat(level);
  const whole = printExpr(expr);
  const isLong = new TextEncoder().encode(whole).length > LINE_BYTES_MAX;
  switch (expr.kind) {
    case 'unary':
      return `${indent}${expr.op}${pretty(expr.expr, level).trim()}`;
    case 'subquery':
      // Prometheus does not indent a short subquery.
      return isLong ? `${pretty(expr.expr, level)}${printSubqueryTimes(expr)}` : whole;
    case 'stepInvariant':
      return pretty(expr.expr, level);
    case 'number':
    case 'string':
    case 'vectorSelector':
    case 'matrixSelector':
      return indent + whole;
    case 'paren':
    case 'call':
    case 'aggregation':
    case 'binary':
      return isLong ? split(expr, level) : indent + whole;
  }
}

type Splittable = Extract<Expr, { kind: 'paren' | 'call' | 'aggregation' | 'binary' }>;

function split(expr: Splittable, level: number): string {
  const indent = '  '.repeat(level);
  const inner = (child: Expr): string => pretty(child, level + 1);
  switch (expr.kind) {
    case 'paren':
      return `${indent}(\n${inner(expr.expr)}\n${indent})`;
    case 'call':
      return `${indent}${expr.func}(\n${expr.args.map(inner).join(',\n')}\n${indent})`;
    case 'aggregation': {
      const param = expr.param === undefined ? '' : `${inner(expr.param)},\n`;
      const head = printAggregationHead(expr);
      return `${indent}${head}(\n${param}${inner(expr.expr)}\n${indent})`;
    }
    case 'binary':
      return `${inner(expr.left)}\n${indent}${printOperator(expr)}\n${inner(expr.right)}`;
  }
}

/** The unit of a query's result, guessed from the names of its metrics (OpenMetrics' suffixes) and what is done to them. */
import type { Binary, Call, Expr } from '../../../src/promql/parse/ast.ts';
import { parseExpr } from '../../../src/promql/parse/parse-expr.ts';
import { FULL_SYNTAX } from '../../../src/promql/parse/syntax-options.ts';
import { walk } from '../../../src/promql/parse/walk.ts';
import { PLAIN, type Unit, type UnitKind } from './unit.ts';

/** PLAIN as well for a query that does not parse. */
export function unitOfQuery(query: string): Unit {
  try {
    return unitOf(parseExpr(query, FULL_SYNTAX));
  } catch {
    return PLAIN;
  }
}

/** The unit of the bounds of the buckets that a query gives: of what its histograms observe. */
export function unitOfBuckets(query: string): Unit {
  try {
    return { kind: kindOfBuckets(parseExpr(query, FULL_SYNTAX)), perSecond: false };
  } catch {
    return PLAIN;
  }
}

const PER_SECOND = new Set(['rate', 'irate', 'deriv']);
const BUCKET_VALUES = new Set([
  'histogram_quantile',
  'histogram_quantiles',
  'histogram_avg',
  'histogram_stddev',
]);
const COUNTING = new Set([
  'absent',
  'absent_over_time',
  'changes',
  'count_over_time',
  'histogram_count',
  'histogram_fraction',
  'present_over_time',
  'resets',
  'time',
  'timestamp',
  'sgn',
  'stdvar_over_time',
  'exp',
  'ln',
  'log2',
  'log10',
  'sqrt',
]);

function unitOf(expr: Expr): Unit {
  switch (expr.kind) {
    case 'vectorSelector':
      return { kind: kindOfMetric(expr.name), perSecond: false };
    case 'matrixSelector':
      return unitOf(expr.selector);
    case 'call':
      return unitOfCall(expr);
    case 'aggregation':
      return ['count', 'group', 'count_values', 'stdvar'].includes(expr.op)
        ? PLAIN
        : unitOf(expr.expr);
    case 'binary':
      return unitOfBinary(expr);
    case 'subquery':
    case 'unary':
    case 'paren':
    case 'stepInvariant':
      return unitOf(expr.expr);
    default:
      return PLAIN;
  }
}

function kindOfMetric(name: string): UnitKind {
  if (/_(bucket|count|info)$/.test(name)) return 'none';
  return kindOfStem(name);
}

function kindOfStem(name: string): UnitKind {
  const stem = name.replace(/_(total|sum|bucket|count)$/, '').replace(/:(rate|sum|avg).*$/, '');
  if (/_(timestamp|time)_seconds$/.test(stem)) return 'none';
  const suffix = /_(seconds|bytes|ratio|percent)$/.exec(stem)?.[1];
  return (suffix as UnitKind | undefined) ?? 'none';
}

function unitOfCall({ func, args }: Call): Unit {
  if (COUNTING.has(func)) return PLAIN;
  const vector = args.find(({ kind }) => kind !== 'number' && kind !== 'string');
  if (vector === undefined) return PLAIN;
  if (BUCKET_VALUES.has(func)) return { kind: kindOfBuckets(vector), perSecond: false };
  const inner = unitOf(vector);
  return PER_SECOND.has(func) ? { ...inner, perSecond: true } : inner;
}

function kindOfBuckets(vector: Expr): UnitKind {
  for (const { expr } of walk(vector)) {
    if (expr.kind === 'vectorSelector') return kindOfStem(expr.name);
  }
  return 'none';
}

function unitOfBinary({ op, left, right, returnBool }: Binary): Unit {
  if (returnBool) return PLAIN;
  const [a, b] = [unitOf(left), unitOf(right)];
  const factor = numberOf(left) ?? numberOf(right);
  if (op === '*' && factor !== undefined) {
    const other = numberOf(left) === undefined ? a : b;
    return factor === 100 && other.kind === 'ratio' ? { ...other, kind: 'percent' } : PLAIN;
  }
  if (op === '*') return isPlain(a) ? b : isPlain(b) ? a : PLAIN;
  if (op === '/') return quotient(a, b, numberOf(right) !== undefined);
  if (op === '%' || op === '^' || op === 'atan2') return PLAIN;
  return numberOf(left) === undefined ? a : b;
}

function quotient(a: Unit, b: Unit, byNumber: boolean): Unit {
  if (byNumber) return PLAIN;
  if (a.kind !== 'none' && a.kind === b.kind) {
    return a.perSecond === b.perSecond ? { kind: 'ratio', perSecond: false } : PLAIN;
  }
  return b.kind === 'none' ? { kind: a.kind, perSecond: a.perSecond && !b.perSecond } : PLAIN;
}

function isPlain({ kind, perSecond }: Unit): boolean {
  return kind === 'none' && !perSecond;
}

function numberOf(expr: Expr): number | undefined {
  if (expr.kind === 'paren') return numberOf(expr.expr);
  return expr.kind === 'number' ? expr.value : undefined;
}

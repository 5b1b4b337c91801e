/** Expressions as JSON, as the query pages of UIs draw them. Source: Prometheus' web/api/v1/translate_ast.go. */
import { must } from '../base/assert.ts';
import type { Matcher } from '../model/matcher.ts';
import { printFixed } from '../model/number-text.ts';
import type {
  AtModifier,
  Binary,
  DurationExpr,
  Expr,
  Subquery,
  VectorSelector,
} from '../promql/parse/ast.ts';
import { FUNCTIONS } from '../promql/parse/functions.ts';

type Json = Readonly<Record<string, unknown>>;

export function expressionJson(expr: Expr): Json {
  return nodeJson(expr, expressionJson);
}

/** The same with `position` in each node: its range in the query's text, in bytes of UTF-8. */
export function placedExpressionJson(expr: Expr): Json {
  return { ...nodeJson(expr, placedExpressionJson), position: expr.position };
}

/** @param below shows the expressions right below. */
function nodeJson(expr: Expr, below: (expr: Expr) => Json): Json {
  switch (expr.kind) {
    case 'number':
      return { type: 'numberLiteral', val: printFixed(expr.value) };
    case 'string':
      return { type: 'stringLiteral', val: expr.value };
    case 'vectorSelector':
      return { type: 'vectorSelector', ...selectorJson(expr) };
    case 'matrixSelector':
      return {
        type: 'matrixSelector',
        ...selectorJson(expr.selector),
        ...durationJson('range', expr.range),
      };
    case 'subquery':
      return subqueryJson(expr, below);
    case 'call': {
      const { name, argTypes, variadic, returnType } = must(FUNCTIONS.get(expr.func), expr.func);
      const func = { name, argTypes, variadic, returnType };
      return { type: 'call', func, args: expr.args.map(below) };
    }
    case 'aggregation': {
      const { op, grouping, without, param } = expr;
      const parameter = param === undefined ? null : below(param);
      const inner = below(expr.expr);
      return { type: 'aggregation', op, expr: inner, param: parameter, grouping, without };
    }
    case 'binary':
      return binaryJson(expr, below);
    case 'unary':
      return { type: 'unaryExpr', op: expr.op, expr: below(expr.expr) };
    case 'paren':
      return { type: 'parenExpr', expr: below(expr.expr) };
    case 'stepInvariant':
      return nodeJson(expr.expr, below);
  }
}

function binaryJson(
  { op, left, right, matching, returnBool }: Binary,
  below: (expr: Expr) => Json,
): Json {
  const lhs = below(left);
  const rhs = below(right);
  const both = { type: 'binaryExpr', op, lhs, rhs, bool: returnBool };
  if (matching === undefined) return { ...both, matching: null };
  const { card, labels, on, include, fillLeft, fillRight } = matching;
  const fillValues = { lhs: fillLeft ?? null, rhs: fillRight ?? null };
  return { ...both, matching: { card, labels, on, include, fillValues } };
}

function subqueryJson(
  { expr, range, step, offset, at }: Subquery,
  below: (expr: Expr) => Json,
): Json {
  return {
    type: 'subquery',
    expr: below(expr),
    ...durationJson('range', range),
    ...durationJson('offset', offset),
    ...durationJson('step', step),
    ...atJson(at),
  };
}

function selectorJson({ name, matchers, offset, at, extended }: VectorSelector): Json {
  return {
    name,
    matchers: matchers.map(matcherJson),
    ...durationJson('offset', offset),
    ...atJson(at),
    anchored: extended === 'anchored',
    smoothed: extended === 'smoothed',
  };
}

function matcherJson({ name, type, value }: Matcher): Json {
  return { name, value, type };
}

function atJson(at: AtModifier | undefined): Json {
  return {
    timestamp: at?.kind === 'time' ? at.timeMs : null,
    startOrEnd: at === undefined || at.kind === 'time' ? null : at.kind,
  };
}

/** Milliseconds where they are known, else 0 and the expression. */
function durationJson(name: string, duration: DurationExpr | undefined): Json {
  const isKnown = duration === undefined || duration.kind === 'literal';
  const known = duration?.kind === 'literal' ? duration.ms : 0;
  return { [name]: known, [`${name}Expr`]: isKnown ? null : operationJson(duration, false) };
}

function operationJson(expr: DurationExpr, wrapped: boolean): Json {
  const operation = (op: string, lhs?: DurationExpr, rhs?: DurationExpr): Json => ({
    type: 'durationExpr',
    op,
    lhs: lhs === undefined ? null : operationJson(lhs, false),
    rhs: rhs === undefined ? null : operationJson(rhs, false),
    wrapped,
  });
  switch (expr.kind) {
    case 'literal':
      return {
        type: 'numberLiteral',
        val: printFixed(expr.seconds),
        duration: expr.isDuration,
      };
    case 'step':
    case 'range':
      return operation(expr.kind);
    case 'unary':
      return operation(expr.op, undefined, expr.expr);
    case 'binary':
      return operation(expr.op, expr.left, expr.right);
    case 'min_of':
    case 'max_of':
      return operation(expr.kind, expr.left, expr.right);
    case 'paren':
      // Parentheses around a single number are an operation, too: an addition to nothing.
      return expr.expr.kind === 'literal'
        ? { ...operation('+', undefined, expr.expr), wrapped: true }
        : operationJson(expr.expr, true);
  }
}

/** What the grammar alone does not refuse: types, counts of arguments, operators on what they cannot take. */
import { must, unreachable } from '../../base/assert.ts';
import { METRIC_NAME } from '../../model/labels.ts';
import { quoteText } from '../../model/labels-text.ts';
import { compileMatcher } from '../../model/matcher.ts';
import type {
  Aggregation,
  Binary,
  Call,
  Expr,
  Position,
  Unary,
  ValueType,
  VectorSelector,
} from './ast.ts';
import { FUNCTIONS, type FunctionSignature } from './functions.ts';
import { ParseError } from './parse-error.ts';
import type { OperatorModifiers } from './parse-matching.ts';
import { documentedType, valueType } from './value-type.ts';

export interface CheckContext {
  /** The query as UTF-8. */
  readonly source: Uint8Array;
  /** What was written behind each operator, also where it makes no sense. */
  readonly modifiers: ReadonlyMap<Binary, OperatorModifiers>;
}

/** Returns the type. Throws ParseError for the first fault, in the order in which Prometheus looks. */
export function checkTypes(expr: Expr, context: CheckContext): ValueType {
  switch (expr.kind) {
    case 'number':
    case 'string':
      break;
    case 'vectorSelector':
      checkSelector(expr, context, false);
      break;
    case 'matrixSelector':
      checkSelector(expr.selector, context, false);
      break;
    case 'subquery': {
      const type = checkTypes(expr.expr, context);
      if (type !== 'vector') {
        fail(context, expr, `subquery is only allowed on instant vector, got ${type} instead`);
      }
      break;
    }
    case 'paren':
    case 'stepInvariant':
      checkTypes(expr.expr, context);
      break;
    case 'unary':
      checkUnary(expr, context);
      break;
    case 'call':
      checkCall(expr, context);
      break;
    case 'aggregation':
      checkAggregation(expr, context);
      break;
    case 'binary':
      checkBinary(expr, context);
      break;
    default:
      unreachable(expr);
  }
  return valueType(expr);
}

function fail(context: CheckContext, { position }: { position: Position }, text: string): never {
  throw new ParseError(context.source, position, text);
}

function expectType(expr: Expr, wanted: ValueType, where: string, context: CheckContext): void {
  const type = checkTypes(expr, context);
  if (type === wanted) return;
  const got = documentedType(type);
  fail(context, expr, `expected type ${documentedType(wanted)} in ${where}, got ${got}`);
}

function checkUnary(expr: Unary, context: CheckContext): void {
  const type = checkTypes(expr.expr, context);
  if (type === 'scalar' || type === 'vector') return;
  const allowed = 'unary expression only allowed on expressions of type scalar or instant vector';
  fail(context, expr, `${allowed}, got ${quoteText(documentedType(type))}`);
}

function checkAggregation(expr: Aggregation, context: CheckContext): void {
  expectType(expr.expr, 'vector', 'aggregation expression', context);
  if (expr.param === undefined) return;
  const wanted = expr.op === 'count_values' ? 'string' : 'scalar';
  expectType(expr.param, wanted, 'aggregation parameter', context);
}

/** `bare`: the selector of info(), which may be without any condition. */
function checkSelector(expr: VectorSelector, context: CheckContext, bare: boolean): void {
  if (expr.name !== '') {
    const inside = expr.matchers.slice(0, -1).find(({ name }) => name === METRIC_NAME);
    if (inside === undefined) return;
    const names = `${quoteText(expr.name)} or ${quoteText(inside.value)}`;
    fail(context, expr, `metric name must not be set twice: ${names}`);
  }
  if (bare || expr.matchers.some((matcher) => !compileMatcher(matcher).matches(''))) return;
  fail(context, expr, 'vector selector must contain at least one non-empty matcher');
}

function checkCall(expr: Call, context: CheckContext): void {
  const signature = must(FUNCTIONS.get(expr.func), `a function ${expr.func}`);
  checkArgumentCount(expr, signature, context);
  const callee = `call to function ${quoteText(expr.func)}`;
  const infoSelector = expr.func === 'info' ? expr.args[1] : undefined;
  if (infoSelector !== undefined) checkInfoSelector(expr, infoSelector, context);
  expr.args.forEach((arg, i) => {
    const wanted = signature.argTypes[i] ?? must(signature.argTypes.at(-1), 'an argument type');
    if (arg === infoSelector && arg.kind === 'vectorSelector') checkSelector(arg, context, true);
    else expectType(arg, wanted, callee, context);
  });
}

function checkArgumentCount(
  expr: Call,
  { argTypes, variadic }: FunctionSignature,
  context: CheckContext,
): void {
  const count = expr.args.length;
  const place = `argument(s) in call to ${quoteText(expr.func)}, got ${count}`;
  const least = variadic === 0 ? argTypes.length : argTypes.length - 1;
  if (variadic === 0 && count !== least) fail(context, expr, `expected ${least} ${place}`);
  if (count < least) fail(context, expr, `expected at least ${least} ${place}`);
  const most = least + variadic;
  if (variadic > 0 && count > most) fail(context, expr, `expected at most ${most} ${place}`);
}

function checkInfoSelector(call: Call, arg: Expr, context: CheckContext): void {
  const type = valueType(arg);
  if (type !== 'vector') {
    const got = documentedType(type);
    fail(context, call, `expected type instant vector in call to function "info", got ${got}`);
  }
  if (arg.kind !== 'vectorSelector') fail(context, arg, 'expected label selectors only');
  if (arg.name !== '') {
    fail(context, arg, 'expected label selectors only, got vector selector instead');
  }
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const SET_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);

function checkBinary(expr: Binary, context: CheckContext): void {
  const { left, right, op } = expr;
  const types = [checkTypes(left, context), checkTypes(right, context)];
  const { returnBool, matching } = must(context.modifiers.get(expr), 'modifiers of the operator');
  const isComparison = COMPARISONS.has(op);
  if (returnBool && !isComparison) {
    failOperator(expr, context, 'bool modifier can only be used on comparison operators');
  }
  if (isComparison && !returnBool && types.every((type) => type === 'scalar')) {
    failOperator(expr, context, 'comparisons between scalars must use BOOL modifier');
  }
  const both = matching.on && matching.labels.find((label) => matching.include.includes(label));
  if (typeof both === 'string') {
    const text = `label ${quoteText(both)} must not occur in ON and GROUP clause at once`;
    failOperator(expr, context, text);
  }
  [left, right].forEach((side, i) => {
    if (types[i] === 'scalar' || types[i] === 'vector') return;
    fail(context, side, 'binary expression must contain only scalar and instant vector types');
  });
  checkMatching(expr, matching, context);
  if (SET_OPERATORS.has(op) && types.includes('scalar')) {
    const text = `set operator ${quoteText(op)} not allowed in binary scalar expression`;
    fail(context, expr, text);
  }
}

function checkMatching(
  expr: Binary,
  written: OperatorModifiers['matching'],
  context: CheckContext,
): void {
  const fills = written.fillLeft !== undefined || written.fillRight !== undefined;
  if (expr.matching === undefined) {
    if (written.labels.length > 0) {
      fail(context, expr, 'vector matching only allowed between instant vectors');
    }
    if (fills) {
      fail(context, expr, 'filling in missing series only allowed between instant vectors');
    }
    return;
  }
  if (!SET_OPERATORS.has(expr.op)) return;
  if (written.card !== 'one-to-one') {
    fail(context, expr, `no grouping allowed for ${quoteText(expr.op)} operation`);
  }
  if (fills) fail(context, expr, 'filling in missing series not allowed for set operators');
}

/** Blames the operator: what lies between the sides, without the space around it. */
function failOperator(expr: Binary, context: CheckContext, text: string): never {
  let start = expr.left.position.end;
  while (isSpace(context.source[start])) start++;
  return fail(context, { position: { start, end: expr.right.position.start } }, text);
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

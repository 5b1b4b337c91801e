/**
 * Durations behind `[`, `:` and `offset`: literals, step(), range(), min_of, max_of, arithmetic. Seconds are
 * numbers; resolving an expression to milliseconds is the planner's work.
 */
import type { DurationExpr, NumberLiteral, Position } from './ast.ts';
import { parseNumberOrDuration, startsNumber, withSign } from './parse-literal.ts';
import type { Token } from './token.ts';
import { NESTED_TOO_DEEPLY, NESTING_MAX, type TokenStream } from './token-stream.ts';

type BinaryDurationOp = '+' | '-' | '*' | '/' | '%' | '^';

const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ['+', 1],
  ['-', 1],
  ['*', 2],
  ['/', 2],
  ['%', 2],
  ['^', 3],
]);
const POWER = 3;

/** A range or a step. A literal that is not positive is an error here, anything else when it is resolved. */
export function parsePositiveDuration(stream: TokenStream): DurationExpr {
  const duration = limitDepth(stream, parseDuration(stream, 1));
  if (duration.kind === 'literal' && duration.seconds <= 0) {
    stream.fail(duration.position, 'duration must be greater than 0');
  }
  return duration;
}

/**
 * What follows `offset`. Unless it begins with a parenthesis or two signs it ends before the next operator:
 * `foo offset 5 - 2` is (foo offset 5) - 2.
 */
export function parseOffsetDuration(stream: TokenStream): DurationExpr {
  return limitDepth(stream, parseUnboundOffset(stream));
}

function parseUnboundOffset(stream: TokenStream): DurationExpr {
  if (stream.peek() === '(') return parseDuration(stream, 1);
  const sign = stream.accept('-') ?? stream.accept('+');
  if (sign === undefined) return parseDurationAtom(stream);
  if (startsNumber(stream)) {
    const literal = parseNumberOrDuration(stream);
    const { start } = sign.position;
    return toDuration(stream, withSign(literal, sign.kind, start), sign.position);
  }
  if (stream.peek() !== '-' && stream.peek() !== '+') {
    return applySign(stream, sign, parseDurationAtom(stream));
  }
  const operand = stream.nested(() => parseDuration(stream, POWER));
  return parseDurationTail(stream, applySign(stream, sign, operand), 1);
}

function parseDuration(stream: TokenStream, least: number): DurationExpr {
  return stream.nested(() => {
    const sign = stream.accept('-') ?? stream.accept('+');
    const left =
      sign === undefined
        ? parseDurationAtom(stream)
        : applySign(stream, sign, parseDuration(stream, POWER));
    return parseDurationTail(stream, left, least);
  });
}

function parseDurationTail(stream: TokenStream, first: DurationExpr, least: number): DurationExpr {
  let left = first;
  for (;;) {
    const precedence = PRECEDENCE.get(stream.peek());
    if (precedence === undefined || precedence < least) return left;
    const operator = stream.take();
    const op = operator.kind as BinaryDurationOp;
    const right = parseDuration(stream, op === '^' ? precedence : precedence + 1);
    if ((op === '/' || op === '%') && right.kind === 'literal' && right.seconds === 0) {
      stream.fail(operator.position, op === '/' ? 'division by zero' : 'modulo by zero');
    }
    const position = { start: left.position.start, end: right.position.end };
    left = { kind: 'binary', position, op, left, right };
  }
}

function parseDurationAtom(stream: TokenStream): DurationExpr {
  const head = stream.peek();
  switch (head) {
    case 'number':
    case 'duration': {
      const literal = parseNumberOrDuration(stream);
      return toDuration(stream, literal, literal.position);
    }
    case 'step':
    case 'range': {
      const { position } = stream.take();
      stream.expect('(');
      const { end } = stream.expect(')').position;
      return { kind: head, position: { start: position.start, end } };
    }
    case 'min_of':
    case 'max_of':
      return parseChoice(stream, head);
    case '(':
      return parseParenDuration(stream);
    default:
      return stream.unexpected();
  }
}

function parseChoice(stream: TokenStream, kind: 'min_of' | 'max_of'): DurationExpr {
  stream.take();
  stream.expect('(');
  const left = parseDuration(stream, 1);
  stream.expect(',');
  const right = parseDuration(stream, 1);
  stream.expect(')');
  const position = { start: left.position.start, end: right.position.end };
  return { kind, position, left, right };
}

/** Several parentheses around the same are one. */
function parseParenDuration(stream: TokenStream): DurationExpr {
  const { start } = stream.take().position;
  const expr = parseDuration(stream, 1);
  stream.expect(')');
  return expr.kind === 'paren' ? expr : wrap(expr, start);
}

function wrap(expr: DurationExpr, start: number): DurationExpr {
  const { end } = expr.position;
  const position = expr.kind === 'literal' ? { start, end } : expr.position;
  return { kind: 'paren', position, expr };
}

/** A sign makes another literal of a literal; a plus before anything else says nothing. */
function applySign(stream: TokenStream, sign: Token, expr: DurationExpr): DurationExpr {
  const start = sign.position.start;
  if (expr.kind === 'literal') {
    const { seconds, isDuration } = expr;
    const literal: NumberLiteral = {
      kind: 'number',
      position: expr.position,
      value: seconds,
      isDuration,
    };
    return toDuration(stream, withSign(literal, sign.kind, start), sign.position);
  }
  if (sign.kind === '+') return expr;
  return { kind: 'unary', position: { start, end: expr.position.end }, op: '-', expr };
}

/** Go holds durations as 63 bits of nanoseconds. */
const LONGEST_SECONDS = 2 ** 63 / 1e9;

function toDuration(
  stream: TokenStream,
  { position, value, isDuration }: NumberLiteral,
  blamed: Position,
): DurationExpr {
  if (!(Math.abs(value) <= LONGEST_SECONDS)) stream.fail(blamed, 'duration out of range');
  const nanoseconds = roundHalfAway(value * 1e9);
  const ms = Math.trunc(nanoseconds / 1e6);
  return { kind: 'literal', position, ms, seconds: value, isDuration };
}

function roundHalfAway(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}

function limitDepth(stream: TokenStream, root: DurationExpr): DurationExpr {
  let level: readonly DurationExpr[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > NESTING_MAX) stream.fail(root.position, NESTED_TOO_DEEPLY);
    level = level.flatMap(durationChildren);
  }
  return root;
}

function durationChildren(expr: DurationExpr): readonly DurationExpr[] {
  switch (expr.kind) {
    case 'literal':
    case 'step':
    case 'range':
      return [];
    case 'unary':
    case 'paren':
      return [expr.expr];
    case 'binary':
    case 'min_of':
    case 'max_of':
      return [expr.left, expr.right];
  }
}

/** What may follow an expression: a range, a subquery, `offset`, `@`, `anchored`, `smoothed`. */
import type {
  AtModifier,
  DurationExpr,
  Expr,
  MatrixSelector,
  Subquery,
  VectorSelector,
} from './ast.ts';
import { parseOffsetDuration, parsePositiveDuration } from './parse-duration.ts';
import { parseSignedNumber } from './parse-literal.ts';
import type { SyntaxOptions } from './syntax-options.ts';
import type { TokenStream } from './token-stream.ts';

/** All of them, in any order; they bind more tightly than any operator. */
export function parseSelectorModifiers(
  stream: TokenStream,
  expr: Expr,
  options: SyntaxOptions,
): Expr {
  let result = expr;
  for (;;) {
    switch (stream.peek()) {
      case '[':
        result = parseBrackets(stream, result);
        break;
      case 'offset':
        result = parseOffset(stream, result);
        break;
      case '@':
        result = parseAt(stream, result);
        break;
      case 'anchored':
        result = parseExtended(stream, result, 'anchored', options);
        break;
      case 'smoothed':
        result = parseExtended(stream, result, 'smoothed', options);
        break;
      default:
        return result;
    }
  }
}

const DURATION_EXPECTED = 'number, duration, step(), or range()';

function parseBrackets(stream: TokenStream, expr: Expr): MatrixSelector | Subquery {
  const open = stream.take();
  const range = stream.within(
    { place: 'subquery or range selector', expected: DURATION_EXPECTED },
    () => parsePositiveDuration(stream),
  );
  const close = stream.accept(']');
  if (close === undefined) return parseSubquery(stream, expr, range);
  const blamed = { start: open.position.start, end: close.position.end };
  if (expr.kind !== 'vectorSelector') {
    return stream.fail(blamed, 'ranges only allowed for vector selectors');
  }
  if (expr.offset !== undefined) {
    stream.fail(blamed, 'no offset modifiers allowed before range');
  }
  if (expr.at !== undefined) stream.fail(blamed, 'no @ modifiers allowed before range');
  const position = { start: expr.position.start, end: close.position.end };
  return { kind: 'matrixSelector', position, selector: expr, range };
}

function parseSubquery(stream: TokenStream, expr: Expr, range: DurationExpr): Subquery {
  if (stream.accept(':') === undefined) {
    stream.unexpected({ place: 'subquery or range', expected: '":" or "]"' });
  }
  const expected = 'number, duration, step(), range(), or "]"';
  const step =
    stream.peek() === ']'
      ? undefined
      : stream.within({ place: 'subquery selector', expected }, () =>
          parsePositiveDuration(stream),
        );
  const close = stream.accept(']');
  if (close === undefined) stream.unexpected({ place: 'subquery selector', expected: '"]"' });
  const position = { start: expr.position.start, end: close.position.end };
  return { kind: 'subquery', position, expr, range, step, offset: undefined, at: undefined };
}

type Shiftable = VectorSelector | Subquery;

const PRECEDED_BY =
  'must be preceded by an instant vector selector or range vector selector or a subquery';

function parseOffset(stream: TokenStream, expr: Expr): Expr {
  stream.take();
  const duration = stream.within({ place: 'offset', expected: DURATION_EXPECTED }, () =>
    parseOffsetDuration(stream),
  );
  // No offset at all is as good as none.
  const offset = duration.kind === 'literal' && duration.seconds === 0 ? undefined : duration;
  return modify(stream, expr, 'offset modifier', (target) => {
    if (target.offset !== undefined) {
      stream.fail(expr.position, 'offset may not be set multiple times');
    }
    return { ...target, offset };
  });
}

function parseAt(stream: TokenStream, expr: Expr): Expr {
  stream.take();
  const at = stream.within({ place: '@', expected: 'timestamp' }, () =>
    parseTimestamp(stream, expr),
  );
  return modify(stream, expr, '@ modifier', (target) => {
    if (target.at !== undefined) {
      stream.fail(expr.position, '@ <timestamp> may not be set multiple times');
    }
    return { ...target, at };
  });
}

function parseTimestamp(stream: TokenStream, expr: Expr): AtModifier {
  const word = stream.peek();
  if (word === 'start' || word === 'end') {
    stream.take();
    stream.expect('(');
    stream.expect(')');
    return { kind: word };
  }
  const { value } = parseSignedNumber(stream);
  if (!(Math.abs(value) < 2 ** 63)) {
    const shown = Number.isFinite(value) ? `${BigInt(value)}.000000` : infinityText(value);
    stream.fail(expr.position, `timestamp out of bounds for @ modifier: ${shown}`);
  }
  return { kind: 'time', timeMs: roundHalfAway(value * 1000) };
}

function infinityText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

function roundHalfAway(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}

/** Applies a change to what carries offset and time; the range of a selector carries none itself. */
function modify(
  stream: TokenStream,
  expr: Expr,
  modifier: string,
  change: <T extends Shiftable>(target: T) => T,
): Expr {
  const { end } = stream.lastPosition;
  switch (expr.kind) {
    case 'vectorSelector':
    case 'subquery':
      return { ...change(expr), position: { start: expr.position.start, end } };
    case 'matrixSelector': {
      const position = { start: expr.position.start, end };
      return { ...expr, selector: change(expr.selector), position };
    }
    default:
      return stream.fail(expr.position, `${modifier} ${PRECEDED_BY}`);
  }
}

type Extension = 'anchored' | 'smoothed';

function parseExtended(
  stream: TokenStream,
  expr: Expr,
  extended: Extension,
  options: SyntaxOptions,
): Expr {
  stream.take();
  const { position } = expr;
  if (!options.extendedRangeSelectors) {
    stream.fail(position, `${extended} modifier is experimental and not enabled`);
  }
  switch (expr.kind) {
    case 'vectorSelector':
      return extend(stream, expr, extended);
    case 'matrixSelector':
      return { ...expr, selector: extend(stream, expr.selector, extended) };
    case 'subquery':
      return stream.fail(position, `${extended} modifier is not supported for subqueries`);
    default:
      return stream.fail(position, `${extended} modifier not implemented`);
  }
}

function extend(
  stream: TokenStream,
  selector: VectorSelector,
  extended: Extension,
): VectorSelector {
  if (selector.extended !== undefined && selector.extended !== extended) {
    stream.fail(selector.position, 'anchored and smoothed modifiers cannot be used together');
  }
  return { ...selector, extended };
}

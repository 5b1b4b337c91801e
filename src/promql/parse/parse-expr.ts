/**
 * The grammar of PromQL by recursive descent. The first error ends it. Messages and the order in which faults are
 * found are those of Prometheus' promql/parser (3.14).
 */
import { quoteText } from '../../model/labels-text.ts';
import type { Matcher } from '../../model/matcher.ts';
import type {
  Aggregation,
  AggregationOp,
  Binary,
  BinaryOp,
  Call,
  Expr,
  Paren,
  Position,
} from './ast.ts';
import { checkTypes } from './check-types.ts';
import { FUNCTIONS } from './functions.ts';
import { unquote } from './lex-string.ts';
import { parseNumberOrDuration, withSign } from './parse-literal.ts';
import {
  type OperatorModifiers,
  parseLabelNames,
  parseOperatorModifiers,
} from './parse-matching.ts';
import { parseSelector, parseSelectorAfterName } from './parse-selector.ts';
import { parseSelectorModifiers } from './parse-selector-modifiers.ts';
import { STABLE_SYNTAX, type SyntaxOptions } from './syntax-options.ts';
import { isAggregation, isPreprocessor, namesMetric, type Token } from './token.ts';
import { NESTED_TOO_DEEPLY, NESTING_MAX, TokenStream } from './token-stream.ts';
import { valueType } from './value-type.ts';
import { treeDepth } from './walk.ts';

/** Parses and checks a query. Throws ParseError. */
export function parseExpr(query: string, options: SyntaxOptions = STABLE_SYNTAX): Expr {
  const parser = new ExprParser(query, options);
  return parser.parse();
}

/** Parses a selector without offset and range, such as the API takes in `match[]`. Throws ParseError. */
export function parseMetricSelector(text: string): readonly Matcher[] {
  const stream = new TokenStream(text);
  const { matchers } = parseSelector(stream);
  stream.expect('end of input');
  return matchers;
}

const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ['or', 1],
  ['and', 2],
  ['unless', 2],
  ['==', 3],
  ['!=', 3],
  ['<', 3],
  ['<=', 3],
  ['>', 3],
  ['>=', 3],
  ['</', 3],
  ['>/', 3],
  ['+', 4],
  ['-', 4],
  ['*', 5],
  ['/', 5],
  ['%', 5],
  ['atan2', 5],
  ['^', 6],
]);
/** A sign binds like `*`: only `^` belongs to its operand. */
const POWER = 6;

const AGGREGATIONS_WITH_PARAM: ReadonlySet<AggregationOp> = new Set([
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
]);

class ExprParser {
  readonly #stream: TokenStream;
  readonly #options: SyntaxOptions;
  /** What was written behind each operator, also where it makes no sense. */
  readonly #modifiers = new Map<Binary, OperatorModifiers>();

  constructor(query: string, options: SyntaxOptions) {
    this.#stream = new TokenStream(query);
    this.#options = options;
  }

  parse(): Expr {
    const stream = this.#stream;
    if (stream.peek() === 'end of input') {
      stream.fail({ start: 0, end: 0 }, 'no expression found in input');
    }
    const expr = this.#expr(1);
    stream.expect('end of input');
    if (treeDepth(expr) > NESTING_MAX) stream.fail(expr.position, NESTED_TOO_DEEPLY);
    checkTypes(expr, { source: stream.source, modifiers: this.#modifiers });
    return expr;
  }

  #expr(least: number): Expr {
    const stream = this.#stream;
    return stream.nested(() => {
      let left = this.#operand();
      for (;;) {
        const precedence = PRECEDENCE.get(stream.peek());
        if (precedence === undefined || precedence < least) return left;
        const op = stream.take().kind as BinaryOp;
        const modifiers = parseOperatorModifiers(stream);
        const right = this.#expr(op === '^' ? precedence : precedence + 1);
        left = this.#binary(op, left, right, modifiers);
      }
    });
  }

  #binary(op: BinaryOp, left: Expr, right: Expr, modifiers: OperatorModifiers): Binary {
    const position = { start: left.position.start, end: right.position.end };
    const { returnBool, matching } = modifiers;
    const fills = matching.fillLeft !== undefined || matching.fillRight !== undefined;
    if (fills && !this.#options.binopFillModifiers) {
      this.#stream.fail(position, 'binop fill modifiers are experimental and not enabled');
    }
    const isVectors = valueType(left) === 'vector' && valueType(right) === 'vector';
    const isSet = op === 'and' || op === 'or' || op === 'unless';
    const card = isSet && matching.card === 'one-to-one' ? 'many-to-many' : matching.card;
    const binary: Binary = {
      kind: 'binary',
      position,
      op,
      left,
      right,
      matching: isVectors ? { ...matching, card } : undefined,
      returnBool,
    };
    this.#modifiers.set(binary, modifiers);
    return binary;
  }

  #operand(): Expr {
    const stream = this.#stream;
    const sign = stream.accept('-') ?? stream.accept('+');
    if (sign === undefined) {
      return parseSelectorModifiers(stream, this.#primary(), this.#options);
    }
    const expr = this.#expr(POWER);
    const { start } = sign.position;
    if (expr.kind === 'number') return withSign(expr, sign.kind, start);
    const position = { start, end: expr.position.end };
    return { kind: 'unary', position, op: sign.kind === '-' ? '-' : '+', expr };
  }

  #primary(): Expr {
    const stream = this.#stream;
    switch (stream.peek()) {
      case 'number':
      case 'duration':
        return parseNumberOrDuration(stream);
      case 'string': {
        const { text, position } = stream.take();
        return { kind: 'string', position, value: unquote(text) };
      }
      case '(':
        return this.#paren();
      case '{':
        return parseSelector(stream);
      default:
        return namesMetric(stream.peekToken()) ? this.#named(stream.take()) : stream.unexpected();
    }
  }

  #paren(): Paren {
    const { start } = this.#stream.take().position;
    const expr = this.#expr(1);
    const { end } = this.#stream.expect(')').position;
    return { kind: 'paren', position: { start, end }, expr };
  }

  /** A word alone is a metric; what follows it may make it a function or an aggregation. */
  #named(name: Token): Expr {
    const stream = this.#stream;
    const after = stream.peek();
    if (isAggregation(name.kind)) {
      if (after === '(' || after === 'by' || after === 'without') {
        return this.#aggregation(name, name.kind);
      }
    } else if (after === '(' && callsFunction(name)) {
      return this.#call(name);
    }
    return parseSelectorAfterName(stream, name);
  }

  #call(name: Token): Call {
    const args = this.#args();
    const known = FUNCTIONS.get(name.text);
    if (known === undefined) {
      const shown = quoteText(name.text);
      return this.#stream.fail(name.position, `unknown function with name ${shown}`);
    }
    if (known.isExperimental && !this.#options.experimentalFunctions) {
      this.#stream.fail(name.position, `function ${quoteText(name.text)} is not enabled`);
    }
    const position = { start: name.position.start, end: this.#stream.lastPosition.end };
    return { kind: 'call', position, func: name.text, args };
  }

  #args(): readonly Expr[] {
    const stream = this.#stream;
    const args: Expr[] = [];
    stream.expect('(');
    if (stream.accept(')') !== undefined) return args;
    for (;;) {
      args.push(this.#expr(1));
      const comma = stream.accept(',');
      if (comma === undefined) break;
      if (!stream.startsExpr()) {
        stream.fail(comma.position, 'trailing commas not allowed in function call args');
      }
    }
    stream.expect(')');
    return args;
  }

  #aggregation(name: Token, op: AggregationOp): Aggregation {
    const stream = this.#stream;
    const parsed = stream.within({ place: 'aggregation', expected: '' }, () => {
      const before = this.#grouping();
      const args = this.#args();
      return { args, grouping: before ?? this.#grouping() };
    });
    const position = { start: name.position.start, end: stream.lastPosition.end };
    const { labels, without } = parsed.grouping ?? { labels: [], without: false };
    const operands = this.#operands(op, parsed.args, position);
    return { kind: 'aggregation', position, op, ...operands, grouping: labels, without };
  }

  #grouping(): { readonly labels: readonly string[]; readonly without: boolean } | undefined {
    const stream = this.#stream;
    const word = stream.accept('by') ?? stream.accept('without');
    if (word === undefined) return undefined;
    return { labels: parseLabelNames(stream), without: word.kind === 'without' };
  }

  #operands(
    op: AggregationOp,
    args: readonly Expr[],
    position: Position,
  ): Pick<Aggregation, 'expr' | 'param'> {
    const fail = (text: string): never => this.#stream.fail(position, text);
    if (args.length === 0) fail('no arguments for aggregate expression provided');
    const isExperimental = op === 'limitk' || op === 'limit_ratio';
    if (isExperimental && !this.#options.experimentalFunctions) {
      fail(`${op}() is experimental and must be enabled with ${EXPERIMENTAL_FLAG}`);
    }
    const wanted = AGGREGATIONS_WITH_PARAM.has(op) ? 2 : 1;
    if (args.length !== wanted) {
      const counts = `expected ${wanted}, got ${args.length}`;
      fail(`wrong number of arguments for aggregate expression provided, ${counts}`);
    }
    const [first, second] = args as readonly [Expr, Expr?];
    return second === undefined
      ? { expr: first, param: undefined }
      : { expr: second, param: first };
  }
}

const EXPERIMENTAL_FLAG = '--enable-feature=promql-experimental-functions';

/** Words that a parenthesis makes a function; behind any other it is an error. */
function callsFunction({ kind }: Token): boolean {
  return kind === 'identifier' || isPreprocessor(kind);
}

/**
 * One token of look-ahead, read as late as possible: what is wrong with the tokens before it is reported first.
 * Knows how Prometheus words a syntax error: by the innermost construct that gives errors a context.
 */
import type { Position } from './ast.ts';
import { Lexer } from './lexer.ts';
import { ParseError } from './parse-error.ts';
import { describeToken, namesMetric, type Token, type TokenKind } from './token.ts';

/** Deeper expressions would exhaust the stack of what walks them. */
export const NESTING_MAX = 1000;

export class TokenStream {
  readonly #lexer: Lexer;
  #ahead: Token | undefined;
  #context: ErrorContext = { place: '', expected: '' };
  #depth = 0;
  #last: Position = { start: 0, end: 0 };

  constructor(query: string) {
    this.#lexer = new Lexer(new TextEncoder().encode(query));
  }

  /** The query as UTF-8, which positions count in. */
  get source(): Uint8Array {
    return this.#lexer.source;
  }

  /** The kind of the next token. Throws ParseError. */
  peek(): TokenKind {
    return this.peekToken().kind;
  }

  peekToken(): Token {
    this.#ahead ??= this.#lexer.next();
    return this.#ahead;
  }

  take(): Token {
    const token = this.peekToken();
    this.#ahead = undefined;
    this.#last = token.position;
    return token;
  }

  /** Where the token taken last was. */
  get lastPosition(): Position {
    return this.#last;
  }

  /** Whether an expression may begin here. */
  startsExpr(): boolean {
    const token = this.peekToken();
    return EXPR_STARTS.has(token.kind) || namesMetric(token);
  }

  /** Takes the next token if it is of this kind. */
  accept(kind: TokenKind): Token | undefined {
    return this.peek() === kind ? this.take() : undefined;
  }

  /** Takes a token of this kind or fails in the current context. */
  expect(kind: TokenKind): Token {
    return this.accept(kind) ?? this.unexpected();
  }

  /** Errors inside are worded by this context unless a narrower one is entered. */
  within<T>(context: ErrorContext, parse: () => T): T {
    const outer = this.#context;
    this.#context = context;
    const result = parse();
    this.#context = outer;
    return result;
  }

  /** Counts nested expressions. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > NESTING_MAX) this.fail(this.peekToken().position, NESTED_TOO_DEEPLY);
    const result = parse();
    this.#depth--;
    return result;
  }

  /** The next token cannot stand here. */
  unexpected(context: ErrorContext = this.#context): never {
    const token = this.peekToken();
    const place = context.place === '' ? '' : ` in ${context.place}`;
    const expected = context.expected === '' ? '' : `, expected ${context.expected}`;
    return this.fail(token.position, `unexpected ${describeToken(token)}${place}${expected}`);
  }

  fail(position: Position, text: string): never {
    throw new ParseError(this.source, position, text);
  }
}

const EXPR_STARTS: ReadonlySet<TokenKind> = new Set([
  'number',
  'duration',
  'string',
  '(',
  '{',
  '+',
  '-',
]);

export interface ErrorContext {
  readonly place: string;
  /** What would be right, quoted where it is a token; '' if that is not said. */
  readonly expected: string;
}

const LEVELS = `at most ${NESTING_MAX} levels`;
export const NESTED_TOO_DEEPLY: string = `expression is nested too deeply: ${LEVELS}`;

/**
 * Splits a query into tokens, on demand. Works on UTF-8 bytes because positions count bytes. Three modes: between
 * braces every word is an identifier; right behind `[` only durations are allowed, until the first of them is
 * read; everywhere else words have their meaning. Source: the lexer of Prometheus' promql/parser.
 */
import { scanNumber, scanRestOfDuration } from './lex-number.ts';
import { scanRawString, scanString } from './lex-string.ts';
import { isAlpha, isAlphaNumeric, isDigit, quoteRune, Scanner } from './scanner.ts';
import { DURATION_WORDS, type Token, type TokenKind, WORDS } from './token.ts';

export class Lexer {
  readonly #scanner: Scanner;
  #parenDepth = 0;
  #inBraces = false;
  #inBrackets = false;
  /** Between brackets, before the first number. */
  #expectsDuration = false;
  #gotColon = false;
  #gotDuration = false;

  constructor(source: Uint8Array) {
    this.#scanner = new Scanner(source);
  }

  get source(): Uint8Array {
    return this.#scanner.source;
  }

  /** The next token; 'end of input' at the end. Throws ParseError. */
  next(): Token {
    const scanner = this.#scanner;
    for (;;) {
      if (!this.#expectsDuration) this.#skipComment();
      scanner.skipSpace();
      scanner.start = scanner.at;
      // A comment may follow the space.
      if (this.#expectsDuration || scanner.peek() !== '#') break;
    }
    if (this.#inBraces) return this.#nextInBraces();
    return this.#expectsDuration ? this.#nextDurationToken() : this.#nextStatementToken();
  }

  #skipComment(): void {
    const scanner = this.#scanner;
    if (scanner.peek() !== '#') return;
    while (scanner.peek() !== '' && scanner.peek() !== '\n' && scanner.peek() !== '\r')
      scanner.next();
  }

  #nextStatementToken(): Token {
    const scanner = this.#scanner;
    const head = scanner.next();
    switch (head) {
      case '':
        return this.#end();
      case ',':
      case '*':
      case '/':
      case '%':
      case '+':
      case '-':
      case '^':
      case '@':
        return scanner.token(head);
      case '=':
        if (scanner.peek() === '~') scanner.fail("unexpected character after '=': '~'");
        return scanner.token(scanner.accept('=') ? '==' : '=');
      case '!':
        return this.#notEqual('');
      case '<':
        if (scanner.accept('=')) return scanner.token('<=');
        return scanner.token(scanner.accept('/') ? '</' : '<');
      case '>':
        if (scanner.accept('=')) return scanner.token('>=');
        return scanner.token(scanner.accept('/') ? '>/' : '>');
      case '{':
        this.#inBraces = true;
        return scanner.token('{');
      case '[':
        return this.#openBracket();
      case ']':
        if (!this.#inBrackets) scanner.fail("unexpected right bracket ']'");
        this.#inBrackets = false;
        return scanner.token(']');
      default:
        return this.#commonToken(head) ?? this.#word(head);
    }
  }

  #end(): Token {
    if (this.#parenDepth > 0) this.#scanner.fail('unclosed left parenthesis');
    if (this.#inBrackets) this.#scanner.fail('unclosed left bracket');
    return this.#scanner.token('end of input');
  }

  /** What reads the same inside brackets and outside. */
  #commonToken(head: string): Token | undefined {
    const scanner = this.#scanner;
    if (head === '(') {
      this.#parenDepth++;
      return scanner.token('(');
    }
    if (head === ')') return this.#closeParen();
    if (head === '"' || head === "'") return scanString(scanner, head);
    if (head === '`') return scanRawString(scanner);
    if (isDigit(head) || (head === '.' && isDigit(scanner.peek()))) return this.#number();
    return undefined;
  }

  #closeParen(): Token {
    const token = this.#scanner.token(')');
    this.#parenDepth--;
    if (this.#parenDepth < 0) {
      this.#scanner.start = this.#scanner.at;
      this.#scanner.fail("unexpected right parenthesis ')'");
    }
    return token;
  }

  #notEqual(where: string): Token {
    const after = this.#scanner.next();
    if (after === '=') return this.#scanner.token('!=');
    return this.#scanner.fail(`unexpected character after '!'${where}: ${quoteRune(after)}`);
  }

  #openBracket(): Token {
    const scanner = this.#scanner;
    if (this.#inBrackets) scanner.fail("unexpected left bracket '['");
    this.#inBrackets = true;
    this.#expectsDuration = true;
    this.#gotColon = false;
    return scanner.token('[');
  }

  #number(): Token {
    const scanner = this.#scanner;
    this.#expectsDuration = false;
    scanner.at = scanner.start;
    if (scanNumber(scanner)) return scanner.token('number');
    if (scanRestOfDuration(scanner)) return scanner.token('duration');
    return scanner.fail(`bad number or duration syntax: ${scanner.quoted()}`);
  }

  #word(head: string): Token {
    const scanner = this.#scanner;
    if (!isAlpha(head) && head !== ':') {
      return scanner.fail(`unexpected character: ${quoteRune(head)}`);
    }
    if (this.#inBrackets) return this.#wordInBrackets(head);
    while (isAlphaNumeric(scanner.peek()) || scanner.peek() === ':') scanner.next();
    const word = scanner.text();
    const kind = WORDS.get(word.toLowerCase());
    if (kind !== undefined && !(kind.startsWith('fill') && !this.#parenFollows())) {
      return scanner.token(kind);
    }
    return scanner.token(word.includes(':') ? 'metric identifier' : 'identifier');
  }

  /** `fill` and its like are keywords only before a parenthesis, so that metrics may be called so. */
  #parenFollows(): boolean {
    const at = this.#scanner.at;
    this.#scanner.skipSpace();
    const found = this.#scanner.peek() === '(';
    this.#scanner.at = at;
    return found;
  }

  #wordInBrackets(head: string): Token {
    const scanner = this.#scanner;
    if (head === ':') {
      if (this.#gotColon) scanner.fail("unexpected colon ':'");
      this.#gotColon = true;
      return scanner.token(':');
    }
    return (
      this.#durationWord(head) ??
      scanner.fail(`unexpected character: ${quoteRune(head)}, expected ':'`)
    );
  }

  #durationWord(head: string): Token | undefined {
    if (!/[srm]/i.test(head)) return undefined;
    const scanner = this.#scanner;
    while (isAlpha(scanner.peek())) scanner.next();
    const word = scanner.text().toLowerCase();
    return DURATION_WORDS.has(word) ? scanner.token(word as TokenKind) : undefined;
  }

  #nextDurationToken(): Token {
    const scanner = this.#scanner;
    const head = scanner.next();
    switch (head) {
      case '':
        return scanner.fail('unexpected end of input in duration expression');
      case ']':
        this.#expectsDuration = false;
        this.#inBrackets = false;
        this.#gotColon = false;
        return scanner.token(']');
      case ':':
        return this.#durationColon();
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
      case '^':
      case ',':
        return scanner.token(head);
    }
    if (isDigit(head) || head === '.') this.#gotDuration = true;
    const isCommon = head !== '"' && head !== "'" && head !== '`';
    return (
      (isCommon ? this.#commonToken(head) : undefined) ??
      this.#durationWord(head) ??
      scanner.fail(`unexpected character in duration expression: ${quoteRune(head)}`)
    );
  }

  #durationColon(): Token {
    const scanner = this.#scanner;
    const token = scanner.token(':');
    scanner.start = scanner.at;
    if (!this.#gotDuration) {
      scanner.fail('unexpected colon before duration in duration expression');
    }
    if (this.#gotColon) scanner.fail('unexpected repeated colon in duration expression');
    this.#gotColon = true;
    return token;
  }

  #nextInBraces(): Token {
    const scanner = this.#scanner;
    const head = scanner.next();
    switch (head) {
      case '':
        return scanner.fail('unexpected end of input inside braces');
      case ',':
        return scanner.token(',');
      case '"':
      case "'":
        return scanString(scanner, head);
      case '`':
        return scanRawString(scanner);
      case '=':
        return scanner.token(scanner.accept('~') ? '=~' : '=');
      case '!':
        return scanner.accept('~') ? scanner.token('!~') : this.#notEqual(' inside braces');
      case '{':
        return scanner.fail("unexpected left brace '{'");
      case '}':
        this.#inBraces = false;
        return scanner.token('}');
    }
    if (!isAlpha(head)) {
      scanner.fail(`unexpected character inside braces: ${quoteRune(head)}`);
    }
    while (isAlphaNumeric(scanner.peek())) scanner.next();
    return scanner.token('identifier');
  }
}

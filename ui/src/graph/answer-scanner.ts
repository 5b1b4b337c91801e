/**
 * Walks JSON text without making objects of it. A tree of a million samples would take longer to build and to throw
 * away than the samples take to read.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;

/** Products and quotients of integers below 2^53 with these are rounded once: exact by Clinger's argument. */
const POWERS_OF_TEN: Float64Array = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const EXACT_DIGITS = 15;

export class AnswerScanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Calls `member` with each key; it must consume the value. */
  object(member: (key: string) => void): void {
    this.#expect('{');
    if (this.#skipIf('}')) return;
    do {
      const key: unknown = JSON.parse(this.#stringText());
      this.#expect(':');
      member(String(key));
    } while (this.#skipIf(','));
    this.#expect('}');
  }

  /** Calls `element` at each element; it must consume it. */
  array(element: () => void): void {
    this.#expect('[');
    if (this.#skipIf(']')) return;
    do {
      element();
    } while (this.#skipIf(','));
    this.#expect(']');
  }

  /** The next value, whole. */
  value(): unknown {
    const from = this.#at;
    this.#skipValue();
    return JSON.parse(this.#text.slice(from, this.#at));
  }

  /** A list of `[seconds, "value"]`: calls `sample` with milliseconds and the value. */
  samples(sample: (timeMs: number, value: number) => void): void {
    this.#expect('[');
    if (this.#skipIf(']')) return;
    do {
      this.#expect('[');
      const seconds = this.number();
      this.#expect(',');
      const value = this.#quotedNumber();
      this.#expect(']');
      sample(Math.round(seconds * 1000), value);
    } while (this.#skipIf(','));
    this.#expect(']');
  }

  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail('the end of the answer');
  }

  number(): number {
    this.#skipSpace();
    const from = this.#at;
    this.#at = this.#endOfNumber(from);
    if (this.#at === from) this.#fail('a number');
    return parseDecimal(this.#text, from, this.#at);
  }

  #quotedNumber(): number {
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) !== QUOTE) this.#fail('a quoted number');
    const from = this.#at + 1;
    const to = this.#endOfNumber(from);
    if (to > from && this.#text.charCodeAt(to) === QUOTE) {
      this.#at = to + 1;
      return parseDecimal(this.#text, from, to);
    }
    const word: unknown = JSON.parse(this.#stringText());
    if (word === 'NaN') return Number.NaN;
    if (word === '+Inf' || word === 'Inf') return Number.POSITIVE_INFINITY;
    if (word === '-Inf') return Number.NEGATIVE_INFINITY;
    return this.#fail('a number, NaN, +Inf or -Inf', from - 1);
  }

  #endOfNumber(from: number): number {
    let at = from;
    for (;;) {
      const code = this.#text.charCodeAt(at);
      const partOfNumber =
        (code >= ZERO && code <= ZERO + 9) ||
        code === DOT ||
        code === MINUS ||
        code === 0x65 ||
        code === 0x45 ||
        (code === PLUS && at > from);
      if (!partOfNumber) return at;
      at++;
    }
  }

  #stringText(): string {
    this.#skipSpace();
    const from = this.#at;
    if (this.#text.charCodeAt(from) !== QUOTE) this.#fail('a string');
    this.#skipString();
    return this.#text.slice(from, this.#at);
  }

  #skipString(): void {
    let at = this.#at + 1;
    for (;;) {
      const code = this.#text.charCodeAt(at);
      if (code === QUOTE) break;
      if (Number.isNaN(code)) this.#fail('the end of a string');
      at += code === BACKSLASH ? 2 : 1;
    }
    this.#at = at + 1;
  }

  #skipValue(): void {
    this.#skipSpace();
    let depth = 0;
    do {
      const code = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(code)) this.#fail('a value');
      if (code === QUOTE) {
        this.#skipString();
      } else if (code === 0x7b || code === 0x5b) {
        depth++;
        this.#at++;
      } else if (code === 0x7d || code === 0x5d) {
        depth--;
        this.#at++;
      } else if (code === COMMA || code === COLON || isSpace(code)) {
        this.#at++;
      } else {
        this.#skipWord();
      }
    } while (depth > 0);
  }

  /** A number, true, false or null. */
  #skipWord(): void {
    const from = this.#at;
    while (/[\w.+-]/.test(this.#text.charAt(this.#at))) this.#at++;
    if (this.#at === from) this.#fail('a value');
  }

  #skipSpace(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  #skipIf(character: string): boolean {
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) !== character.charCodeAt(0)) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#skipIf(character)) this.#fail(`"${character}"`);
  }

  #fail(wanted: string, at: number = this.#at): never {
    const found = this.#text.slice(at, at + 20);
    throw new SyntaxError(
      `cannot read the answer: expected ${wanted} at character ${at}: ${found}`,
    );
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Rounds as Number() does; up to 15 digits need no substring. */
function parseDecimal(text: string, from: number, to: number): number {
  let at = from;
  const negative = text.charCodeAt(at) === MINUS;
  if (negative) at++;
  let mantissa = 0;
  let digits = 0;
  let fraction = 0;
  let inFraction = 0;
  for (; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      inFraction = 1;
      continue;
    }
    if (code < ZERO || code > ZERO + 9) return Number(text.slice(from, to));
    mantissa = mantissa * 10 + (code - ZERO);
    if (mantissa > 0) digits++;
    fraction += inFraction;
  }
  if (digits > EXACT_DIGITS || fraction > 22) return Number(text.slice(from, to));
  const value = fraction === 0 ? mantissa : mantissa / POWERS_OF_TEN[fraction];
  return negative ? -value : value;
}

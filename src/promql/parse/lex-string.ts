/** String literals with the escapes of Go. Source: Prometheus' promql/parser and util/strutil. */
import { isDigit, type Scanner } from './scanner.ts';
import type { Token } from './token.ts';

/** What a lone surrogate of the query, too, becomes in UTF-8. */
const REPLACEMENT = '\u{fffd}';
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The opening quote has been read. */
export function scanString(scanner: Scanner, quote: string): Token {
  for (;;) {
    const character = scanner.next();
    switch (character) {
      case quote:
        return scanner.token('string');
      case '\\':
        scanEscape(scanner, quote);
        break;
      case '':
      case '\n':
        return scanner.fail('unterminated quoted string');
      case REPLACEMENT:
        return scanner.fail('invalid UTF-8 rune');
    }
  }
}

/** Between backquotes nothing is an escape and lines may break. */
export function scanRawString(scanner: Scanner): Token {
  for (;;) {
    const character = scanner.next();
    if (character === '`') return scanner.token('string');
    if (character === '') scanner.fail('unterminated raw string');
    if (character === REPLACEMENT) scanner.fail('invalid UTF-8 rune');
  }
}

function scanEscape(scanner: Scanner, quote: string): void {
  const head = scanner.next();
  if (head === '') scanner.fail('escape sequence not terminated');
  if (head === quote || head === '\\' || head in SHORT_ESCAPES) return;
  if (head >= '0' && head <= '7') scanCode(scanner, head, 3, 8);
  else if (head === 'x') scanCode(scanner, scanner.next(), 2, 16);
  else if (head === 'u') scanCode(scanner, scanner.next(), 4, 16);
  else if (head === 'U') scanCode(scanner, scanner.next(), 8, 16);
  else scanner.fail(`unknown escape sequence ${nameRune(head)}`);
}

function scanCode(scanner: Scanner, head: string, length: number, base: number): void {
  let code = 0;
  let digit = head;
  for (let left = length; left > 0; left--) {
    if (digit === '') scanner.fail('escape sequence not terminated');
    const value = isDigit(digit) || /^[a-f]$/i.test(digit) ? Number.parseInt(digit, 16) : 16;
    if (value >= base) scanner.fail(`illegal character ${nameRune(digit)} in escape sequence`);
    code = code * base + value;
    if (left > 1) digit = scanner.next();
  }
  const most = length < 4 ? 0xff : 0x10ffff;
  if (code > most || (code >= 0xd800 && code < 0xe000)) {
    scanner.fail('escape sequence is an invalid Unicode code point');
  }
}

/** `U+0071 'q'`, as Go's `%#U`. */
function nameRune(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)
    ? `U+${code} '${character}'`
    : `U+${code}`;
}

/**
 * The text that a string token stands for. `\xff` and `\377` name bytes; a byte that is no part of UTF-8 text
 * becomes a lone surrogate, U+DC80 … U+DCFF, which quoteText shows as the byte and isWellFormed() refuses.
 */
export function unquote(literal: string): string {
  const body = literal.slice(1, -1);
  if (literal.startsWith('`') || !body.includes('\\')) return body;
  const bytes: number[] = [];
  for (const [part] of body.matchAll(ESCAPE_OR_TEXT)) bytes.push(...unquotePart(part));
  return decodeBytes(Uint8Array.from(bytes));
}

function decodeBytes(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
  const decode = (start: number, end: number): string | undefined => {
    try {
      return decoder.decode(bytes.subarray(start, end));
    } catch {
      return undefined;
    }
  };
  const whole = decode(0, bytes.length);
  if (whole !== undefined) return whole;
  let text = '';
  for (let i = 0; i < bytes.length; ) {
    const length = [1, 2, 3, 4].find((n) => decode(i, i + n) !== undefined) ?? 0;
    text += length > 0 ? decode(i, i + length) : String.fromCharCode(0xdc00 + (bytes[i] as number));
    i += Math.max(length, 1);
  }
  return text;
}

const ESCAPE_OR_TEXT = /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|.)|[^\\]/gsu;

const encoder = new TextEncoder();

function unquotePart(part: string): Iterable<number> {
  if (!part.startsWith('\\')) return encoder.encode(part);
  const head = part[1] as string;
  if (/[0-7]/.test(head)) return [Number.parseInt(part.slice(1), 8)];
  if (head === 'x') return [Number.parseInt(part.slice(2), 16)];
  if (head === 'u' || head === 'U') {
    return encoder.encode(String.fromCodePoint(Number.parseInt(part.slice(2), 16)));
  }
  return encoder.encode(SHORT_ESCAPES[head] ?? head);
}

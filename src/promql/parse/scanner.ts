/** Reads UTF-8 text character by character and remembers where the current token began. */
import { quoteText } from '../../model/labels-text.ts';
import { ParseError } from './parse-error.ts';
import type { Token, TokenKind } from './token.ts';

const decoder = new TextDecoder();

export class Scanner {
  readonly source: Uint8Array;
  /** Byte offset of the next character. */
  at = 0;
  /** Byte offset of the current token. */
  start = 0;

  constructor(source: Uint8Array) {
    this.source = source;
  }

  /** The next character, '' at the end, without moving. */
  peek(): string {
    const byte = this.source[this.at];
    if (byte === undefined) return '';
    if (byte < 0x80) return String.fromCharCode(byte);
    return decoder.decode(this.source.subarray(this.at, this.at + sequenceLength(byte)));
  }

  next(): string {
    const character = this.peek();
    if (character !== '') this.at += sequenceLength(this.source[this.at] as number);
    return character;
  }

  /** Moves over the next character if it is one of these. */
  accept(characters: string): boolean {
    const character = this.peek();
    if (character === '' || !characters.includes(character)) return false;
    this.next();
    return true;
  }

  skipSpace(): void {
    while (this.accept(' \t\n\r')) {
      // All of it.
    }
  }

  /** What was read since the token began. */
  text(): string {
    return decoder.decode(this.source.subarray(this.start, this.at));
  }

  quoted(): string {
    return quoteText(this.text());
  }

  token(kind: TokenKind): Token {
    return { kind, text: this.text(), position: { start: this.start, end: this.at } };
  }

  fail(text: string): never {
    throw new ParseError(this.source, { start: this.start, end: this.source.length }, text);
  }
}

function sequenceLength(head: number): number {
  if (head < 0x80) return 1;
  if (head < 0xe0) return 2;
  return head < 0xf0 ? 3 : 4;
}

export function isDigit(character: string): boolean {
  return character >= '0' && character <= '9' && character !== '';
}

export function isAlpha(character: string): boolean {
  return /^[a-zA-Z_]$/.test(character);
}

export function isAlphaNumeric(character: string): boolean {
  return isAlpha(character) || isDigit(character);
}

/** A character in single quotes as Go's `%q` shows it; the end of the input is a replacement character. */
export function quoteRune(character: string): string {
  if (character === '') return "'\u{fffd}'";
  if (character === "'") return "'\\''";
  if (character === '"') return `'"'`;
  return `'${quoteText(character).slice(1, -1)}'`;
}

/** Label sets as Prometheus prints them. Source: Go's strconv.Quote, Prometheus' Labels.String. */
import type { Labels } from './labels.ts';

/** `{a="b", c="d"}`; a name that is not a plain identifier is quoted as well. */
export function printLabels(labels: Labels): string {
  const pairs: string[] = [];
  for (let i = 0; i < labels.length; i += 2) {
    const name = labels[i] as string;
    pairs.push(
      `${isPlainName(name) ? name : quoteText(name)}=${quoteText(labels[i + 1] as string)}`,
    );
  }
  return `{${pairs.join(', ')}}`;
}

/** A label name that needs no quotes: `[a-zA-Z_][a-zA-Z0-9_]*`. */
export function isPlainName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/**
 * In double quotes; what is not printable becomes an escape of Go. A lone surrogate U+DC80 … U+DCFF stands for a
 * byte that is no part of UTF-8 text.
 */
export function quoteText(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  return `"${text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|["\\]/gu, escapeCharacter)}"`;
}

function escapeCharacter(character: string): string {
  const short = ESCAPES[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${hex(code - 0xdc00, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

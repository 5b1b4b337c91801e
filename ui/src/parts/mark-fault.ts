/** Where in a query a fault lies. */
import type { QueryPosition } from '../data/api-failure.ts';

export interface MarkedQuery {
  readonly before: string;
  /** A word, or one character; a space at the end of the query. */
  readonly marked: string;
  readonly after: string;
}

/** Undefined where the position is not in the query. Columns count bytes of UTF-8, as Go does. */
export function markFault(query: string, { line, column }: QueryPosition): MarkedQuery | undefined {
  const lines = query.split('\n');
  const text = lines[line - 1];
  if (text === undefined) return undefined;
  const start =
    lines.slice(0, line - 1).reduce((length, { length: more }) => length + more + 1, 0) +
    unitsOfBytes(text, column - 1);
  const marked = /^(\w+|.)/su.exec(query.slice(start))?.[0] ?? ' ';
  return { before: query.slice(0, start), marked, after: query.slice(start + marked.length) };
}

/** How many UTF-16 units the first bytes of a text have. */
export function unitsOfBytes(text: string, bytes: number): number {
  let units = 0;
  let seen = 0;
  for (const character of text) {
    if (seen >= bytes) break;
    seen += byteLength(character);
    units += character.length;
  }
  return units;
}

function byteLength(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

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
function unitsOfBytes(text: string, bytes: number): number {
  const encoder = new TextEncoder();
  let units = 0;
  let seen = 0;
  for (const character of text) {
    if (seen >= bytes) break;
    seen += encoder.encode(character).length;
    units += character.length;
  }
  return units;
}

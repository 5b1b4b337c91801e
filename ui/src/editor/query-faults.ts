/**
 * Where in a query a fault or a remark is. The parser and the server count bytes of UTF-8 from 0 (in messages
 * lines and byte columns from 1); the editor counts UTF-16 units. Everything here gives UTF-16.
 */
import type { Expr } from '../../../src/promql/parse/ast.ts';
import { ParseError } from '../../../src/promql/parse/parse-error.ts';
import { parseExpr } from '../../../src/promql/parse/parse-expr.ts';
import type { SyntaxOptions } from '../../../src/promql/parse/syntax-options.ts';
import { walk } from '../../../src/promql/parse/walk.ts';
import { unitsOfBytes } from '../parts/mark-fault.ts';

export interface QueryFault {
  readonly from: number;
  readonly to: number;
  readonly severity: 'error' | 'warning' | 'info';
  readonly text: string;
}

export type ParsedQuery =
  | { readonly kind: 'parsed'; readonly expr: Expr }
  | { readonly kind: 'faulty'; readonly fault: QueryFault }
  | { readonly kind: 'empty' };

/** What the server would say to a query, without asking it. */
export function parseQuery(query: string, syntax: SyntaxOptions): ParsedQuery {
  if (query.trim() === '') return { kind: 'empty' };
  try {
    return { kind: 'parsed', expr: parseExpr(query, syntax) };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const { position, message } = error;
    const from = unitsOfBytes(query, position.start);
    const to = Math.max(unitsOfBytes(query, position.end), from);
    return {
      kind: 'faulty',
      fault: { ...visible(query, from, to), severity: 'error', text: message },
    };
  }
}

/** The place that a message of the server names (`1:5: parse error: …`); undefined if it names none. */
export function faultOfMessage(query: string, message: string): QueryFault | undefined {
  const match = /(?:^|\s)(\d+):(\d+): parse error: /.exec(message);
  if (match === null) return undefined;
  const from = unitOfPlace(query, Number(match[1]), Number(match[2]));
  const word = /^(?:[\w:.]+|\S)/.exec(query.slice(from))?.[0] ?? '';
  const text = message.slice(match.index).trimStart();
  return { ...visible(query, from, from + word.length), severity: 'error', text };
}

/** A remark's part of the query: annotations end with the place of the expression they are about. */
export function faultOfRemark(
  query: string,
  remark: string,
  expr: Expr | undefined,
): QueryFault | undefined {
  const match = /\((\d+):(\d+)\)$/.exec(remark);
  if (match === null) return undefined;
  const from = unitOfPlace(query, Number(match[1]), Number(match[2]));
  const to = expr === undefined ? from + 1 : smallestEnd(query, expr, from);
  const severity = remark.startsWith('PromQL info') ? 'info' : 'warning';
  return { ...visible(query, from, to), severity, text: remark };
}

/** The text of one expression of a query. */
export function sourceOf(query: string, { position }: Expr): string {
  return query.slice(unitsOfBytes(query, position.start), unitsOfBytes(query, position.end));
}

function unitOfPlace(query: string, line: number, column: number): number {
  const lines = query.split('\n');
  const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  const units = before + unitsOfBytes(lines[line - 1] ?? '', column - 1);
  return Math.min(units, query.length);
}

/** The end of the smallest expression that starts at a place. */
function smallestEnd(query: string, root: Expr, from: number): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (const { expr } of walk(root)) {
    if (unitsOfBytes(query, expr.position.start) !== from) continue;
    smallest = Math.min(smallest, unitsOfBytes(query, expr.position.end));
  }
  return Number.isFinite(smallest) ? smallest : from + 1;
}

/** At least one character wide: an underline of nothing cannot be seen. */
function visible(query: string, from: number, to: number): { from: number; to: number } {
  if (to > from) return { from, to: Math.min(to, query.length) };
  const start = Math.max(0, Math.min(from, query.length - 1));
  return { from: start, to: Math.min(start + 1, query.length) };
}

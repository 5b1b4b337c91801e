/** The first series that a query asks for, as a selector of its own: what the page of replicas can show. */
import { printMatcher } from '../../../src/promql/parse/print.ts';
import type { SyntaxOptions } from '../../../src/promql/parse/syntax-options.ts';
import { selectorsOf } from '../../../src/promql/parse/walk.ts';
import { parseQuery } from '../editor/query-faults.ts';

/** Undefined where the query has none or is faulty. */
export function firstSelector(query: string, syntax: SyntaxOptions): string | undefined {
  const parsed = parseQuery(query, syntax);
  if (parsed.kind !== 'parsed') return undefined;
  const [matchers] = selectorsOf(parsed.expr);
  if (matchers === undefined) return undefined;
  const name = matchers.find((matcher) => matcher.name === '__name__' && matcher.type === '=');
  const isPlain = name !== undefined && /^[a-zA-Z_:][\w:]*$/.test(name.value);
  const rest = isPlain ? matchers.filter((matcher) => matcher !== name) : matchers;
  const inside = rest.map(printMatcher).join(', ');
  const start = isPlain ? name.value : '';
  return inside === '' && start !== '' ? start : `${start}{${inside}}`;
}

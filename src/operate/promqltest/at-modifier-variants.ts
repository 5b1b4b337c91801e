/**
 * A query whose selectors all have `@ T` gives the same at any time. Scripts are run so once more, which tests
 * `@` with every function. Source: promql/promqltest of Prometheus (3.14).
 */
import type { AtModifier } from '../../promql/parse/ast.ts';
import { parseExpr } from '../../promql/parse/parse-expr.ts';
import { printExpr } from '../../promql/parse/print.ts';
import { FULL_SYNTAX } from '../../promql/parse/syntax-options.ts';
import { walk } from '../../promql/parse/walk.ts';
import { rewriteAt } from './at-modifier.ts';

export interface Variant {
  readonly query: string;
  readonly timeMs: number;
}

/** Their value depends on the evaluation time even if the arguments do not. */
const TIME_DEPENDENT: ReadonlySet<string> = new Set(
  (
    'days_in_month day_of_month day_of_week day_of_year hour minute month year ' +
    'end predict_linear range start step time timestamp'
  ).split(' '),
);

/** None for a query that depends on the evaluation time in another way. */
export function atModifierVariants(query: string, timeMs: number): readonly Variant[] {
  const expr = parseExpr(query, FULL_SYNTAX);
  for (const { expr: part } of walk(expr)) {
    if (part.kind === 'call' && TIME_DEPENDENT.has(part.func)) return [];
  }
  // `@ start()` is replaced, too; what lies in a subquery has the subquery's time.
  const fixAt = (at: AtModifier | undefined): AtModifier =>
    at?.kind === 'time' ? at : { kind: 'time', timeMs };
  const fixed = printExpr(rewriteAt(expr, fixAt, false));
  const times = timeMs === 0 ? [-1000, 0, 1000] : [-10, 0, 0.2, 1, 10].map((n) => n * timeMs);
  return times.map((time) => ({ query: fixed, timeMs: Math.trunc(time) }));
}

/** Why a query gave nothing: what of it the server does not have, and what may have been meant. */
import type { Expr, VectorSelector } from '../../../src/promql/parse/ast.ts';
import { printExpr } from '../../../src/promql/parse/print.ts';
import { walk } from '../../../src/promql/parse/walk.ts';
import { selectorOfName } from './query-request.ts';

const METRIC_NAME = '__name__';
/** More selectors and matchers than this are not looked into. */
const SELECTORS_MAX = 4;
const MATCHERS_MAX = 4;

/** What the server knows. Each answer may be narrowed to a time range. */
export interface KnownSeries {
  /** Whether any series fits a selector within the range of the query. */
  hasSeries(selector: string, signal: AbortSignal): Promise<boolean>;
  /** The same at any time. */
  hasSeriesEver(selector: string, signal: AbortSignal): Promise<boolean>;
  /** Values of a label on the series of a selector. */
  labelValues(label: string, selector: string, signal: AbortSignal): Promise<readonly string[]>;
  nearestMetric(name: string, signal: AbortSignal): Promise<string | undefined>;
}

export type EmptyHint =
  | { readonly kind: 'no-metric'; readonly name: string; readonly nearest: string | undefined }
  | { readonly kind: 'not-in-range'; readonly selector: string }
  | {
      readonly kind: 'no-label-value';
      readonly selector: string;
      readonly label: string;
      readonly value: string;
      readonly known: readonly string[];
    }
  | { readonly kind: 'no-match'; readonly selector: string }
  /** All selectors find series: an operator or a comparison left nothing. */
  | { readonly kind: 'all-filtered' };

export async function findEmptyHints(
  expr: Expr,
  known: KnownSeries,
  signal: AbortSignal,
): Promise<readonly EmptyHint[]> {
  const hints: EmptyHint[] = [];
  for (const selector of selectorsToCheck(expr)) {
    const hint = await hintOf(selector, known, signal);
    if (hint !== undefined) hints.push(hint);
  }
  return hints.length > 0 ? hints : [{ kind: 'all-filtered' }];
}

/** The selectors of a query without its times, each once. */
export function selectorsToCheck(expr: Expr): readonly VectorSelector[] {
  const byText = new Map<string, VectorSelector>();
  for (const { expr: part } of walk(expr)) {
    if (part.kind === 'vectorSelector') byText.set(selectorText(part), part);
  }
  return [...byText.values()].slice(0, SELECTORS_MAX);
}

/** `up{job="a"}`: without its times, as `match[]` takes it. */
export function selectorText(selector: VectorSelector): string {
  return printExpr({ ...selector, offset: undefined, at: undefined, extended: undefined });
}

async function hintOf(
  selector: VectorSelector,
  known: KnownSeries,
  signal: AbortSignal,
): Promise<EmptyHint | undefined> {
  const text = selectorText(selector);
  if (await known.hasSeries(text, signal)) return undefined;
  if (await known.hasSeriesEver(text, signal)) return { kind: 'not-in-range', selector: text };
  const name = selector.matchers.find(({ name, type }) => name === METRIC_NAME && type === '=');
  if (name === undefined) return { kind: 'no-match', selector: text };
  const others = selector.matchers.filter((matcher) => matcher !== name);
  const bare = selectorOfName(name.value);
  if (others.length === 0 || !(await known.hasSeriesEver(bare, signal))) {
    const nearest = await known.nearestMetric(name.value, signal);
    return { kind: 'no-metric', name: name.value, nearest };
  }
  for (const matcher of others.slice(0, MATCHERS_MAX)) {
    if (matcher.type !== '=' || matcher.value === '') continue;
    const values = await known.labelValues(matcher.name, bare, signal);
    if (values.includes(matcher.value)) continue;
    const { name: label, value } = matcher;
    return { kind: 'no-label-value', selector: name.value, label, value, known: values };
  }
  return { kind: 'no-match', selector: text };
}

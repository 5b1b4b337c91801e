/** What of PromQL the server understands beyond the stable part, by the features that it was started with. */
import type { SyntaxOptions } from '../../../src/promql/parse/syntax-options.ts';

export function syntaxOfFeatures(features: readonly string[]): SyntaxOptions {
  const has = (name: string): boolean => features.includes(name);
  return {
    experimentalFunctions: has('promql-experimental-functions'),
    extendedRangeSelectors: has('promql-extended-range-selectors'),
    binopFillModifiers: has('promql-binop-fill-modifiers'),
  };
}

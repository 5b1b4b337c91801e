/** What of PromQL's syntax is allowed beyond the stable part; named after Prometheus' feature flags. */
export interface SyntaxOptions {
  /** promql-experimental-functions: also limitk and limit_ratio. */
  readonly experimentalFunctions: boolean;
  /** promql-extended-range-selectors: anchored and smoothed. */
  readonly extendedRangeSelectors: boolean;
  /** promql-binop-fill-modifiers: fill, fill_left and fill_right. */
  readonly binopFillModifiers: boolean;
}

export const STABLE_SYNTAX: SyntaxOptions = {
  experimentalFunctions: false,
  extendedRangeSelectors: false,
  binopFillModifiers: false,
};

/** What the conformance scripts are written in. */
export const FULL_SYNTAX: SyntaxOptions = {
  experimentalFunctions: true,
  extendedRangeSelectors: true,
  binopFillModifiers: true,
};

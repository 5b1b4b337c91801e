/** How functions and aggregations are called, for completion and for help. */
import type { ValueType } from '../../../src/promql/parse/ast.ts';
import type { FunctionSignature } from '../../../src/promql/parse/functions.ts';

/** Names of parameters, by function; those that are not here take one vector. */
const PARAMETERS: Readonly<Record<string, string>> = {
  clamp: 'v min max',
  clamp_max: 'v max',
  clamp_min: 'v min',
  double_exponential_smoothing: 'v smoothing trend',
  histogram_fraction: 'lower upper b',
  histogram_quantile: 'φ b',
  histogram_quantiles: 'b label φ …',
  info: 'v selector',
  label_join: 'v target separator source',
  label_replace: 'v target replacement source regex',
  max_of: 'a b',
  min_of: 'a b',
  predict_linear: 'v seconds',
  quantile_over_time: 'φ v',
  round: 'v multiple',
  sort_by_label: 'v label',
  sort_by_label_desc: 'v label',
  vector: 's',
};

/** `round(v instant vector, multiple scalar?)`; `…` follows what may be repeated, `?` what may be left out. */
export function printSignature(
  { name, argTypes, variadic }: FunctionSignature,
  typeNames: Readonly<Record<ValueType, string>>,
): string {
  const names = (PARAMETERS[name] ?? 'v').split(' ');
  const parameters = argTypes.map((type, i) => {
    const isLast = i === argTypes.length - 1;
    const mark = !isLast || variadic === 0 ? '' : variadic === 1 ? '?' : '…';
    return `${names[i] ?? ''} ${typeNames[type]}${mark}`.trim();
  });
  return `${name}(${parameters.join(', ')})`;
}

/** Aggregations whose first argument is not what they aggregate. */
export const PARAMETER_OF_AGGREGATION: Readonly<Record<string, string>> = {
  topk: 'k',
  bottomk: 'k',
  limitk: 'k',
  limit_ratio: 'ratio',
  quantile: 'φ',
  count_values: '"label"',
};

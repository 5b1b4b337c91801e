/** The functions of PromQL and their types. Source: Prometheus' promql/parser/functions.go (3.14). */
import { must } from '../../base/assert.ts';
import type { ValueType } from './ast.ts';

export interface FunctionSignature {
  readonly name: string;
  readonly argTypes: readonly ValueType[];
  /**
   * How many arguments there may be beyond all but the last of argTypes: 0 means exactly argTypes, 1 that the last
   * one may be left out, more that it may be repeated, −1 that it may be repeated without end.
   */
  readonly variadic: number;
  readonly returnType: ValueType;
  /** Only with the feature promql-experimental-functions. */
  readonly isExperimental: boolean;
}

interface Row {
  /** v: instant vector, m: range vector, s: scalar, t: string. */
  readonly args: string;
  readonly names: string;
  readonly variadic?: number;
  readonly returns?: ValueType;
  readonly isExperimental?: boolean;
}

const TYPES: Readonly<Record<string, ValueType>> = {
  v: 'vector',
  m: 'matrix',
  s: 'scalar',
  t: 'string',
};

/** Functions return an instant vector unless it is said. */
const ROWS: readonly Row[] = [
  { args: 'v', names: 'abs absent ceil exp floor ln log10 log2 sgn sort sort_desc sqrt timestamp' },
  { args: 'v', names: 'acos acosh asin asinh atan atanh cos cosh deg rad sin sinh tan tanh' },
  { args: 'v', names: 'histogram_avg histogram_count histogram_stddev histogram_stdvar' },
  { args: 'v', names: 'histogram_sum' },
  { args: 'v', names: 'start_timestamp', isExperimental: true },
  { args: 'v', names: 'scalar', returns: 'scalar' },
  { args: 'v', names: 'day_of_month day_of_week day_of_year days_in_month', variadic: 1 },
  { args: 'v', names: 'hour minute month year', variadic: 1 },
  { args: 'vs', names: 'clamp_max clamp_min' },
  { args: 'vs', names: 'round', variadic: 1 },
  { args: 'vss', names: 'clamp' },
  { args: 'vv', names: 'info', variadic: 1, isExperimental: true },
  { args: 'vt', names: 'sort_by_label sort_by_label_desc', variadic: -1, isExperimental: true },
  { args: 'vttt', names: 'label_join', variadic: -1 },
  { args: 'vtttt', names: 'label_replace' },
  { args: 'vtss', names: 'histogram_quantiles', variadic: 9, isExperimental: true },
  { args: 'sv', names: 'histogram_quantile' },
  { args: 'ssv', names: 'histogram_fraction' },
  { args: 'm', names: 'changes delta deriv idelta increase irate rate resets' },
  { args: 'm', names: 'absent_over_time avg_over_time count_over_time first_over_time' },
  { args: 'm', names: 'last_over_time max_over_time min_over_time present_over_time' },
  { args: 'm', names: 'stddev_over_time stdvar_over_time sum_over_time' },
  { args: 'm', names: 'mad_over_time ts_of_first_over_time', isExperimental: true },
  { args: 'm', names: 'ts_of_last_over_time ts_of_max_over_time', isExperimental: true },
  { args: 'm', names: 'ts_of_min_over_time', isExperimental: true },
  { args: 'ms', names: 'predict_linear' },
  { args: 'mss', names: 'double_exponential_smoothing', isExperimental: true },
  { args: 'sm', names: 'quantile_over_time' },
  { args: 's', names: 'vector' },
  { args: '', names: 'pi time', returns: 'scalar' },
  { args: '', names: 'start end step range', returns: 'scalar', isExperimental: true },
  { args: 'ss', names: 'max_of min_of', returns: 'scalar', isExperimental: true },
];

/** Every function by its name. */
export const FUNCTIONS: ReadonlyMap<string, FunctionSignature> = new Map(
  ROWS.flatMap((row) =>
    row.names.split(' ').map((name): [string, FunctionSignature] => [name, signature(name, row)]),
  ),
);

function signature(name: string, row: Row): FunctionSignature {
  return {
    name,
    argTypes: [...row.args].map((letter) => must(TYPES[letter], `a type for ${letter}`)),
    variadic: row.variadic ?? 0,
    returnType: row.returns ?? 'vector',
    isExperimental: row.isExperimental ?? false,
  };
}

/** What /api/v1/features shows: category → feature → whether it is on. Source: Prometheus util/features. */
import { FUNCTIONS } from '../promql/parse/functions.ts';
import type { PromqlFeatures } from './prometheus-features.ts';

type FeatureTable = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

export interface TableOptions {
  readonly features: PromqlFeatures;
  readonly isAdminEnabled: boolean;
  readonly isLifecycleEnabled: boolean;
  readonly isAutoReloading: boolean;
  /** Kinds of discovery that configurations may name. */
  readonly discoveries: readonly string[];
}

export function featureTable(options: TableOptions): FeatureTable {
  const { features, isAdminEnabled, isLifecycleEnabled, isAutoReloading, discoveries } = options;
  const { experimentalFunctions, extendedRangeSelectors, binopFillModifiers } = features.syntax;
  return {
    api: {
      ...all('exclude_alerts label_values_match query_stats query_warnings', true),
      ...all('time_range_labels time_range_series', true),
      ...all('otlp_write_receiver remote_write_receiver search openapi_3.1 openapi_3.2', false),
      admin: isAdminEnabled,
      lifecycle: isLifecycleEnabled,
    },
    prometheus: {
      agent_mode: false,
      auto_reload_config: isAutoReloading,
      server_mode: true,
    },
    promql: {
      ...all('at_modifier bool by duration_expr group_left group_right ignoring', true),
      ...all('negative_offset offset on per_query_lookback_delta subqueries without', true),
      type_and_unit_labels: false,
      per_step_stats: features.perStepStats,
      ...all('anchored smoothed', extendedRangeSelectors),
      ...all('fill fill_left fill_right', binopFillModifiers),
      delayed_name_removal: features.delayedNameRemoval,
    },
    promql_functions: Object.fromEntries(
      [...FUNCTIONS].map(([name, { isExperimental }]) => [
        name,
        !isExperimental || experimentalFunctions,
      ]),
    ),
    promql_operators: {
      ...all('!= !~ % * + - / < </ <= == =~ > >/ >= @ ^ and atan2 avg bottomk', true),
      ...all('count count_values group max min or quantile stddev stdvar sum topk unless', true),
      ...all('limit_ratio limitk', experimentalFunctions),
    },
    rules: all('concurrent_rule_eval keep_firing_for query_offset', false),
    scrape: {
      ...all('start_timestamp_zero_ingestion type_and_unit_labels', false),
      extra_scrape_metrics: true,
    },
    service_discovery_providers: all(discoveries.join(' '), true),
    tsdb: {
      ...all('exemplar_storage isolation native_histograms', true),
      ...all('delayed_compaction histograms_st_encoding st_storage', false),
      ...all('use_uncached_io xor2_encoding', false),
    },
  };
}

/** Names by blanks. */
function all(names: string, isOn: boolean): Readonly<Record<string, boolean>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, isOn]));
}

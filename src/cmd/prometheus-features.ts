/** What `--enable-feature` turns on, by Prometheus' names. Source: Prometheus 3.14, cmd/prometheus, setFeatureListOptions. */
import type { SyntaxOptions } from '../promql/parse/syntax-options.ts';
import type { Logger } from '../telemetry/logger.ts';

/** Of PromQL, which the querier knows by the same names. */
export interface PromqlFeatures {
  readonly syntax: SyntaxOptions;
  readonly delayedNameRemoval: boolean;
  readonly perStepStats: boolean;
}

/** Acted on. */
const ACTIVE: ReadonlySet<string> = new Set([
  'promql-experimental-functions',
  'promql-extended-range-selectors',
  'promql-binop-fill-modifiers',
  'promql-delayed-name-removal',
  'promql-per-step-stats',
  'extra-scrape-metrics',
  // Exemplars are always kept: storage.exemplars.max_exemplars says how many.
  'exemplar-storage',
]);

/** Known, and nothing stands behind them here. */
const IDLE: ReadonlySet<string> = new Set([
  'concurrent-rule-eval',
  'created-timestamp-zero-ingestion',
  'delayed-compaction',
  'fast-startup',
  'histograms-st-encoding',
  'memory-snapshot-on-shutdown',
  'metadata-wal-records',
  'old-ui',
  'otlp-deltatocumulative',
  'otlp-native-delta-ingestion',
  'search-api',
  'st-storage',
  'st-synthesis',
  'type-and-unit-labels',
  'use-start-timestamps',
  'use-uncached-io',
  'xor2-encoding',
]);

/** On in Prometheus by now, whatever the flag says. */
const STABLE: ReadonlySet<string> = new Set([
  'auto-reload-config',
  'native-histograms',
  'ooo-native-histograms',
  'promql-duration-expr',
  'promql-at-modifier',
  'promql-negative-offset',
]);

/** Names that nobody knows are told in the log, as Prometheus does. */
export function readFeatures(names: readonly string[], logger: Logger): PromqlFeatures {
  for (const feature of names) {
    if (ACTIVE.has(feature)) logger.info('feature enabled', { feature });
    else if (STABLE.has(feature)) logger.warn('feature is always on: leave it out', { feature });
    else if (IDLE.has(feature)) logger.warn('feature has no effect here', { feature });
    else logger.warn('unknown option for --enable-feature', { option: feature });
  }
  return promqlFeatures(names);
}

export function promqlFeatures(names: readonly string[]): PromqlFeatures {
  const has = (feature: string): boolean => names.includes(feature);
  return {
    syntax: {
      experimentalFunctions: has('promql-experimental-functions'),
      extendedRangeSelectors: has('promql-extended-range-selectors'),
      binopFillModifiers: has('promql-binop-fill-modifiers'),
    },
    delayedNameRemoval: has('promql-delayed-name-removal'),
    perStepStats: has('promql-per-step-stats'),
  };
}

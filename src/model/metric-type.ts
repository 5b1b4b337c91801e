/** The type of a metric family, in OpenMetrics' words; `unknown` is also what the text format calls untyped. */
export type MetricType =
  | 'unknown'
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'gaugehistogram'
  | 'summary'
  | 'info'
  | 'stateset';

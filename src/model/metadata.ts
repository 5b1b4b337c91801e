import type { MetricType } from './metric-type.ts';

/** What a target says about a metric beside its samples. */
export interface Metadata {
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}

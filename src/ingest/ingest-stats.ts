/** Figures of the storage, taken in the ingest thread. */
export interface IngestStats {
  readonly series: number;
  readonly chunks: number;
  /** Milliseconds; of an empty head minTime is above maxTime. */
  readonly minTime: number;
  readonly maxTime: number;
  /** Contents of the blocks' meta.json, by their times. */
  readonly blocks: readonly unknown[];
  /** Metric name, perhaps with `{type="…"}` → value, for what is only shown: gauges, and counters since the start. */
  readonly metrics: Readonly<Record<string, number>>;
}

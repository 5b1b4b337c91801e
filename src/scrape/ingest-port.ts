/**
 * What the main thread, which fetches pages, asks of the ingest thread, which parses and appends them. Everything in it
 * can be sent between threads. Requests of one target are answered in the order in which they were made.
 */

import type { ValidationScheme } from '../model/label-name.ts';
import type { Labels } from '../model/labels.ts';
import type { MetricType } from '../model/metric-type.ts';
import type { RelabelConfig } from '../model/relabel-config.ts';

/** One target for as long as its series are remembered from scrape to scrape; never used again for another. */
export type TargetKey = number;

export type PageFormat = 'text' | 'openmetrics' | 'protobuf';

/** How the pages of a target become series. A limit of 0 means none. */
export interface TargetSettings {
  /** The target's public labels: they are added to each series. */
  readonly labels: Labels;
  readonly honorLabels: boolean;
  readonly honorTimestamps: boolean;
  readonly trackTimestampsStaleness: boolean;
  readonly metricRelabelConfigs: readonly RelabelConfig[];
  readonly validationScheme: ValidationScheme;
  readonly sampleLimit: number;
  readonly labelLimit: number;
  readonly labelNameLengthLimit: number;
  readonly labelValueLengthLimit: number;
  readonly scrapeNativeHistograms: boolean;
  readonly alwaysScrapeClassicHistograms: boolean;
  readonly convertClassicHistogramsToNhcb: boolean;
  readonly nativeHistogramBucketLimit: number;
  readonly nativeHistogramMinBucketFactor: number;
  readonly extraScrapeMetrics: boolean;
  /** For the series scrape_timeout_seconds. */
  readonly timeoutMs: number;
}

/**
 * A page, or what stands in its place when there is none. Who takes a page for ingestion owns its buffer, unless that is
 * shared: then it is read until the answer.
 */
export type ScrapeOutcome =
  | { readonly kind: 'page'; readonly bytes: Uint8Array; readonly format: PageFormat }
  /** `bodySizeBytes` for the series scrape_body_size_bytes: -1 when the body exceeded its limit. */
  | { readonly kind: 'failed'; readonly bodySizeBytes: number };

export interface IngestRequest {
  readonly target: TargetKey;
  /** Time of the samples that bring none, and of the report series. */
  readonly timeMs: number;
  readonly outcome: ScrapeOutcome;
  /** From the start of the scrape to this request; what ingestion takes is added for scrape_duration_seconds. */
  readonly elapsedMs: number;
}

export interface IngestResult {
  /** Why nothing of the page was appended, in Prometheus' words; '' when all went well. */
  readonly error: string;
  readonly durationMs: number;
  readonly samplesScraped: number;
  readonly samplesPostRelabel: number;
  readonly seriesAdded: number;
  readonly counts: IngestCounts;
  /** Of the target's metadata cache. */
  readonly metadataEntries: number;
  readonly metadataBytes: number;
}

/** What the counters prometheus_target_scrapes_* rise by. */
export interface IngestCounts {
  readonly outOfOrder: number;
  readonly duplicate: number;
  readonly outOfBounds: number;
  readonly exemplarOutOfOrder: number;
  /** 0 or 1 each. */
  readonly sampleLimit: number;
  readonly labelLimit: number;
  readonly bucketLimit: number;
}

/** What a target says about one metric family. */
export interface MetricMetadata {
  readonly metric: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}

export interface IngestPort {
  /** Begins a target, or changes the settings of one whose series stay valid. */
  openTarget(target: TargetKey, settings: TargetSettings): void;
  /** Appends a page with stale markers and report series, or all the stale markers when there is no good page. */
  ingest(request: IngestRequest): Promise<IngestResult>;
  /** Forgets a target; with a time, after writing stale markers of that time for all its series. */
  endTarget(target: TargetKey, staleTimeMs: number | undefined): Promise<void>;
  /** By metric name. */
  metadata(target: TargetKey): Promise<readonly MetricMetadata[]>;
}

/** The series about the scrapes themselves: up, scrape_duration_seconds and their kin. */
import { STALE_HIGH, STALE_LOW } from '../model/stale.ts';
import type { Appender, SeriesRef } from '../storage/appender.ts';
import type { TargetSettings } from './ingest-port.ts';
import { reportLabels } from './sample-labels.ts';

export interface ScrapeReport {
  readonly isUp: boolean;
  readonly durationMs: number;
  readonly samplesScraped: number;
  readonly samplesPostRelabel: number;
  readonly seriesAdded: number;
  /** -1 when it exceeded the limit. */
  readonly bodySizeBytes: number;
}

const NAMES = [
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
  'scrape_series_added',
];
const EXTRA_NAMES = ['scrape_timeout_seconds', 'scrape_sample_limit', 'scrape_body_size_bytes'];

export class ReportSeries {
  readonly #appender: Appender;
  readonly #refs: Map<string, SeriesRef> = new Map();

  constructor(appender: Appender) {
    this.#appender = appender;
  }

  /** Adds one row a series; returns how many. */
  append(report: ScrapeReport, settings: TargetSettings, timeMs: number): number {
    const values = [
      report.isUp ? 1 : 0,
      report.durationMs / 1000,
      report.samplesScraped,
      report.samplesPostRelabel,
      report.seriesAdded,
      settings.timeoutMs / 1000,
      settings.sampleLimit,
      report.bodySizeBytes,
    ];
    const names = namesFor(settings);
    const double = new Float64Array(1);
    const words = new Uint32Array(double.buffer);
    names.forEach((name, i) => {
      double[0] = values[i];
      this.#appender.float(this.#ref(name, settings), timeMs, words[0], words[1]);
    });
    return names.length;
  }

  appendStale(settings: TargetSettings, timeMs: number): void {
    for (const name of namesFor(settings)) {
      this.#appender.float(this.#ref(name, settings), timeMs, STALE_LOW, STALE_HIGH);
    }
  }

  /** The head knows its series no more: they are asked for again. */
  forgetRefs(): void {
    this.#refs.clear();
  }

  #ref(name: string, settings: TargetSettings): SeriesRef {
    const known = this.#refs.get(name);
    if (known !== undefined) return known;
    const ref = this.#appender.seriesRef(reportLabels(name, settings));
    this.#refs.set(name, ref);
    return ref;
  }
}

function namesFor(settings: TargetSettings): readonly string[] {
  return settings.extraScrapeMetrics ? [...NAMES, ...EXTRA_NAMES] : NAMES;
}

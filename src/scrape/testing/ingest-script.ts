/** Feeds pages of one target to an ingester and tells what came of it, in a notation for tests. */
import type { Clock } from '../../base/clock.ts';
import { testKernel } from '../../base/testing/kernel.ts';
import { labelsOf } from '../../model/labels.ts';
import { printLabels } from '../../model/labels-text.ts';
import { MemoryStore } from '../../storage/memory-store.ts';
import { MemoryAppender } from '../../storage/testing/memory-appender.ts';
import type { IngestPort, IngestResult, PageFormat, TargetSettings } from '../ingest-port.ts';
import { createPageIngester } from '../page-ingester.ts';

export function targetSettings(given: Partial<TargetSettings>): TargetSettings {
  return {
    labels: labelsOf({ instance: 'i', job: 'j' }),
    honorLabels: false,
    honorTimestamps: true,
    trackTimestampsStaleness: false,
    metricRelabelConfigs: [],
    validationScheme: 'utf8',
    sampleLimit: 0,
    labelLimit: 0,
    labelNameLengthLimit: 0,
    labelValueLengthLimit: 0,
    scrapeNativeHistograms: false,
    alwaysScrapeClassicHistograms: false,
    convertClassicHistogramsToNhcb: false,
    nativeHistogramBucketLimit: 0,
    nativeHistogramMinBucketFactor: 0,
    extraScrapeMetrics: false,
    timeoutMs: 10_000,
    ...given,
  };
}

export interface IngestScript {
  readonly port: IngestPort;
  readonly appender: MemoryAppender;
  /** Ingests a page at the next full second; undefined is a failed fetch. */
  scrape(page: string | Uint8Array | undefined, format?: PageFormat): Promise<IngestResult>;
  /** What was appended since the last call: `time labels value`, without the target's labels and report series. */
  appended(): readonly string[];
  /** The same for the report series: name to value. */
  readonly reports: Readonly<Record<string, string>>;
}

const REPORTS = /^(up|scrape_.*)$/;

export function ingestScript(given: Partial<TargetSettings>): IngestScript {
  const settings = targetSettings(given);
  const lines: string[] = [];
  const reports: Record<string, string> = {};
  const store = new MemoryStore();
  store.append = (labels, { time, value }) => {
    const own = printLabels(labels)
      .replace(/(, )?instance="i", job="j"/, '')
      .replace(/^\{__name__="([^"]*)"(, )?/, '$1{')
      .replace('{}', '');
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    if (REPORTS.test(own)) reports[own] = text;
    else lines.push(`${time} ${own} ${text}`);
  };
  const appender = new MemoryAppender(store);
  let nowMs = 0;
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs } as Clock;
  const port = createPageIngester({ kernel: testKernel(), appender, clock });
  port.openTarget(1, settings);
  return {
    port,
    appender,
    reports,
    scrape(page, format = 'text') {
      nowMs += 1000;
      const bytes = typeof page === 'string' ? new TextEncoder().encode(page) : page;
      const outcome =
        bytes === undefined
          ? ({ kind: 'failed', bodySizeBytes: 0 } as const)
          : ({ kind: 'page', bytes, format } as const);
      return port.ingest({ target: 1, timeMs: nowMs, outcome, elapsedMs: 5 });
    },
    appended: () => lines.splice(0),
  };
}

import { defaultClientSettings } from '../../transport/client-settings.ts';
import { DEFAULT_SCRAPE_PROTOCOLS, type ScrapeConfig } from '../scrape-config.ts';

/** A configuration with Prometheus' defaults. */
export function scrapeConfig(given: Partial<ScrapeConfig>): ScrapeConfig {
  return {
    jobName: 'test',
    scrapeIntervalMs: 60_000,
    scrapeTimeoutMs: 10_000,
    metricsPath: '/metrics',
    scheme: 'http',
    params: [],
    honorLabels: false,
    honorTimestamps: true,
    trackTimestampsStaleness: false,
    scrapeProtocols: DEFAULT_SCRAPE_PROTOCOLS,
    fallbackScrapeProtocol: undefined,
    enableCompression: true,
    scrapeNativeHistograms: false,
    alwaysScrapeClassicHistograms: false,
    convertClassicHistogramsToNhcb: false,
    nativeHistogramBucketLimit: 0,
    nativeHistogramMinBucketFactor: 0,
    bodySizeLimitBytes: 0,
    sampleLimit: 0,
    targetLimit: 0,
    labelLimit: 0,
    labelNameLengthLimit: 0,
    labelValueLengthLimit: 0,
    keepDroppedTargets: 0,
    metricNameValidationScheme: 'utf8',
    metricNameEscapingScheme: 'allow-utf-8',
    extraScrapeMetrics: false,
    scrapeFailureLogFile: '',
    relabelConfigs: [],
    metricRelabelConfigs: [],
    client: defaultClientSettings,
    ...given,
  };
}

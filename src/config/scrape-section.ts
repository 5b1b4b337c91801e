/**
 * `scrape_configs`: read as written, then completed from the global section, checked, and turned into what scrape pools
 * act on. Source: ScrapeConfig of Prometheus 3.14 and its Validate.
 */
import type { YamlValue } from '../base/yaml.ts';
import type { DiscoveryConfig } from '../discovery/discovery-config.ts';
import type { ValidationScheme } from '../model/label-name.ts';
import {
  DEFAULT_SCRAPE_PROTOCOLS,
  type EscapingScheme,
  PROTOBUF_FIRST_PROTOCOLS,
  type ScrapeConfig,
  type ScrapeProtocol,
} from '../scrape/scrape-config.ts';
import { type ClientSection, clientFault, clientFields, clientSettings } from './client-section.ts';
import {
  type DiscoverySection,
  discoveryConfigs,
  discoveryFields,
  staticTargetsFault,
} from './discovery-sections.ts';
import {
  emptyProtocolsFault,
  type GlobalSection,
  limitFields,
  type SharedFields,
  scrapeProtocol,
  sharedFields,
} from './global-section.ts';
import { otherDiscoveryFields } from './other-discoveries.ts';
import {
  checkRelabel,
  plainRelabel,
  type RelabelSection,
  relabelConfigs,
} from './relabel-section.ts';
import {
  count,
  type Fault,
  type Field,
  type FieldsOf,
  flag,
  float,
  list,
  mapOf,
  optionalFlag,
  orEmpty,
  printSection,
  section,
  shownFlag,
  text,
  texts,
} from './schema.ts';

type Params = readonly (readonly [string, readonly string[]])[];

interface OwnFields {
  readonly job_name: string;
  readonly honor_labels: boolean;
  readonly honor_timestamps: boolean;
  readonly track_timestamps_staleness: boolean;
  readonly params: Params;
  readonly fallback_scrape_protocol: ScrapeProtocol | undefined;
  readonly always_scrape_classic_histograms: boolean | undefined;
  readonly convert_classic_histograms_to_nhcb: boolean | undefined;
  readonly metrics_path: string;
  readonly scheme: string;
  readonly enable_compression: boolean;
  readonly native_histogram_bucket_limit: number;
  readonly native_histogram_min_bucket_factor: number;
  readonly relabel_configs: readonly RelabelSection[];
  readonly metric_relabel_configs: readonly RelabelSection[];
}

/** Keys as they are written. */
interface ScrapeSection extends OwnFields, SharedFields, ClientSection, DiscoverySection {}

/** A scrape configuration with the place where it is written. */
export interface WrittenScrape {
  readonly section: ScrapeSection;
  readonly value: YamlValue;
}

/** A scrape configuration ready for use. */
export interface ScrapeJob {
  readonly config: ScrapeConfig;
  readonly discoveries: readonly DiscoveryConfig[];
  /** The effective section as plain data, secrets hidden. */
  readonly shown: Readonly<Record<string, unknown>>;
}

const FIELDS: FieldsOf<ScrapeSection> = {
  job_name: text(),
  honor_labels: flag(),
  honor_timestamps: shownFlag(true),
  track_timestamps_staleness: shownFlag(false),
  params: mapOf({ ...texts(), print: (given) => given }),
  ...sharedFields,
  fallback_scrape_protocol: orEmpty(scrapeProtocol),
  always_scrape_classic_histograms: optionalFlag(),
  convert_classic_histograms_to_nhcb: optionalFlag(),
  metrics_path: text('/metrics'),
  scheme: text('http'),
  enable_compression: shownFlag(true),
  native_histogram_bucket_limit: count(),
  native_histogram_min_bucket_factor: float(),
  ...clientFields,
  ...discoveryFields,
  ...otherDiscoveryFields,
  relabel_configs: relabelConfigs('empty or null target relabeling rule in scrape config'),
  metric_relabel_configs: relabelConfigs('empty or null metric relabeling rule in scrape config'),
};

const written = section(
  FIELDS,
  ({ job_name }) => (job_name === '' ? 'job_name is empty' : undefined),
  clientFault,
  (given) => (given.relabel_configs.length === 0 ? staticTargetsFault(given) : undefined),
);

/** Each is kept with its place, for it can be checked only when the global section is known. */
export const scrapeSections: Field<readonly WrittenScrape[]> = list<WrittenScrape>(
  {
    absent: { section: written.absent, value: undefined as never },
    read: (value, scope) => ({ section: written.read(value, scope), value }),
    print: ({ section: given }) => printSection(FIELDS, given),
  },
  'empty or null scrape config section',
);

/** Throws OperationError 'bad-data' with the place of a job that does not fit the global section. */
export function scrapeJob(
  { section: given, value }: WrittenScrape,
  global: GlobalSection,
): ScrapeJob {
  const complete = inherit(given, global);
  const fault = timeoutFault(complete) ?? emptyProtocolsFault(complete) ?? escapingFault(complete);
  if (fault !== undefined) throw value.fault(fault);
  const { metric_name_validation_scheme: scheme } = complete;
  checkRelabel([...given.relabel_configs, ...given.metric_relabel_configs], scheme);
  return {
    config: scrapeConfig(complete),
    discoveries: discoveryConfigs(complete),
    shown: printSection(FIELDS, complete) ?? {},
  };
}

type CompleteScrape = Omit<ScrapeSection, keyof Inherited> & Inherited;

interface Inherited {
  readonly scrape_protocols: readonly ScrapeProtocol[];
  readonly metric_name_validation_scheme: ValidationScheme;
  readonly metric_name_escaping_scheme: EscapingScheme;
  readonly scrape_native_histograms: boolean;
  readonly extra_scrape_metrics: boolean;
  readonly always_scrape_classic_histograms: boolean;
  readonly convert_classic_histograms_to_nhcb: boolean;
}

function inherit(given: ScrapeSection, global: GlobalSection): CompleteScrape {
  const interval = given.scrape_interval || global.scrape_interval;
  const native = given.scrape_native_histograms ?? global.scrape_native_histograms;
  const limits = Object.keys(limitFields).map((key) => {
    const name = key as keyof typeof limitFields;
    return [name, given[name] || global[name]];
  });
  return {
    ...given,
    ...(Object.fromEntries(limits) as Pick<ScrapeSection, keyof typeof limitFields>),
    scrape_interval: interval,
    scrape_timeout: given.scrape_timeout || Math.min(global.scrape_timeout, interval),
    scrape_failure_log_file: given.scrape_failure_log_file || global.scrape_failure_log_file,
    scrape_native_histograms: native,
    extra_scrape_metrics: given.extra_scrape_metrics ?? global.extra_scrape_metrics,
    scrape_protocols:
      given.scrape_protocols ??
      global.scrape_protocols ??
      (native ? PROTOBUF_FIRST_PROTOCOLS : DEFAULT_SCRAPE_PROTOCOLS),
    always_scrape_classic_histograms:
      given.always_scrape_classic_histograms ?? global.always_scrape_classic_histograms,
    convert_classic_histograms_to_nhcb:
      given.convert_classic_histograms_to_nhcb ?? global.convert_classic_histograms_to_nhcb,
    ...nameSchemes(given, global),
  };
}

/** A local validation scheme brings its own escaping with it; else the global one's goes for both. */
function nameSchemes(
  given: ScrapeSection,
  global: GlobalSection,
): Pick<Inherited, 'metric_name_validation_scheme' | 'metric_name_escaping_scheme'> {
  const globalScheme = global.metric_name_validation_scheme;
  const localScheme = given.metric_name_validation_scheme;
  const inherited =
    localScheme === undefined
      ? (global.metric_name_escaping_scheme ?? escapingOf(globalScheme))
      : escapingOf(localScheme);
  return {
    metric_name_validation_scheme: localScheme ?? globalScheme,
    metric_name_escaping_scheme: given.metric_name_escaping_scheme ?? inherited,
  };
}

function timeoutFault({ job_name, scrape_timeout, scrape_interval }: CompleteScrape): Fault {
  if (scrape_timeout <= scrape_interval) return undefined;
  const what = 'scrape timeout greater than scrape interval';
  return `${what} for scrape config with job name "${job_name}"`;
}

function escapingOf(scheme: ValidationScheme): EscapingScheme {
  return scheme === 'legacy' ? 'underscores' : 'allow-utf-8';
}

function escapingFault(given: CompleteScrape): Fault {
  const isConflict =
    given.metric_name_escaping_scheme === 'allow-utf-8' &&
    given.metric_name_validation_scheme !== 'utf8';
  if (!isConflict) return undefined;
  return 'utf8 metric names requested but validation scheme is not set to UTF8';
}

function scrapeConfig(given: CompleteScrape): ScrapeConfig {
  return {
    jobName: given.job_name,
    scrapeIntervalMs: given.scrape_interval,
    scrapeTimeoutMs: given.scrape_timeout,
    metricsPath: given.metrics_path,
    scheme: given.scheme === '' ? 'http' : given.scheme,
    params: given.params,
    honorLabels: given.honor_labels,
    honorTimestamps: given.honor_timestamps,
    trackTimestampsStaleness: given.track_timestamps_staleness,
    scrapeProtocols: given.scrape_protocols,
    fallbackScrapeProtocol: given.fallback_scrape_protocol,
    enableCompression: given.enable_compression,
    scrapeNativeHistograms: given.scrape_native_histograms,
    alwaysScrapeClassicHistograms: given.always_scrape_classic_histograms,
    convertClassicHistogramsToNhcb: given.convert_classic_histograms_to_nhcb,
    nativeHistogramBucketLimit: given.native_histogram_bucket_limit,
    nativeHistogramMinBucketFactor: given.native_histogram_min_bucket_factor,
    bodySizeLimitBytes: given.body_size_limit,
    sampleLimit: given.sample_limit,
    targetLimit: given.target_limit,
    labelLimit: given.label_limit,
    labelNameLengthLimit: given.label_name_length_limit,
    labelValueLengthLimit: given.label_value_length_limit,
    keepDroppedTargets: given.keep_dropped_targets,
    metricNameValidationScheme: given.metric_name_validation_scheme,
    metricNameEscapingScheme: given.metric_name_escaping_scheme,
    extraScrapeMetrics: given.extra_scrape_metrics,
    scrapeFailureLogFile: given.scrape_failure_log_file,
    relabelConfigs: plainRelabel(given.relabel_configs),
    metricRelabelConfigs: plainRelabel(given.metric_relabel_configs),
    client: clientSettings(given),
  };
}

/** The `global` section: what scrape configurations inherit. Source: GlobalConfig of Prometheus 3.14. */
import { isValidLabelName, type ValidationScheme } from '../model/label-name.ts';
import type { EscapingScheme, ScrapeProtocol } from '../scrape/scrape-config.ts';
import {
  byteSize,
  choice,
  count,
  duration,
  type Fault,
  type Field,
  type FieldsOf,
  flag,
  list,
  noEffect,
  optionalFlag,
  path,
  section,
  textMap,
  texts,
} from './schema.ts';

const PROTOCOLS = [
  'OpenMetricsText0.0.1',
  'OpenMetricsText1.0.0',
  'PrometheusProto',
  'PrometheusText0.0.4',
  'PrometheusText1.0.0',
] as const;
const DEFAULT_INTERVAL_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 10_000;

/** Limits that a scrape configuration inherits; 0 is none. */
export interface LimitFields {
  readonly body_size_limit: number;
  readonly sample_limit: number;
  readonly target_limit: number;
  readonly label_limit: number;
  readonly label_name_length_limit: number;
  readonly label_value_length_limit: number;
  readonly keep_dropped_targets: number;
}

/** What both sections have. Undefined inherits. */
export interface SharedFields extends LimitFields {
  readonly scrape_interval: number;
  readonly scrape_timeout: number;
  readonly scrape_protocols: readonly ScrapeProtocol[] | undefined;
  readonly scrape_native_histograms: boolean | undefined;
  readonly scrape_failure_log_file: string;
  readonly metric_name_validation_scheme: ValidationScheme | undefined;
  readonly metric_name_escaping_scheme: EscapingScheme | undefined;
  readonly extra_scrape_metrics: boolean | undefined;
}

/** Keys as they are written. */
interface WrittenGlobal extends SharedFields {
  readonly evaluation_interval: number;
  readonly rule_query_offset: number;
  readonly query_log_file: string;
  readonly external_labels: readonly (readonly [string, string])[];
  readonly convert_classic_histograms_to_nhcb: boolean;
  readonly always_scrape_classic_histograms: boolean;
}

/** With the defaults filled in, also those that follow from each other. */
export interface GlobalSection extends WrittenGlobal {
  readonly scrape_native_histograms: boolean;
  readonly extra_scrape_metrics: boolean;
  readonly metric_name_validation_scheme: ValidationScheme;
}

export const scrapeProtocol: Field<ScrapeProtocol | undefined> = choice(
  undefined,
  PROTOCOLS,
  (given) => `unknown scrape protocol ${given}, supported: ${PROTOCOLS.join(', ')}`,
);

export const limitFields: FieldsOf<LimitFields> = {
  body_size_limit: byteSize(),
  sample_limit: count(),
  target_limit: count(),
  label_limit: count(),
  label_name_length_limit: count(),
  label_value_length_limit: count(),
  keep_dropped_targets: count(),
};

export const sharedFields: FieldsOf<SharedFields> = {
  scrape_interval: duration(),
  scrape_timeout: duration(),
  scrape_protocols: protocolList(),
  scrape_native_histograms: optionalFlag(),
  scrape_failure_log_file: path(),
  ...limitFields,
  metric_name_validation_scheme: validationScheme(),
  metric_name_escaping_scheme: choice(
    undefined,
    ['allow-utf-8', 'underscores', 'dots', 'values'],
    (given) =>
      `unknown name escaping method "${given}": it is one of allow-utf-8, underscores, dots, values`,
  ),
  extra_scrape_metrics: optionalFlag(),
};

const globalFields: FieldsOf<WrittenGlobal> = {
  ...sharedFields,
  evaluation_interval: duration(),
  rule_query_offset: duration(),
  query_log_file: noEffect(path()),
  external_labels: textMap(),
  convert_classic_histograms_to_nhcb: flag(),
  always_scrape_classic_histograms: flag(),
};

const written = section(globalFields, externalLabelsFault, timeoutFault, emptyProtocolsFault);

export const globalSection: Field<GlobalSection> = {
  absent: withDefaults(written.absent),
  read: (value, scope) => withDefaults(written.read(value, scope)),
  print: (given) => written.print(given),
};

function withDefaults(given: WrittenGlobal): GlobalSection {
  const interval = given.scrape_interval || DEFAULT_INTERVAL_MS;
  return {
    ...given,
    scrape_interval: interval,
    scrape_timeout: given.scrape_timeout || Math.min(DEFAULT_TIMEOUT_MS, interval),
    evaluation_interval: given.evaluation_interval || DEFAULT_INTERVAL_MS,
    scrape_native_histograms: given.scrape_native_histograms ?? false,
    extra_scrape_metrics: given.extra_scrape_metrics ?? false,
    metric_name_validation_scheme: given.metric_name_validation_scheme ?? 'utf8',
  };
}

/** Undefined when nothing is written; the same protocol in another case counts as twice. */
function protocolList(): Field<readonly ScrapeProtocol[] | undefined> {
  const names = texts();
  const protocols = list(scrapeProtocol);
  return {
    absent: undefined,
    read(value, scope) {
      const given = names.read(value, scope).map((name) => name.toLowerCase());
      if (new Set(given).size < given.length) {
        throw value.fault('duplicated protocol in scrape_protocols');
      }
      return protocols.read(value, scope).filter((one) => one !== undefined);
    },
    print: (given) => given,
  };
}

export function emptyProtocolsFault({ scrape_protocols }: SharedFields): Fault {
  return scrape_protocols?.length === 0 ? 'scrape_protocols cannot be empty' : undefined;
}

function validationScheme(): Field<ValidationScheme | undefined> {
  return choice(
    undefined,
    ['utf8', 'legacy'],
    (given) => `unrecognized ValidationScheme: "${given}"`,
  );
}

function externalLabelsFault(given: WrittenGlobal): Fault {
  const scheme = given.metric_name_validation_scheme ?? 'utf8';
  const bad = given.external_labels.find(([name]) => !isValidLabelName(name, scheme));
  return bad && `"${bad[0]}" is not a valid label name`;
}

function timeoutFault({ scrape_timeout, scrape_interval }: WrittenGlobal): Fault {
  if (scrape_timeout <= (scrape_interval || DEFAULT_INTERVAL_MS)) return undefined;
  return 'global scrape timeout greater than scrape interval';
}

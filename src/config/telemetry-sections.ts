/** `tracing`, and `otlp`, which is read and checked though nothing acts on it yet. Source: Prometheus 3.14. */
import type { ValidationScheme } from '../model/label-name.ts';
import {
  COLLECTOR_TIMEOUT_MS,
  DEFAULT_RETRY,
  type TracingConfig,
} from '../transport/tracing-config.ts';
import { reservedHeader, type TlsSection, tlsSection, tlsSettings } from './client-section.ts';
import {
  choice,
  duration,
  type Fault,
  type Field,
  flag,
  float,
  orEmpty,
  section,
  shownFlag,
  text,
  textMap,
  texts,
} from './schema.ts';

const STRATEGIES = [
  'UnderscoreEscapingWithSuffixes',
  'UnderscoreEscapingWithoutSuffixes',
  'NoUTF8EscapingWithSuffixes',
  'NoTranslation',
] as const;

interface TracingSection {
  readonly client_type: 'http' | 'grpc' | undefined;
  readonly endpoint: string;
  readonly sampling_fraction: number;
  readonly insecure: boolean;
  readonly tls_config: TlsSection;
  readonly headers: readonly (readonly [string, string])[];
  readonly compression: string;
  readonly timeout: number;
}

export interface OtlpSection {
  readonly promote_all_resource_attributes: boolean;
  readonly promote_resource_attributes: readonly string[];
  readonly ignore_resource_attributes: readonly string[];
  readonly translation_strategy: (typeof STRATEGIES)[number] | undefined;
  readonly keep_identifying_resource_attributes: boolean;
  readonly convert_histograms_to_nhcb: boolean;
  readonly promote_scope_metadata: boolean;
  readonly label_name_underscore_sanitization: boolean;
  readonly label_name_preserve_multiple_underscores: boolean;
}

export const tracingSection: Field<TracingSection> = section<TracingSection>(
  {
    client_type: choice(
      'grpc',
      ['http', 'grpc'],
      (given) => `expected tracing client type to be http or grpc, but got ${given}`,
    ),
    endpoint: text(),
    sampling_fraction: float(),
    insecure: flag(),
    tls_config: tlsSection,
    headers: textMap(),
    compression: text(),
    timeout: duration(),
  },
  tracingFault,
);

function tracingFault({ endpoint, headers, compression }: TracingSection): Fault {
  const names = headers.map(([name]) => name.toLowerCase());
  if (names.includes('authorization')) {
    return 'custom authorization header configuration is not yet supported';
  }
  const reserved = reservedHeader(headers);
  if (reserved !== undefined) return reserved;
  if (endpoint === '') return 'tracing endpoint must be set';
  if (compression === '' || compression === 'gzip') return undefined;
  return `invalid compression type ${compression} provided, valid options: gzip`;
}

export function tracingConfig(given: TracingSection | undefined): TracingConfig | undefined {
  if (given === undefined) return undefined;
  return {
    trace: {
      serviceName: 'prometheus',
      resourceAttributes: {},
      sampledFraction: given.sampling_fraction,
      followsParent: true,
    },
    collector: {
      clientType: given.client_type ?? 'grpc',
      endpoint: given.endpoint,
      urlPath: '/v1/traces',
      isPlain: given.insecure,
      tls: tlsSettings(given.tls_config),
      headers: given.headers,
      isCompressed: given.compression === 'gzip',
      timeoutMs: given.timeout === 0 ? COLLECTOR_TIMEOUT_MS : given.timeout,
      retry: DEFAULT_RETRY,
    },
  };
}

export const otlpSection: Field<OtlpSection> = section<OtlpSection>(
  {
    promote_all_resource_attributes: flag(),
    promote_resource_attributes: texts(),
    ignore_resource_attributes: texts(),
    translation_strategy: orEmpty(
      choice(
        'UnderscoreEscapingWithSuffixes',
        STRATEGIES,
        (given) => `unsupported OTLP translation strategy "${given}"`,
      ),
    ),
    keep_identifying_resource_attributes: flag(),
    convert_histograms_to_nhcb: flag(),
    promote_scope_metadata: flag(),
    label_name_underscore_sanitization: shownFlag(true),
    label_name_preserve_multiple_underscores: shownFlag(true),
  },
  attributesFault,
);

function attributesFault(given: OtlpSection): Fault {
  const { promote_resource_attributes, ignore_resource_attributes } = given;
  if (given.promote_all_resource_attributes) {
    if (promote_resource_attributes.length > 0) {
      const both = "'promote_all_resource_attributes' and 'promote_resource_attributes'";
      return `${both} cannot be configured simultaneously`;
    }
    const fault = namesFault(ignore_resource_attributes, 'ignored');
    return fault && `invalid 'ignore_resource_attributes': ${fault}`;
  }
  if (ignore_resource_attributes.length > 0) {
    return "'ignore_resource_attributes' needs 'promote_all_resource_attributes'";
  }
  const fault = namesFault(promote_resource_attributes, 'promoted');
  return fault && `invalid 'promote_resource_attributes': ${fault}`;
}

function namesFault(attributes: readonly string[], adjective: string): Fault {
  const names = attributes.map((name) => name.trim());
  if (names.includes('')) return `empty ${adjective} OTel resource attribute`;
  const twice = names.find((name, i) => names.indexOf(name) < i);
  return twice && `duplicated ${adjective} OTel resource attribute "${twice}"`;
}

/** Translations that keep names of the new character set need them to be valid. */
export function translationFault(
  { translation_strategy }: OtlpSection,
  scheme: ValidationScheme,
): Fault {
  const keepsNames =
    translation_strategy === 'NoTranslation' ||
    translation_strategy === 'NoUTF8EscapingWithSuffixes';
  if (!keepsNames || scheme === 'utf8') return undefined;
  return `OTLP translation strategy "${translation_strategy}" is not allowed when UTF8 is disabled`;
}

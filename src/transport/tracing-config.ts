/** The `--tracing.config` of Thanos: what is traced, and where traces go. Source: Thanos pkg/tracing. */
import { parseYaml, type YamlValue } from '../base/yaml.ts';
import type { TraceSettings } from '../telemetry/otlp-tracer.ts';
import { defaultTlsSettings, type TlsSettings } from './client-settings.ts';
import { readClientTls, readDuration } from './http-config.ts';
import type { CollectorSettings } from './trace-sender.ts';

export interface TracingConfig {
  readonly trace: TraceSettings;
  readonly collector: CollectorSettings;
}

const CLIENT_TYPES = ['http', 'grpc'] as const;
const PORTS = { http: 4318, grpc: 4317 } as const;
/** Of an attempt that no other time is given for. */
export const COLLECTOR_TIMEOUT_MS: number = 10_000;

/** Of one for which nothing else is said, as the libraries of OpenTelemetry have it. */
export const DEFAULT_RETRY: CollectorSettings['retry'] = {
  firstDelayMs: 5000,
  delayMaxMs: 30_000,
  totalMs: 60_000,
};

/** `where` names the document in errors. Throws OperationError 'bad-data' with the place of what is wrong. */
export function parseTracingConfig(text: string, where: string): TracingConfig {
  const document = parseYaml(text, where);
  const { type, config } = document.fields('type', 'config');
  if (type?.text().toUpperCase() !== 'OTLP') {
    const reason = 'must be OTLP, which Jaeger, Tempo and all collectors of OpenTelemetry take';
    throw (type ?? document).fault(type === undefined ? `has no type: it ${reason}` : reason);
  }
  if (config === undefined) throw document.fault('has no config');
  const given = config.fields(
    'client_type',
    'service_name',
    'resource_attributes',
    'reconnection_period',
    'compression',
    'insecure',
    'endpoint',
    'url_path',
    'timeout',
    'retry_config',
    'headers',
    'tls_config',
    'sampler_type',
    'sampler_param',
  );
  const clientType = CLIENT_TYPES.find((one) => one === given.client_type?.text());
  if (clientType === undefined)
    throw (given.client_type ?? config).fault('needs client_type: http or grpc');
  const compression = given.compression?.text() ?? '';
  if (!['', 'none', 'gzip'].includes(compression)) {
    throw given.compression?.fault('must be gzip or nothing');
  }
  return {
    trace: {
      serviceName: given.service_name?.text() || 'tsanos',
      resourceAttributes: Object.fromEntries(textPairs(given.resource_attributes)),
      ...readSampler(given.sampler_type, given.sampler_param),
    },
    collector: {
      clientType,
      endpoint: readEndpoint(given.endpoint) ?? `localhost:${PORTS[clientType]}`,
      urlPath: given.url_path?.text() || '/v1/traces',
      isPlain: given.insecure?.boolean() ?? false,
      tls: tlsSettings(given.tls_config),
      headers: textPairs(given.headers),
      isCompressed: compression === 'gzip',
      timeoutMs: readDuration(given.timeout) || COLLECTOR_TIMEOUT_MS,
      retry: readRetry(given.retry_config),
    },
  };
}

function textPairs(value: YamlValue | undefined): readonly (readonly [string, string])[] {
  return (value?.entries() ?? []).map(([name, one]) => [name, one.text()] as const);
}

function readEndpoint(value: YamlValue | undefined): string | undefined {
  const text = value?.text() ?? '';
  if (text === '') return undefined;
  if (/^(\[[0-9a-fA-F:.]+\]|[^:/\s]+)(:\d{1,5})?$/.test(text)) return text;
  throw value?.fault('is not host:port, such as collector:4317, without a scheme');
}

type Sampling = Pick<TraceSettings, 'sampledFraction' | 'followsParent'>;

function readSampler(type: YamlValue | undefined, param: YamlValue | undefined): Sampling {
  const name = (type?.text() ?? '').toLowerCase();
  const followsParent = name === '' || name.startsWith('parentbased');
  switch (name.replace(/^parentbased/, '')) {
    case 'alwayssample':
    case '':
      return { sampledFraction: 1, followsParent };
    case 'neversample':
      return { sampledFraction: 0, followsParent };
    case 'traceidratiobased': {
      const fraction = Number(param?.text() ?? Number.NaN);
      if (fraction >= 0 && fraction <= 1) return { sampledFraction: fraction, followsParent };
      throw (param ?? type)?.fault('needs sampler_param: a fraction from 0 to 1');
    }
    default:
      throw type?.fault(
        'must be alwayssample, neversample or traceidratiobased, or one of these after parentbased',
      );
  }
}

function tlsSettings(value: YamlValue | undefined): TlsSettings {
  const { caFile, certFile, keyFile, serverName = '', skipVerify } = readClientTls(value);
  const file = (path: string | undefined) =>
    path === undefined ? undefined : ({ kind: 'file', path } as const);
  return {
    ...defaultTlsSettings,
    ca: file(caFile),
    cert: file(certFile),
    key: file(keyFile),
    serverName,
    skipVerify,
  };
}

function readRetry(value: YamlValue | undefined): CollectorSettings['retry'] {
  const given = value?.fields(
    'retry_enabled',
    'retry_initial_interval',
    'retry_max_interval',
    'retry_max_elapsed_time',
  );
  return {
    firstDelayMs: readDuration(given?.retry_initial_interval) || DEFAULT_RETRY.firstDelayMs,
    delayMaxMs: readDuration(given?.retry_max_interval) || DEFAULT_RETRY.delayMaxMs,
    totalMs: readDuration(given?.retry_max_elapsed_time) || DEFAULT_RETRY.totalMs,
  };
}

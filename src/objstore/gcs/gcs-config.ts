/** The configuration of the provider GCS. */
import type { YamlValue } from '../../base/yaml.ts';
import { countOf, flagOf, neededText } from '../../model/yaml-fields.ts';
import type { HttpClientConfig } from '../../transport/http-config.ts';
import { readHttpSection } from '../http-section.ts';

export interface GcsConfig {
  readonly kind: 'GCS';
  readonly bucket: string;
  /** The JSON of a service account's key; undefined for the application's default credentials. */
  readonly serviceAccount: Readonly<Record<string, unknown>> | undefined;
  readonly http: HttpClientConfig;
  /** Undefined for the usual number. */
  readonly retries: number | undefined;
}

export function readGcsConfig(value: YamlValue): GcsConfig {
  const given = value.fields(
    'bucket',
    'service_account',
    'use_grpc',
    'grpc_conn_pool_size',
    'http_config',
    'chunk_size_bytes',
    'max_retries',
  );
  if (flagOf(given.use_grpc)) {
    throw given.use_grpc?.fault('is not supported: leave it out, and the JSON API is used');
  }
  countOf(given.grpc_conn_pool_size);
  // An object goes up with one request, in slices that are never held together.
  countOf(given.chunk_size_bytes);
  const attempts = countOf(given.max_retries);
  return {
    kind: 'GCS',
    bucket: neededText(given.bucket, value, 'has no bucket'),
    serviceAccount: readServiceAccount(given.service_account),
    http: readHttpSection(given.http_config),
    retries: attempts === 0 ? undefined : attempts - 1,
  };
}

/** Errors keep the content to themselves: it is a private key. */
function readServiceAccount(
  value: YamlValue | undefined,
): Readonly<Record<string, unknown>> | undefined {
  const text = value?.text() ?? '';
  if (text === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // Said below, without the text.
  }
  throw value?.fault("is not the JSON of a service account's key");
}

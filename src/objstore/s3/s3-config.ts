/** The configuration of the provider S3. */
import type { YamlFields, YamlValue } from '../../base/yaml.ts';
import { countOf, flagOf, neededText, pairsOf, textOf, wordOf } from '../../model/yaml-fields.ts';
import type { HttpClientConfig } from '../../transport/http-config.ts';
import { readHttpSection } from '../http-section.ts';

export interface S3Config {
  readonly kind: 'S3';
  readonly bucket: string;
  /** `host` or `host:port`. */
  readonly endpoint: string;
  /** '' to find it out. */
  readonly region: string;
  readonly dualStack: boolean;
  readonly insecure: boolean;
  readonly credentials: S3CredentialsConfig;
  readonly signatureVersion: 2 | 4;
  /** Sent with every new object. */
  readonly userMetadata: readonly (readonly [string, string])[];
  readonly http: HttpClientConfig;
  /** Logs every request at level debug. */
  readonly trace: boolean;
  readonly listVersion: 1 | 2;
  readonly lookup: 'auto' | 'virtual-hosted' | 'path';
  readonly sendMd5: boolean;
  readonly multipart: boolean;
  readonly partBytes: number;
  readonly encryption: S3Encryption | undefined;
  /** Undefined for the usual number. */
  readonly retries: number | undefined;
}

export type S3CredentialsConfig =
  | {
      readonly kind: 'keys';
      readonly accessKey: string;
      readonly secretKey: string;
      readonly sessionToken: string;
    }
  /** Environment, shared file, web identity, container, instance: the first that has some. */
  | { readonly kind: 'chain'; readonly stsEndpoint: string };

export type S3Encryption =
  | { readonly kind: 'SSE-S3' }
  | {
      readonly kind: 'SSE-KMS';
      readonly keyId: string;
      readonly context: readonly (readonly [string, string])[];
    }
  /** The key lies in a file. */
  | { readonly kind: 'SSE-C'; readonly keyFile: string };

const KEYS = [
  'bucket',
  'endpoint',
  'region',
  'disable_dualstack',
  'aws_sdk_auth',
  'access_key',
  'secret_key',
  'session_token',
  'insecure',
  'signature_version2',
  'put_user_metadata',
  'http_config',
  'trace',
  'list_objects_version',
  'bucket_lookup_type',
  'send_content_md5',
  'disable_multipart',
  'part_size',
  'sse_config',
  'sts_endpoint',
  'max_retries',
] as const;
const PART_BYTES = 64 * 1024 * 1024;
/** S3 takes no smaller part but the last. */
const PART_BYTES_MIN = 5 * 1024 * 1024;

export function readS3Config(value: YamlValue): S3Config {
  const given = value.fields(...KEYS);
  const partBytes = countOf(given.part_size, PART_BYTES);
  if (partBytes < PART_BYTES_MIN) {
    throw given.part_size?.fault(`is below ${PART_BYTES_MIN}, the least that S3 takes`);
  }
  const retries = countOf(given.max_retries);
  const endpoint = neededText(given.endpoint, value, 'has no endpoint, such as s3.amazonaws.com');
  if (endpoint.includes('/')) {
    throw given.endpoint?.fault('must be a host with or without a port: no scheme and no path');
  }
  return {
    kind: 'S3',
    bucket: neededText(given.bucket, value, 'has no bucket'),
    endpoint,
    region: textOf(given.region),
    dualStack: !flagOf(given.disable_dualstack),
    insecure: flagOf(given.insecure),
    credentials: readCredentials(value, given),
    signatureVersion: flagOf(given.signature_version2) ? 2 : 4,
    userMetadata: pairsOf(given.put_user_metadata),
    http: readHttpSection(given.http_config),
    trace: flagOf(given.trace?.fields('enable').enable),
    listVersion: wordOf(given.list_objects_version, ['', 'v1', 'v2']) === 'v1' ? 1 : 2,
    lookup: wordOf(given.bucket_lookup_type, ['auto', 'virtual-hosted', 'path']),
    sendMd5: flagOf(given.send_content_md5, true),
    multipart: !flagOf(given.disable_multipart),
    partBytes,
    encryption: readEncryption(given.sse_config),
    retries: retries === 0 ? undefined : retries,
  };
}

function readCredentials(
  value: YamlValue,
  given: YamlFields<(typeof KEYS)[number]>,
): S3CredentialsConfig {
  const accessKey = textOf(given.access_key);
  const secretKey = textOf(given.secret_key);
  if (flagOf(given.aws_sdk_auth) && accessKey !== '') {
    throw given.aws_sdk_auth?.fault('stands beside access_key: keep one of them');
  }
  if ((accessKey === '') !== (secretKey === '')) {
    const missing = accessKey === '' ? 'access_key' : 'secret_key';
    const ways = 'give both keys, or neither to take them from the environment';
    throw value.fault(`has no ${missing}: ${ways}`);
  }
  if (accessKey === '') return { kind: 'chain', stsEndpoint: textOf(given.sts_endpoint) };
  return { kind: 'keys', accessKey, secretKey, sessionToken: textOf(given.session_token) };
}

function readEncryption(value: YamlValue | undefined): S3Encryption | undefined {
  const given = value?.fields('type', 'kms_key_id', 'kms_encryption_context', 'encryption_key');
  if (value === undefined || given === undefined) return undefined;
  const kind = wordOf(given.type, ['', 'SSE-S3', 'SSE-KMS', 'SSE-C']);
  if (kind === '') return undefined;
  if (kind === 'SSE-S3') return { kind };
  if (kind === 'SSE-KMS') {
    const keyId = neededText(given.kms_key_id, value, 'SSE-KMS needs kms_key_id');
    return { kind, keyId, context: pairsOf(given.kms_encryption_context) };
  }
  const reason = 'SSE-C needs encryption_key, the path of a file with 32 bytes';
  return { kind, keyFile: neededText(given.encryption_key, value, reason) };
}

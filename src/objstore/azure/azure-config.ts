/** The configuration of the provider AZURE. */
import type { YamlFields, YamlValue } from '../../base/yaml.ts';
import { countOf, durationOf, flagOf, neededText, textOf } from '../../model/yaml-fields.ts';
import type { HttpClientConfig } from '../../transport/http-config.ts';
import { readHttpSection } from '../http-section.ts';

export interface AzureConfig {
  readonly kind: 'AZURE';
  readonly account: string;
  readonly container: string;
  readonly createContainer: boolean;
  /** `blob.core.windows.net`. */
  readonly endpoint: string;
  readonly credentials: AzureCredentialsConfig;
  readonly http: HttpClientConfig;
  /** Undefined for the usual number. */
  readonly retries: number | undefined;
  /** For one attempt; 0 for the server's own limit. */
  readonly tryTimeoutMs: number;
  /** 0 for the usual ones. */
  readonly retryDelayMs: number;
  readonly retryDelayMaxMs: number;
}

export type AzureCredentialsConfig =
  | { readonly kind: 'connection-string'; readonly text: string }
  | { readonly kind: 'key'; readonly key: string }
  | {
      readonly kind: 'client-secret';
      readonly tenantId: string;
      readonly clientId: string;
      readonly secret: string;
    }
  | { readonly kind: 'managed-identity'; readonly clientId: string }
  /** Environment, workload identity, managed identity: the first that has some. */
  | { readonly kind: 'default' };

const KEYS = [
  'az_tenant_id',
  'client_id',
  'client_secret',
  'storage_account',
  'storage_account_key',
  'storage_connection_string',
  'storage_create_container',
  'container',
  'endpoint',
  'user_assigned_id',
  'max_retries',
  'reader_config',
  'pipeline_config',
  'http_config',
  'msi_resource',
] as const;
type Fields = YamlFields<(typeof KEYS)[number]>;

export function readAzureConfig(value: YamlValue): AzureConfig {
  const given = value.fields(...KEYS);
  const pipeline = given.pipeline_config?.fields(
    'max_tries',
    'try_timeout',
    'retry_delay',
    'max_retry_delay',
  );
  countOf(given.reader_config?.fields('max_retry_requests').max_retry_requests);
  const retries = countOf(pipeline?.max_tries) || countOf(given.max_retries);
  return {
    kind: 'AZURE',
    account: neededText(given.storage_account, value, 'has no storage_account'),
    container: neededText(given.container, value, 'has no container'),
    createContainer: flagOf(given.storage_create_container, true),
    endpoint: textOf(given.endpoint, 'blob.core.windows.net'),
    credentials: readCredentials(value, given),
    http: readHttpSection(given.http_config),
    retries: retries === 0 ? undefined : retries,
    tryTimeoutMs: durationOf(pipeline?.try_timeout),
    retryDelayMs: durationOf(pipeline?.retry_delay),
    retryDelayMaxMs: durationOf(pipeline?.max_retry_delay),
  };
}

function readCredentials(value: YamlValue, given: Fields): AzureCredentialsConfig {
  const [tenantId, clientId, secret] = [
    textOf(given.az_tenant_id),
    textOf(given.client_id),
    textOf(given.client_secret),
  ];
  const key = textOf(given.storage_account_key);
  const text = textOf(given.storage_connection_string);
  const identity = textOf(given.user_assigned_id);
  const parts = [tenantId, clientId, secret].filter((part) => part !== '').length;
  if (parts !== 0 && parts !== 3) {
    throw value.fault(
      'az_tenant_id, client_id and client_secret belong together: give all or none',
    );
  }
  if (key !== '' && text !== '') {
    throw value.fault('has storage_account_key and storage_connection_string: keep one of them');
  }
  const beside = [
    ['storage_account_key', key],
    ['storage_connection_string', text],
    ['client_id', clientId],
  ].find(([, other]) => other !== '');
  if (identity !== '' && beside !== undefined) {
    throw value.fault(`has user_assigned_id and ${beside[0]}: keep one of them`);
  }
  if (text !== '') return { kind: 'connection-string', text };
  if (key !== '') return { kind: 'key', key };
  if (secret !== '') return { kind: 'client-secret', tenantId, clientId, secret };
  if (identity !== '') return { kind: 'managed-identity', clientId: identity };
  return { kind: 'default' };
}

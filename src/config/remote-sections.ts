/** `remote_write` and `remote_read`: read and checked; nothing acts on them yet. Source: Prometheus 3.14. */
import { azureAdSection } from './azuread-section.ts';
import { type ClientSection, clientFault, clientFields, headersFault } from './client-section.ts';
import { type RelabelSection, relabelConfigs } from './relabel-section.ts';
import {
  choice,
  count,
  duration,
  type Fault,
  type Field,
  type FieldsOf,
  flag,
  integer,
  list,
  noEffect,
  optional,
  path,
  secret,
  section,
  shownFlag,
  text,
  textMap,
} from './schema.ts';

const MESSAGES = ['prometheus.WriteRequest', 'io.prometheus.write.v2.Request'] as const;
const SECOND_MS = 1000;

interface QueueSection {
  readonly capacity: number;
  readonly max_shards: number;
  readonly min_shards: number;
  readonly max_samples_per_send: number;
  readonly batch_send_deadline: number;
  readonly min_backoff: number;
  readonly max_backoff: number;
  readonly retry_on_http_429: boolean;
  readonly sample_age_limit: number;
}

const queueSection: Field<QueueSection> = section(
  {
    capacity: integer(10_000),
    max_shards: integer(50),
    min_shards: integer(1),
    max_samples_per_send: integer(2000),
    batch_send_deadline: duration(5 * SECOND_MS),
    min_backoff: duration(30),
    max_backoff: duration(5 * SECOND_MS),
    retry_on_http_429: flag(),
    sample_age_limit: duration(),
  },
  queueFault,
);

function queueFault(queue: QueueSection): Fault {
  const positive = ['max_shards', 'min_shards', 'max_samples_per_send', 'capacity'] as const;
  const bad = positive.find((name) => queue[name] <= 0);
  if (bad !== undefined) return `remote write queue ${bad} must be positive`;
  if (queue.min_shards > queue.max_shards) {
    return 'remote write queue min_shards must not be greater than max_shards';
  }
  if (queue.max_backoff >= queue.min_backoff) return undefined;
  return 'remote write queue max_backoff must not be less than min_backoff';
}

export const sigv4Section: Field<unknown> = section(
  {
    region: text(),
    access_key: text(),
    secret_key: secret(),
    profile: text(),
    role_arn: text(),
    external_id: text(),
    use_fips_sts_endpoint: flag(),
    service_name: text(),
  },
  ({ access_key, secret_key }) =>
    (access_key === '') === (secret_key === '')
      ? undefined
      : 'must provide a AWS SigV4 Access key and Secret Key if credentials are specified',
  ({ external_id, role_arn }) =>
    external_id !== '' && role_arn === ''
      ? 'external_id can only be used with role_arn'
      : undefined,
);

interface RemoteWriteSection extends ClientSection {
  readonly url: string;
  readonly remote_timeout: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly write_relabel_configs: readonly RelabelSection[];
  readonly name: string;
  readonly send_exemplars: boolean;
  readonly send_native_histograms: boolean;
  readonly round_robin_dns: boolean;
  readonly protobuf_message: (typeof MESSAGES)[number] | undefined;
  readonly failed_request_logging: boolean;
  readonly queue_config: QueueSection;
  readonly metadata_config: unknown;
  readonly sigv4: unknown;
  readonly azuread: unknown;
  readonly google_iam: unknown;
}

const WRITE_FIELDS: FieldsOf<RemoteWriteSection> = {
  url: text(),
  remote_timeout: duration(30 * SECOND_MS),
  headers: textMap(),
  write_relabel_configs: relabelConfigs('empty or null relabeling rule in remote write config'),
  name: text(),
  send_exemplars: flag(),
  send_native_histograms: flag(),
  round_robin_dns: flag(),
  protobuf_message: choice(
    'prometheus.WriteRequest',
    MESSAGES,
    (given) =>
      `invalid protobuf_message value: unknown message ${given}, supported: ${MESSAGES.join(', ')}`,
  ),
  failed_request_logging: flag(),
  ...clientFields,
  enable_http2: shownFlag(false),
  queue_config: queueSection,
  metadata_config: section({
    send: shownFlag(true),
    send_interval: duration(60 * SECOND_MS),
    max_samples_per_send: count(2000),
  }),
  sigv4: optional(sigv4Section),
  azuread: optional(azureAdSection),
  google_iam: optional(section({ credentials_file: path() })),
};

const remoteWrite = section(
  WRITE_FIELDS,
  ({ url }) => (url === '' ? 'url for remote_write is empty' : undefined),
  ({ headers }) => headersFault(headers),
  clientFault,
  signingFault,
);

function signingFault(given: RemoteWriteSection): Fault {
  const ways = ['basic_auth', 'authorization', 'oauth2', 'sigv4', 'azuread', 'google_iam'] as const;
  const configured = ways.filter((way) => given[way] !== undefined);
  if (configured.length < 2) return undefined;
  return `at most one of ${ways.join(', ')} must be configured, not ${configured.join(' and ')}`;
}

export const remoteWriteSections: Field<readonly RemoteWriteSection[]> = noEffect(
  list(remoteWrite, 'empty or null remote write config section'),
);

interface RemoteReadSection extends ClientSection {
  readonly url: string;
  readonly remote_timeout: number;
  readonly chunked_read_limit: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly read_recent: boolean;
  readonly name: string;
  readonly required_matchers: readonly (readonly [string, string])[];
  readonly filter_external_labels: boolean;
}

const remoteRead: Field<RemoteReadSection> = section<RemoteReadSection>(
  {
    url: text(),
    remote_timeout: duration(60 * SECOND_MS),
    chunked_read_limit: count(50_000_000),
    headers: textMap(),
    read_recent: flag(),
    name: text(),
    ...clientFields,
    required_matchers: textMap(),
    filter_external_labels: shownFlag(true),
  },
  ({ url }) => (url === '' ? 'url for remote_read is empty' : undefined),
  ({ headers }) => headersFault(headers),
  clientFault,
);

export const remoteReadSections: Field<readonly RemoteReadSection[]> = noEffect(
  list(remoteRead, 'empty or null remote read config section'),
);

/** What is wrong with the endpoints beside each other. */
export function remoteFault(
  writes: readonly RemoteWriteSection[],
  reads: readonly RemoteReadSection[],
): Fault {
  const writeName = repeatedName(writes);
  if (writeName !== undefined) {
    return `found multiple remote write configs with job name "${writeName}"`;
  }
  const readName = repeatedName(reads);
  return readName && `found multiple remote read configs with job name "${readName}"`;
}

function repeatedName(sections: readonly { readonly name: string }[]): string | undefined {
  const names = sections.map(({ name }) => name).filter((name) => name !== '');
  return names.find((name, i) => names.indexOf(name) < i);
}

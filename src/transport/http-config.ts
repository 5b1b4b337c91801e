/** The `http_config` of Thanos: how a client reaches its servers. */
import type { FileSystem } from '../base/file-system.ts';
import { parseYaml, type YamlFields, type YamlValue } from '../base/yaml.ts';
import { parseDuration } from '../model/duration.ts';
import type { SecretText } from './client-settings.ts';
import { basicCredentials, readSecret } from './credentials.ts';

export interface HttpClientConfig {
  /** The Authorization header; a password or token in a file is read for each request. */
  authorization(files: FileSystem): string | undefined;
  readonly proxyUrl: string | undefined;
  readonly tls: {
    readonly caFile?: string;
    readonly certFile?: string;
    readonly keyFile?: string;
    readonly serverName?: string;
    readonly skipVerify: boolean;
  };
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** 0: none but the caller's own. */
  readonly headerTimeoutMs: number;
  /** 0: any number. */
  readonly connectionsMax: number;
}

export const defaultHttpConfig: HttpClientConfig = {
  authorization: () => undefined,
  proxyUrl: undefined,
  tls: { skipVerify: false },
  connectTimeoutMs: 5000,
  idleTimeoutMs: 90_000,
  headerTimeoutMs: 0,
  connectionsMax: 0,
};

/** `where` names the document in errors. Throws OperationError 'bad-data' with the place of what is wrong. */
export function parseHttpConfig(text: string, where: string): HttpClientConfig {
  return readHttpConfig(parseYaml(text, where));
}

/** Reads an `http_config` that is part of a larger document. */
export function readHttpConfig(value: YamlValue): HttpClientConfig {
  const given = value.fields(
    'basic_auth',
    'bearer_token',
    'bearer_token_file',
    'proxy_url',
    'tls_config',
    'transport_config',
  );
  const proxyUrl = given.proxy_url?.text();
  if (proxyUrl !== undefined && !URL.canParse(proxyUrl)) {
    throw given.proxy_url?.fault('is not a URL such as http://proxy:3128');
  }
  return {
    authorization: readAuthorization(value, given),
    proxyUrl,
    tls: readClientTls(given.tls_config),
    ...readTransport(given.transport_config),
  };
}

type AuthFields = YamlFields<'basic_auth' | 'bearer_token' | 'bearer_token_file'>;

function readAuthorization(
  value: YamlValue,
  { basic_auth, bearer_token, bearer_token_file }: AuthFields,
): HttpClientConfig['authorization'] {
  const basic = basic_auth?.fields('username', 'password', 'password_file');
  const kinds = [basic, bearer_token, bearer_token_file].filter((kind) => kind !== undefined);
  if (kinds.length > 1) {
    throw value.fault('has several of basic_auth, bearer_token and bearer_token_file: keep one');
  }
  if (basic !== undefined) {
    if (basic.password !== undefined && basic.password_file !== undefined) {
      throw basic.password.fault('stands beside password_file: keep one of them');
    }
    const user = basic.username?.text() ?? '';
    const secret = secretText(basic.password, basic.password_file);
    return (files) => basicCredentials(user, readSecret(files, secret));
  }
  if (bearer_token === undefined && bearer_token_file === undefined) return () => undefined;
  const secret = secretText(bearer_token, bearer_token_file);
  return (files) => `Bearer ${readSecret(files, secret)}`;
}

function secretText(inline: YamlValue | undefined, file: YamlValue | undefined): SecretText {
  if (file !== undefined) return { kind: 'file', path: file.text() };
  return { kind: 'text', text: inline?.text() ?? '' };
}

export function readClientTls(value: YamlValue | undefined): HttpClientConfig['tls'] {
  const given = value?.fields(
    'ca_file',
    'cert_file',
    'key_file',
    'server_name',
    'insecure_skip_verify',
  );
  if ((given?.cert_file === undefined) !== (given?.key_file === undefined)) {
    throw value?.fault('needs both cert_file and key_file, or neither');
  }
  const named = {
    caFile: given?.ca_file?.text(),
    certFile: given?.cert_file?.text(),
    keyFile: given?.key_file?.text(),
    serverName: given?.server_name?.text(),
  };
  const present = Object.entries(named).filter(([, text]) => text !== undefined && text !== '');
  return {
    ...Object.fromEntries(present),
    skipVerify: given?.insecure_skip_verify?.boolean() ?? false,
  };
}

type Transport = Pick<
  HttpClientConfig,
  'connectTimeoutMs' | 'idleTimeoutMs' | 'headerTimeoutMs' | 'connectionsMax'
>;

/** Numbers are nanoseconds, as Thanos reads them; texts are durations. Bounds on idle connections are the pool's. */
function readTransport(value: YamlValue | undefined): Transport {
  const given = value?.fields(
    'max_idle_conns',
    'max_idle_conns_per_host',
    'idle_conn_timeout',
    'response_header_timeout',
    'expect_continue_timeout',
    'max_conns_per_host',
    'disable_compression',
    'tls_handshake_timeout',
    'dialer_timeout',
  );
  return {
    connectTimeoutMs: readDuration(given?.dialer_timeout) ?? defaultHttpConfig.connectTimeoutMs,
    idleTimeoutMs: readDuration(given?.idle_conn_timeout) ?? defaultHttpConfig.idleTimeoutMs,
    headerTimeoutMs: readDuration(given?.response_header_timeout) ?? 0,
    connectionsMax: given?.max_conns_per_host?.number() ?? 0,
  };
}

/** A duration, or a number of nanoseconds; milliseconds. */
export function readDuration(value: YamlValue | undefined): number | undefined {
  if (value === undefined) return undefined;
  const text = value.text();
  const durationMs = /^\d+$/.test(text) ? Number(text) / 1e6 : parseDuration(text);
  if (durationMs === undefined) throw value.fault('is not a duration such as 90s');
  return durationMs;
}

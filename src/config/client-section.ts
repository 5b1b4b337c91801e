/** Keys of Prometheus' HTTP client, which many sections carry among their own. Source: HTTPClientConfig and its checks. */
import {
  type AuthorizationSettings,
  type BasicAuthSettings,
  type ClientSettings,
  defaultTlsSettings,
  type HeaderSettings,
  type OAuth2Settings,
  type ProxySettings,
  type SecretText,
  type TlsSettings,
  type TlsVersion,
} from '../transport/client-settings.ts';
import {
  choice,
  type Fault,
  type Field,
  type FieldsOf,
  flag,
  list,
  mapOf,
  noEffect,
  optional,
  path,
  secret,
  section,
  shownFlag,
  text,
  textMap,
  texts,
} from './schema.ts';

const TLS_VERSIONS = ['TLS10', 'TLS11', 'TLS12', 'TLS13'] as const;
const JWT_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const RESERVED_HEADERS: readonly string[] = [
  'authorization',
  'host',
  'content-encoding',
  'content-length',
  'content-type',
  'user-agent',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'www-authenticate',
  'accept-encoding',
  'x-prometheus-remote-write-version',
  'x-prometheus-remote-read-version',
  'x-prometheus-scrape-timeout-seconds',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
];

/** Keys as they are written; '' and empty lists where nothing is. */
export interface TlsSection {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly ca_file: string;
  readonly cert_file: string;
  readonly key_file: string;
  readonly ca_ref: string;
  readonly cert_ref: string;
  readonly key_ref: string;
  readonly server_name: string;
  readonly insecure_skip_verify: boolean;
  readonly min_version: TlsVersion | undefined;
  readonly max_version: TlsVersion | undefined;
}

interface ProxySection {
  readonly proxy_url: string;
  readonly no_proxy: string;
  readonly proxy_from_environment: boolean;
  readonly proxy_connect_header: readonly (readonly [string, readonly string[]])[];
}

interface HeaderSection {
  readonly values: readonly string[];
  readonly secrets: readonly string[];
  readonly files: readonly string[];
}

type NamedHeaders = readonly (readonly [string, HeaderSection])[];

interface BasicAuthSection {
  readonly username: string;
  readonly username_file: string;
  readonly username_ref: string;
  readonly password: string;
  readonly password_file: string;
  readonly password_ref: string;
}

interface AuthorizationSection {
  readonly type: string;
  readonly credentials: string;
  readonly credentials_file: string;
  readonly credentials_ref: string;
}

interface OAuth2Section extends ProxySection {
  readonly client_id: string;
  readonly client_secret: string;
  readonly client_secret_file: string;
  readonly client_secret_ref: string;
  readonly client_certificate_key_id: string;
  readonly client_certificate_key: string;
  readonly client_certificate_key_file: string;
  readonly client_certificate_key_ref: string;
  readonly grant_type: string;
  readonly signature_algorithm: string;
  readonly iss: string;
  readonly audience: string;
  readonly claims: unknown;
  readonly scopes: readonly string[];
  readonly token_url: string;
  readonly endpoint_params: readonly (readonly [string, string])[];
  readonly tls_config: TlsSection;
}

export interface ClientSection extends ProxySection {
  readonly basic_auth: BasicAuthSection | undefined;
  readonly authorization: AuthorizationSection | undefined;
  readonly oauth2: OAuth2Section | undefined;
  readonly bearer_token: string;
  readonly bearer_token_file: string;
  readonly tls_config: TlsSection;
  readonly follow_redirects: boolean;
  readonly enable_http2: boolean;
  readonly http_headers: NamedHeaders;
}

const tlsVersion: Field<TlsVersion | undefined> = choice(
  undefined,
  TLS_VERSIONS,
  (given) => `unknown TLS version: ${given}`,
);

export const tlsSection: Field<TlsSection> = section(
  {
    ca: text(),
    cert: text(),
    key: secret(),
    ca_file: path(),
    cert_file: path(),
    key_file: path(),
    ca_ref: text(),
    cert_ref: text(),
    key_ref: text(),
    server_name: text(),
    insecure_skip_verify: flag(),
    min_version: tlsVersion,
    max_version: tlsVersion,
  },
  tlsFault,
);

const proxyFields: FieldsOf<ProxySection> = {
  proxy_url: text(),
  no_proxy: text(),
  proxy_from_environment: flag(),
  proxy_connect_header: mapOf(list(secret())),
};

const headerSection: Field<HeaderSection> = section({
  values: texts(),
  secrets: list(secret()),
  files: list(path()),
});

const oauth2Section: Field<OAuth2Section> = section({
  client_id: text(),
  client_secret: secret(),
  client_secret_file: path(),
  client_secret_ref: noEffect(text()),
  client_certificate_key_id: noEffect(text()),
  client_certificate_key: noEffect(secret()),
  client_certificate_key_file: noEffect(path()),
  client_certificate_key_ref: noEffect(text()),
  grant_type: text(),
  signature_algorithm: noEffect(text()),
  iss: noEffect(text()),
  audience: noEffect(text()),
  claims: noEffect(anything()),
  scopes: texts(),
  token_url: text(),
  endpoint_params: textMap(),
  tls_config: tlsSection,
  ...proxyFields,
});

export const clientFields: FieldsOf<ClientSection> = {
  basic_auth: optional(
    section({
      username: text(),
      username_file: path(),
      username_ref: noEffect(text()),
      password: secret(),
      password_file: path(),
      password_ref: noEffect(text()),
    }),
  ),
  authorization: optional(
    section({
      type: text(),
      credentials: secret(),
      credentials_file: path(),
      credentials_ref: noEffect(text()),
    }),
  ),
  oauth2: optional(oauth2Section),
  bearer_token: secret(),
  bearer_token_file: path(),
  tls_config: tlsSection,
  follow_redirects: shownFlag(true),
  enable_http2: shownFlag(true),
  ...proxyFields,
  http_headers: mapOf(headerSection, headerFault),
};

/** Data that is passed on as it is. */
export function anything(): Field<unknown> {
  return { absent: undefined, read: (value) => value.plain(), print: (given) => given };
}

function headerFault(name: string): Fault {
  if (!RESERVED_HEADERS.includes(name.toLowerCase())) return undefined;
  return `setting header "${name}" is not allowed`;
}

function tlsFault(tls: TlsSection): Fault {
  for (const part of ['ca', 'cert', 'key'] as const) {
    if (several(tls[part], tls[`${part}_file`], tls[`${part}_ref`])) {
      return `at most one of ${part}, ${part}_file & ${part}_ref must be configured`;
    }
  }
  const hasCert = tls.cert !== '' || tls.cert_file !== '' || tls.cert_ref !== '';
  const hasKey = tls.key !== '' || tls.key_file !== '' || tls.key_ref !== '';
  if (hasCert && !hasKey) {
    return 'a client certificate needs its key: configure key or key_file';
  }
  if (hasKey && !hasCert) {
    return 'a client key needs its certificate: configure cert or cert_file';
  }
  return undefined;
}

/** What is wrong with headers that a remote endpoint is to be sent. */
export function headersFault(headers: readonly (readonly [string, string])[]): Fault {
  if (headers.some(([name]) => name.toLowerCase() === 'authorization')) {
    const ways = 'basic_auth, authorization, oauth2, sigv4, azuread or google_iam';
    return `authorization header must be changed via the ${ways} parameter`;
  }
  return reservedHeader(headers);
}

export function reservedHeader(headers: readonly (readonly [string, string])[]): Fault {
  const names = headers.map(([name]) => name.toLowerCase());
  const reserved = names.find((name) => RESERVED_HEADERS.includes(name));
  return reserved && `${reserved} is a reserved header. It must not be changed`;
}

/** What is wrong with the client keys of a section. */
export function clientFault(client: ClientSection): Fault {
  const { oauth2 } = client;
  return (
    tokenFault(client) ??
    credentialsFault(client) ??
    (oauth2 === undefined ? undefined : proxyFault(oauth2)) ??
    proxyFault(client)
  );
}

function tokenFault({ bearer_token, bearer_token_file, ...client }: ClientSection): Fault {
  const hasToken = bearer_token !== '' || bearer_token_file !== '';
  if (bearer_token !== '' && bearer_token_file !== '') {
    return 'at most one of bearer_token & bearer_token_file must be configured';
  }
  const { basic_auth, oauth2, authorization } = client;
  if (hasToken && (basic_auth !== undefined || oauth2 !== undefined)) {
    return 'at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured';
  }
  if (hasToken && authorization !== undefined) {
    return 'authorization is not compatible with bearer_token & bearer_token_file';
  }
  const ways = [basic_auth, oauth2, authorization].filter((way) => way !== undefined);
  if (ways.length < 2) return undefined;
  return 'at most one of basic_auth, oauth2 & authorization must be configured';
}

function several(...texts: readonly string[]): boolean {
  return texts.filter((one) => one !== '').length > 1;
}

function credentialsFault({ basic_auth, authorization, oauth2 }: ClientSection): Fault {
  if (basic_auth !== undefined) {
    const { username, username_file, username_ref } = basic_auth;
    if (several(username, username_file, username_ref)) {
      return 'at most one of basic_auth username, username_file & username_ref must be configured';
    }
    if (several(basic_auth.password, basic_auth.password_file, basic_auth.password_ref)) {
      return 'at most one of basic_auth password, password_file & password_ref must be configured';
    }
  }
  if (authorization !== undefined) {
    const { credentials, credentials_file, credentials_ref, type } = authorization;
    if (several(credentials, credentials_file, credentials_ref)) {
      return 'at most one of authorization credentials & credentials_file must be configured';
    }
    if (type.trim().toLowerCase() === 'basic') {
      return 'authorization type cannot be set to "basic", use "basic_auth" instead';
    }
  }
  if (oauth2 === undefined) return undefined;
  if (oauth2.client_id === '') return 'oauth2 client_id must be configured';
  if (oauth2.token_url === '') return 'oauth2 token_url must be configured';
  const { grant_type, signature_algorithm } = oauth2;
  if (grant_type === JWT_GRANT) {
    if (['', 'RS256', 'RS384', 'RS512'].includes(signature_algorithm)) return undefined;
    return 'valid signature algorithms are RS256, RS384 and RS512';
  }
  if (several(oauth2.client_secret, oauth2.client_secret_file, oauth2.client_secret_ref)) {
    return 'at most one of oauth2 client_secret & client_secret_file must be configured';
  }
  return undefined;
}

function proxyFault(client: ProxySection): Fault {
  const { proxy_url, no_proxy, proxy_from_environment, proxy_connect_header } = client;
  const isGiven = proxy_url !== '';
  if (proxy_from_environment && isGiven) {
    return 'if proxy_from_environment is configured, proxy_url must not be configured';
  }
  if (proxy_from_environment && no_proxy !== '') {
    return 'if proxy_from_environment is configured, no_proxy must not be configured';
  }
  if (isGiven && !URL.canParse(proxy_url) && !/^[^\s:%]*$/.test(proxy_url))
    return `proxy_url "${proxy_url}" is not a URL`;
  if (isGiven || proxy_from_environment) return undefined;
  if (no_proxy !== '') return 'if no_proxy is configured, proxy_url must also be configured';
  if (proxy_connect_header.length === 0) return undefined;
  return 'proxy_connect_header needs proxy_url or proxy_from_environment';
}

function secretText(inline: string, file: string): SecretText {
  return file === '' ? { kind: 'text', text: inline } : { kind: 'file', path: file };
}

function optionalSecret(inline: string, file: string): SecretText | undefined {
  return inline === '' && file === '' ? undefined : secretText(inline, file);
}

/** What a client is made from. */
export function clientSettings(client: ClientSection): ClientSettings {
  return {
    basicAuth: basicAuth(client.basic_auth),
    authorization: authorization(client),
    oauth2: oauth2(client.oauth2),
    tls: tlsSettings(client.tls_config),
    proxy: proxySettings(client),
    followRedirects: client.follow_redirects,
    enableHttp2: client.enable_http2,
    httpHeaders: client.http_headers.map(headerSettings),
  };
}

function basicAuth(given: ClientSection['basic_auth']): BasicAuthSettings | undefined {
  if (given === undefined) return undefined;
  return {
    username: secretText(given.username, given.username_file),
    password: secretText(given.password, given.password_file),
  };
}

function authorization(client: ClientSection): AuthorizationSettings | undefined {
  const { bearer_token, bearer_token_file } = client;
  const given = client.authorization;
  if (given !== undefined) {
    const type = given.type.trim();
    const credentials = secretText(given.credentials, given.credentials_file);
    return { type: type === '' ? 'Bearer' : type, credentials };
  }
  const credentials = optionalSecret(bearer_token, bearer_token_file);
  return credentials === undefined ? undefined : { type: 'Bearer', credentials };
}

function oauth2(given: ClientSection['oauth2']): OAuth2Settings | undefined {
  if (given === undefined) return undefined;
  return {
    clientId: given.client_id,
    clientSecret: secretText(given.client_secret, given.client_secret_file),
    scopes: given.scopes,
    tokenUrl: given.token_url,
    endpointParams: given.endpoint_params,
    tls: tlsSettings(given.tls_config),
    proxy: proxySettings(given),
  };
}

export function tlsSettings(given: ClientSection['tls_config']): TlsSettings {
  return {
    ...defaultTlsSettings,
    ca: optionalSecret(given.ca, given.ca_file),
    cert: optionalSecret(given.cert, given.cert_file),
    key: optionalSecret(given.key, given.key_file),
    serverName: given.server_name,
    skipVerify: given.insecure_skip_verify,
    minVersion: given.min_version,
    maxVersion: given.max_version,
  };
}

function proxySettings(given: ProxySection): ProxySettings {
  return {
    url: given.proxy_url === '' ? undefined : given.proxy_url,
    noProxy: given.no_proxy,
    fromEnvironment: given.proxy_from_environment,
    connectHeaders: given.proxy_connect_header.flatMap(([name, values]) =>
      values.map((value) => [name, { kind: 'text', text: value }] as const),
    ),
  };
}

function headerSettings([name, { values, secrets, files }]: NamedHeaders[number]): HeaderSettings {
  const inline = [...values, ...secrets].map((one) => ({ kind: 'text', text: one }) as const);
  return {
    name,
    values: [...inline, ...files.map((one) => ({ kind: 'file', path: one }) as const)],
  };
}

/**
 * Prometheus' HTTP client settings as plain data: the keys that scrape configurations, service discovery and remote
 * endpoints share. Plain, so that two can be compared and one can be sent to another thread; secrets in files are read
 * when they are used. Source: HTTPClientConfig of Prometheus' configuration.
 */
export interface ClientSettings {
  readonly basicAuth: BasicAuthSettings | undefined;
  /** Also what bearer_token and bearer_token_file become. */
  readonly authorization: AuthorizationSettings | undefined;
  readonly oauth2: OAuth2Settings | undefined;
  readonly tls: TlsSettings;
  readonly proxy: ProxySettings;
  readonly followRedirects: boolean;
  readonly enableHttp2: boolean;
  /** Added to each request. */
  readonly httpHeaders: readonly HeaderSettings[];
}

/** A text of the configuration, or a file whose content is the text. */
export type SecretText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file'; readonly path: string };

export interface BasicAuthSettings {
  readonly username: SecretText;
  readonly password: SecretText;
}

export interface AuthorizationSettings {
  /** `Bearer` unless configured. */
  readonly type: string;
  readonly credentials: SecretText;
}

export interface OAuth2Settings {
  readonly clientId: string;
  readonly clientSecret: SecretText;
  readonly scopes: readonly string[];
  readonly tokenUrl: string;
  readonly endpointParams: readonly (readonly [string, string])[];
  readonly tls: TlsSettings;
  readonly proxy: ProxySettings;
}

export type TlsVersion = 'TLS10' | 'TLS11' | 'TLS12' | 'TLS13';

export interface TlsSettings {
  readonly ca: SecretText | undefined;
  readonly cert: SecretText | undefined;
  readonly key: SecretText | undefined;
  /** '' for the host's name. */
  readonly serverName: string;
  readonly skipVerify: boolean;
  readonly minVersion: TlsVersion | undefined;
  readonly maxVersion: TlsVersion | undefined;
}

export interface ProxySettings {
  readonly url: string | undefined;
  /** Hosts, domains, addresses and networks that are reached directly, separated by commas. */
  readonly noProxy: string;
  /** What HTTP_PROXY, HTTPS_PROXY and NO_PROXY say; cmd resolves it before a client is made. */
  readonly fromEnvironment: boolean;
  readonly connectHeaders: readonly (readonly [string, SecretText])[];
}

export interface HeaderSettings {
  readonly name: string;
  readonly values: readonly SecretText[];
}

export const defaultTlsSettings: TlsSettings = {
  ca: undefined,
  cert: undefined,
  key: undefined,
  serverName: '',
  skipVerify: false,
  minVersion: undefined,
  maxVersion: undefined,
};

export const defaultProxySettings: ProxySettings = {
  url: undefined,
  noProxy: '',
  fromEnvironment: false,
  connectHeaders: [],
};

export const defaultClientSettings: ClientSettings = {
  basicAuth: undefined,
  authorization: undefined,
  oauth2: undefined,
  tls: defaultTlsSettings,
  proxy: defaultProxySettings,
  followRedirects: true,
  enableHttp2: true,
  httpHeaders: [],
};

/**
 * The web configuration file of Prometheus and everything built on its exporter toolkit: TLS, basic authentication,
 * response headers. Read again whenever the file or a certificate changes, without a restart.
 */
import { dirname, resolve } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { errorText } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import { parseYaml, type YamlValue } from '../base/yaml.ts';
import type { Logger } from '../telemetry/logger.ts';
import { knownCiphers, knownCurves, tlsCipher, tlsCurve, tlsVersion } from './tls-names.ts';

export interface WebConfig {
  readonly tls: ServerTls | undefined;
  /** Set on every response. */
  readonly headers: Readonly<Record<string, string>>;
  /** User name → bcrypt hash; empty: everybody may come in. */
  readonly users: ReadonlyMap<string, string>;
  /** Every file that was read. */
  readonly paths: readonly string[];
}

export type ClientAuth = 'none' | 'request' | 'require-any' | 'verify-if-given' | 'require';

export interface ServerTls {
  readonly context: SecureContextOptions;
  readonly clientAuth: ClientAuth;
  /** If not empty, a client's certificate must carry one of these names. */
  readonly allowedNames: readonly string[];
}

/** What a server asks before each connection and request. */
export interface WebConfigSource {
  current(): WebConfig;
}

export const openWebConfig: WebConfig = {
  tls: undefined,
  headers: {},
  users: new Map(),
  paths: [],
};

/** Throws OperationError naming the file and line if the file is wrong now; later faults keep what was valid. */
export function watchWebConfig(path: string, files: FileSystem, logger: Logger): WebConfigSource {
  if (path === '') return { current: () => openWebConfig };
  let config = readWebConfig(path, files);
  const stamp = (): string =>
    config.paths.map((p) => `${files.stat(p)?.modifiedMs}/${files.stat(p)?.sizeBytes}`).join();
  let seen = stamp();
  return {
    current() {
      const now = stamp();
      if (now === seen) return config;
      try {
        config = readWebConfig(path, files);
        logger.info('web configuration read again', { path });
      } catch (error) {
        logger.error('web configuration is wrong, the former one stays', { err: error, path });
      }
      seen = stamp();
      return config;
    },
  };
}

export function readWebConfig(path: string, files: FileSystem): WebConfig {
  const text = new TextDecoder().decode(files.readFile(path));
  const root = parseYaml(text, path).fields(
    'tls_server_config',
    'http_server_config',
    'basic_auth_users',
    'rate_limit',
  );
  if (root.rate_limit !== undefined) throw root.rate_limit.fault('is not supported: remove it');
  const http = root.http_server_config?.fields('http2', 'headers');
  http?.http2?.boolean();
  const paths = [path];
  const readFile = (value: YamlValue): Uint8Array => {
    const name = resolve(dirname(path), value.text());
    paths.push(name);
    try {
      return files.readFile(name);
    } catch (error) {
      throw value.fault(errorText(error));
    }
  };
  return {
    tls: readTls(root.tls_server_config, readFile),
    headers: readHeaders(http?.headers),
    users: readUsers(root.basic_auth_users),
    paths,
  };
}

function readUsers(value: YamlValue | undefined): ReadonlyMap<string, string> {
  const users = (value?.entries() ?? []).map(([name, hash]): [string, string] => {
    if (!/^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}$/.test(hash.text())) {
      throw hash.fault('is not a bcrypt hash; make one with `htpasswd -nBC 10 "" | tr -d ":"`');
    }
    return [name, hash.text()];
  });
  return new Map(users);
}

/** Header → the values it may have; none listed: any. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'Strict-Transport-Security': [],
  'X-Content-Type-Options': ['nosniff'],
  'X-Frame-Options': ['deny', 'sameorigin'],
  'X-XSS-Protection': [],
  'Content-Security-Policy': [],
};

function readHeaders(value: YamlValue | undefined): Readonly<Record<string, string>> {
  const headers = (value?.entries() ?? []).map(([name, header]): [string, string] => {
    const allowed = HEADERS[name];
    if (allowed === undefined) {
      throw header.fault(`cannot be set; possible: ${Object.keys(HEADERS).join(', ')}`);
    }
    if (allowed.length > 0 && !allowed.includes(header.text())) {
      throw header.fault(`must be ${allowed.join(' or ')}`);
    }
    return [name.toLowerCase(), header.text()];
  });
  return Object.fromEntries(headers);
}

const CLIENT_AUTH: Readonly<Record<string, ClientAuth>> = {
  NoClientCert: 'none',
  RequestClientCert: 'request',
  RequireAnyClientCert: 'require-any',
  RequireClientCert: 'require-any',
  VerifyClientCertIfGiven: 'verify-if-given',
  RequireAndVerifyClientCert: 'require',
};

function readTls(
  value: YamlValue | undefined,
  readFile: (value: YamlValue) => Uint8Array,
): ServerTls | undefined {
  if (value === undefined || value.entries().length === 0) return undefined;
  const given = value.fields(
    'cert',
    'cert_file',
    'key',
    'key_file',
    'client_ca',
    'client_ca_file',
    'client_auth_type',
    'client_allowed_sans',
    'cipher_suites',
    'curve_preferences',
    'min_version',
    'max_version',
    'prefer_server_cipher_suites',
  );
  const pem = (inline: YamlValue | undefined, file: YamlValue | undefined): string | undefined => {
    if (file !== undefined) return new TextDecoder().decode(readFile(file));
    return inline?.text();
  };
  const cert = pem(given.cert, given.cert_file);
  const key = pem(given.key, given.key_file);
  const ca = pem(given.client_ca, given.client_ca_file);
  if (cert === undefined) throw value.fault('needs cert_file or cert');
  if (key === undefined) throw value.fault('needs key_file or key');
  const clientAuth = readClientAuth(given.client_auth_type);
  if (ca !== undefined && clientAuth === 'none') {
    throw value.fault(
      'has a client CA but no client_auth_type, such as RequireAndVerifyClientCert',
    );
  }
  return {
    clientAuth,
    allowedNames: given.client_allowed_sans?.list().map((name) => name.text()) ?? [],
    context: {
      cert,
      key,
      ...(ca === undefined ? {} : { ca }),
      minVersion: readVersion(given.min_version) ?? 'TLSv1.2',
      maxVersion: readVersion(given.max_version) ?? 'TLSv1.3',
      honorCipherOrder: given.prefer_server_cipher_suites?.boolean() ?? true,
      ...readNames(given.cipher_suites, 'ciphers', tlsCipher, knownCiphers),
      ...readNames(given.curve_preferences, 'ecdhCurve', tlsCurve, knownCurves),
    },
  };
}

function readClientAuth(value: YamlValue | undefined): ClientAuth {
  const name = value?.text() ?? '';
  const clientAuth = name === '' ? 'none' : CLIENT_AUTH[name];
  if (clientAuth !== undefined) return clientAuth;
  throw value?.fault(`must be one of ${Object.keys(CLIENT_AUTH).join(', ')}`);
}

function readVersion(value: YamlValue | undefined): ReturnType<typeof tlsVersion> {
  if (value === undefined) return undefined;
  const version = tlsVersion(value.text());
  if (version === undefined) throw value.fault('must be TLS10, TLS11, TLS12 or TLS13');
  return version;
}

/** A list of Go's names as OpenSSL's `a:b:c` under the given option; nothing for an empty list. */
function readNames(
  value: YamlValue | undefined,
  option: 'ciphers' | 'ecdhCurve',
  translate: (name: string) => string | undefined,
  known: () => string,
): SecureContextOptions & { readonly ecdhCurve?: string } {
  const names = (value?.list() ?? []).map((item) => {
    const name = translate(item.text());
    if (name === undefined) throw item.fault(`is unknown; known: ${known()}`);
    return name;
  });
  return names.length === 0 ? {} : { [option]: names.join(':') };
}

/**
 * Connections of one client: direct ones and those through proxies, kept while they are idle. When a certificate or key
 * file changes its content, new connections are made with it; requests that run end on the old ones.
 */
import type { Dispatcher } from 'undici';
import type { Clock } from '../base/clock.ts';
import type { FileSystem } from '../base/file-system.ts';
import { type ChooseProxy, type Environment, proxyChooser } from './choose-proxy.ts';
import type { ProxySettings, SecretText, TlsSettings, TlsVersion } from './client-settings.ts';
import { readSecret } from './credentials.ts';
import { KeptConnections } from './kept-connections.ts';

export interface DispatcherSettings {
  readonly tls: TlsSettings;
  readonly proxy: ProxySettings;
  readonly enableHttp2: boolean;
  readonly environment: Environment;
  readonly clock: Clock;
}

const IDLE_TIMEOUT_MS = 300_000;
/** For the system's own attempts; the caller's signal ends a request sooner. */
const CONNECT_TIMEOUT_MS = 30_000;

const VERSIONS = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
} as const satisfies Record<TlsVersion, string>;

export class ClientDispatchers {
  readonly #files: FileSystem;
  readonly #settings: DispatcherSettings;
  readonly #chooseProxy: ChooseProxy;
  /** By proxy and protocol of the target, '' for direct ones. */
  readonly #open = new Map<string, Dispatcher>();
  readonly #closing = new Set<Promise<unknown>>();
  #tls: TlsTexts | undefined;
  /** For whole answers of HTTP/1.1 without a proxy. */
  #kept: KeptConnections | undefined;

  constructor(files: FileSystem, settings: DispatcherSettings) {
    this.#files = files;
    this.#settings = settings;
    this.#chooseProxy = proxyChooser(settings.proxy, settings.environment);
  }

  /** Throws OperationError when a file cannot be read. */
  async for(url: URL): Promise<Dispatcher> {
    // Loading it takes a tenth of the start of a server, and many never need it.
    const undici = await import('undici');
    const tls = this.#freshTls();
    const proxy = this.#chooseProxy(url);
    const key = proxy === undefined ? '' : `${url.protocol}${proxy}`;
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const made = this.#create(undici, connectOptions(this.#settings, tls), proxy, url.protocol);
    this.#open.set(key, made);
    return made;
  }

  /** What reads whole answers with less ado; undefined where a proxy or HTTP/2 may be in between. */
  keptFor(url: URL): KeptConnections | undefined {
    const isHttp2 = url.protocol === 'https:' && this.#settings.enableHttp2;
    if (isHttp2 || this.#chooseProxy(url) !== undefined) return undefined;
    const tls = this.#freshTls();
    this.#kept ??= new KeptConnections({
      clock: this.#settings.clock,
      tls: connectOptions(this.#settings, tls),
      dialTimeoutMs: CONNECT_TIMEOUT_MS,
      idleTimeoutMs: IDLE_TIMEOUT_MS,
    });
    return this.#kept;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kept?.close();
    await Promise.all([...this.#open.values()].map((dispatcher) => dispatcher.destroy()));
    this.#open.clear();
    await Promise.all(this.#closing);
  }

  #create(
    { Agent, ProxyAgent }: typeof import('undici'),
    connect: object,
    proxy: string | undefined,
    protocol: string,
  ): Dispatcher {
    const allowH2 = this.#settings.enableHttp2;
    const options = {
      connections: null,
      keepAliveTimeout: IDLE_TIMEOUT_MS,
      keepAliveMaxTimeout: IDLE_TIMEOUT_MS,
      allowH2,
    };
    if (proxy === undefined) return new Agent({ ...options, connect: { ...connect, allowH2 } });
    // Only a tunnel has a request of its own that could carry headers to the proxy.
    const headers = protocol === 'https:' ? this.#connectHeaders() : {};
    return new ProxyAgent({
      ...options,
      uri: proxy,
      headers,
      requestTls: { ...connect, allowH2 },
      connectTimeout: CONNECT_TIMEOUT_MS,
    });
  }

  #connectHeaders(): Record<string, string> {
    const pairs = this.#settings.proxy.connectHeaders.map(([name, value]) => {
      return [name.toLowerCase(), readSecret(this.#files, value)] as const;
    });
    return joinValues(pairs);
  }

  #freshTls(): TlsTexts {
    const { ca, cert, key } = this.#settings.tls;
    if (this.#tls !== undefined && ![ca, cert, key].some((one) => one?.kind === 'file')) {
      return this.#tls;
    }
    const read = (one: SecretText | undefined): string | undefined =>
      one === undefined ? undefined : readSecret(this.#files, one);
    const fresh = { ca: read(ca), cert: read(cert), key: read(key) };
    const last = this.#tls;
    if (last !== undefined && !isSameTls(last, fresh)) this.#retireAll();
    this.#tls = fresh;
    return fresh;
  }

  #retireAll(): void {
    this.#kept?.retire();
    this.#kept = undefined;
    for (const dispatcher of this.#open.values()) {
      const closing = dispatcher.close().finally(() => this.#closing.delete(closing));
      this.#closing.add(closing);
    }
    this.#open.clear();
  }
}

interface TlsTexts {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

function isSameTls(a: TlsTexts, b: TlsTexts): boolean {
  return a.ca === b.ca && a.cert === b.cert && a.key === b.key;
}

function connectOptions({ tls }: DispatcherSettings, texts: TlsTexts): object {
  const { serverName, skipVerify, minVersion, maxVersion } = tls;
  const isOld = minVersion === 'TLS10' || minVersion === 'TLS11';
  const options = {
    ...texts,
    servername: serverName === '' ? undefined : serverName,
    minVersion: minVersion && VERSIONS[minVersion],
    maxVersion: maxVersion && VERSIONS[maxVersion],
    // OpenSSL refuses the versions before 1.2 at its usual level of security.
    ciphers: isOld ? 'DEFAULT@SECLEVEL=0' : undefined,
  };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(given),
    rejectUnauthorized: !skipVerify,
    timeout: CONNECT_TIMEOUT_MS,
  };
}

/** Several values of one name become one, separated by commas. */
export function joinValues(pairs: Iterable<readonly [string, string]>): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of pairs) {
    const before = joined[name];
    joined[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return joined;
}

/**
 * The HTTP client that Prometheus' settings describe: for scrapes, HTTP discovery and remote endpoints. Secrets in files
 * are read for each request. Redirects are followed up to ten times; once one leaves the host that was asked for (and
 * its subdomains), credentials stay behind for the rest of the way. Source: prometheus/common, config; Go's net/http.
 */
import type { Dispatcher } from 'undici';
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { Environment } from './choose-proxy.ts';
import {
  answerOf,
  type HttpClientAnswer,
  placedAnswer,
  requestError,
  withoutUser,
} from './client-answer.ts';
import { ClientDispatchers, joinValues } from './client-dispatchers.ts';
import { type ClientSettings, defaultClientSettings } from './client-settings.ts';
import { basicCredentials, readSecret } from './credentials.ts';
import type { HttpClient, HttpClientRequest } from './http-client.ts';
import { createTokenSource, type TokenSource } from './oauth2-token.ts';

export interface SettledClientOptions {
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly settings: ClientSettings;
  /** What `proxy_from_environment` reads: HTTP_PROXY, HTTPS_PROXY, NO_PROXY. */
  readonly environment?: Environment;
  /** Of requests that bring none of their own. */
  readonly userAgent?: string;
}

const REDIRECTS_MAX = 10;
/** Of the body of a redirect, which nobody reads. */
const REDIRECT_BYTES_MAX = 2 << 10;
const SENSITIVE: ReadonlySet<string> = new Set([
  'authorization',
  'www-authenticate',
  'cookie',
  'cookie2',
  'proxy-authorization',
  'proxy-authenticate',
]);

export function createSettledClient(options: SettledClientOptions): HttpClient {
  const { files, settings, environment = {} } = options;
  const { tls, proxy, enableHttp2 } = settings;
  const dispatchers = new ClientDispatchers(files, {
    ...{ tls, proxy, enableHttp2, environment },
    clock: options.clock,
  });
  const tokens = tokenSource(options);

  const headersFor = keptHeaders(settings, makeHeaders(options, tokens));
  const ask = async (given: HttpClientRequest, isAway: boolean): Promise<HttpClientAnswer> => {
    const { method, body, signal, place } = given;
    const what = `${method} ${withoutUser(given.url)}`;
    try {
      const url = new URL(given.url);
      const kept = place === undefined || method !== 'GET' ? undefined : dispatchers.keptFor(url);
      if (kept !== undefined && place !== undefined) {
        const headers = await headersFor(given, isAway);
        return placedAnswer(await kept.get({ url, headers, place, signal }));
      }
      const request: Dispatcher.RequestOptions = {
        method,
        origin: url.origin,
        path: url.pathname + url.search,
        headers: await headersFor(given, isAway),
        body: body ?? null,
        signal,
        headersTimeout: 0,
        bodyTimeout: 0,
      };
      const answer = await dispatch(await dispatchers.for(url), request);
      return answerOf(answer, what, signal);
    } catch (error) {
      throw requestError(what, error, signal);
    }
  };
  return {
    request: (given) => {
      return settings.followRedirects ? followed(given, ask) : ask(given, false);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([dispatchers[Symbol.asyncDispose](), tokens?.[Symbol.asyncDispose]()]);
    },
  };
}

type HeadersFor = (request: HttpClientRequest, isAway: boolean) => Promise<Record<string, string>>;

/** Those of a request, with what the settings add. */
function makeHeaders(
  { files, settings, userAgent }: SettledClientOptions,
  tokens: TokenSource | undefined,
): HeadersFor {
  return async (given, isAway) => {
    const own = Object.entries(given.headers ?? {}).map(
      ([name, value]) => [name.toLowerCase(), value] as const,
    );
    const added = settings.httpHeaders.flatMap(({ name, values }) =>
      values.map((value) => [name.toLowerCase(), readSecret(files, value)] as const),
    );
    const isAgentNamed = userAgent === undefined || own.some(([name]) => name === 'user-agent');
    const agent = isAgentNamed ? [] : [['user-agent', userAgent] as const];
    const all = [...own, ...agent, ...added];
    if (isAway) return joinValues(all.filter(([name]) => !SENSITIVE.has(name)));
    const headers = joinValues(all);
    const authorization =
      headers.authorization ??
      (await tokens?.authorization(given.signal)) ??
      staticAuthorization(files, settings) ??
      userOf(given.url);
    return authorization === undefined ? headers : { ...headers, authorization };
  };
}

/**
 * The same, made once for who asks again and again with the same object of headers, as those do who want pages: unless
 * something of them is read from a file or asked of a server each time.
 */
function keptHeaders(settings: ClientSettings, headersFor: HeadersFor): HeadersFor {
  if (!hasFixedHeaders(settings)) return headersFor;
  const known = new WeakMap<object, { url: string; made: Record<string, string> }>();
  return async (given, isAway) => {
    const { headers, place, url } = given;
    if (isAway || headers === undefined || place === undefined) {
      return await headersFor(given, isAway);
    }
    const before = known.get(headers);
    if (before?.url === url) return before.made;
    const made = await headersFor(given, isAway);
    known.set(headers, { url, made });
    return made;
  };
}

/** A kept connection may be closed by the server just as it is used again: then nothing was answered, and GET may be repeated. */
async function dispatch(
  dispatcher: Dispatcher,
  request: Dispatcher.RequestOptions,
): Promise<Dispatcher.ResponseData> {
  try {
    return await dispatcher.request(request);
  } catch (error) {
    const { code, socket } = error as {
      readonly code?: unknown;
      readonly socket?: { readonly bytesRead?: number };
    };
    const wasUsed = code === 'UND_ERR_SOCKET' && (socket?.bytesRead ?? 0) > 0;
    if (!wasUsed || (request.method !== 'GET' && request.method !== 'HEAD')) throw error;
    return await dispatcher.request(request);
  }
}

async function followed(
  first: HttpClientRequest,
  ask: (request: HttpClientRequest, isAway: boolean) => Promise<HttpClientAnswer>,
): Promise<HttpClientAnswer> {
  let request = first;
  let isAway = false;
  for (let redirects = 0; ; redirects++) {
    const answer = await ask(request, isAway);
    const next = redirected(request, answer);
    if (next === undefined) return answer;
    await answer.bytes(REDIRECT_BYTES_MAX).catch(() => undefined);
    if (redirects === REDIRECTS_MAX) {
      const what = `${first.method} ${withoutUser(first.url)}`;
      throw new OperationError(
        'unavailable',
        `cannot ${what}: stopped after ${REDIRECTS_MAX} redirects`,
      );
    }
    request = next;
    isAway ||= !isDomainOrSubdomain(new URL(next.url).hostname, new URL(first.url).hostname);
  }
}

/** The request that an answer asks for; undefined when it is no redirect. */
function redirected(
  request: HttpClientRequest,
  { status, headers }: HttpClientAnswer,
): HttpClientRequest | undefined {
  const { location } = headers;
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  // Of 307 and 308 without a place to go the answer itself is the result, as in Go.
  if (location === undefined && status >= 307) return undefined;
  const url = location === undefined ? null : URL.parse(location, request.url);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const where = location === undefined ? 'no Location' : `Location ${JSON.stringify(location)}`;
    throw new OperationError(
      'unavailable',
      `cannot ${request.method} ${withoutUser(request.url)}: the server answered ${status} with ${where}`,
    );
  }
  if (status >= 307) return { ...request, url: url.href };
  const method = request.method === 'HEAD' ? 'HEAD' : 'GET';
  const { body: _, headers: own = {}, ...rest } = request;
  const kept = Object.entries(own).filter(([name]) => !/^content-/i.test(name));
  return { ...rest, method, url: url.href, headers: Object.fromEntries(kept) };
}

function isDomainOrSubdomain(host: string, parent: string): boolean {
  if (host === parent) return true;
  return !host.startsWith('[') && host.endsWith(`.${parent}`);
}

function staticAuthorization(files: FileSystem, settings: ClientSettings): string | undefined {
  const { authorization, basicAuth } = settings;
  if (authorization !== undefined) {
    return `${authorization.type} ${readSecret(files, authorization.credentials)}`;
  }
  if (basicAuth === undefined) return undefined;
  const user = readSecret(files, basicAuth.username);
  return basicCredentials(user, readSecret(files, basicAuth.password));
}

/** Whether the same request always has the same headers: no secret is in a file or in an answer. */
function hasFixedHeaders({
  oauth2,
  authorization,
  basicAuth,
  httpHeaders,
}: ClientSettings): boolean {
  const secrets = [
    authorization?.credentials,
    basicAuth?.username,
    basicAuth?.password,
    ...httpHeaders.flatMap(({ values }) => values),
  ];
  return oauth2 === undefined && secrets.every((one) => one?.kind !== 'file');
}

/** The user in the URL itself. */
function userOf(url: string): string | undefined {
  const { username, password } = new URL(url);
  if (username === '' && password === '') return undefined;
  return basicCredentials(decodeURIComponent(username), decodeURIComponent(password));
}

/** Its own connections: the server of tokens has its own TLS settings and proxy. */
function tokenSource(options: SettledClientOptions): TokenSource | undefined {
  const settings = options.settings.oauth2;
  if (settings === undefined) return undefined;
  const { tls, proxy } = settings;
  const client = createSettledClient({
    ...options,
    settings: { ...defaultClientSettings, tls, proxy },
  });
  const { files, clock } = options;
  return createTokenSource({ files, clock, settings, client });
}

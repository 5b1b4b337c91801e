/**
 * The HTTP server of every component: routes from tables, probes and metrics, TLS and basic authentication by the web
 * configuration file, compression, limits, an orderly end.
 */
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import compress from '@fastify/compress';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { BugError } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { errorText, OperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { MetricRegistry } from '../telemetry/metrics.ts';
import type { Readiness } from '../telemetry/readiness.ts';
import { silentTracer, type Tracer } from '../telemetry/tracer.ts';
import { createBasicAuth } from './basic-auth.ts';
import { type HttpObserver, measureRequests, thanosHttpMetrics } from './http-metrics.ts';
import {
  HTTP_STATUS,
  type HttpAnswer,
  type HttpMethod,
  type HttpRequest,
  type HttpRoute,
  textAnswer,
} from './http-route.ts';
import { traceRequests } from './http-tracing.ts';
import { probeRoutes } from './probe-routes.ts';
import { profileRoutes } from './profile-routes.ts';
import { type ServerTls, type WebConfigSource, watchWebConfig } from './web-config.ts';

export interface HttpServerOptions {
  /** `host:port`; an empty host means every interface, port 0 any free one. */
  readonly address: string;
  /** More of them. */
  readonly otherAddresses?: readonly string[];
  /** How long requests may go on after the end was asked for. */
  readonly gracePeriodMs: number;
  /** Web configuration file; empty: neither TLS nor authentication. */
  readonly webConfigPath: string;
  /** Put before every path, such as `/thanos`; empty for none. */
  readonly routePrefix: string;
  /** Probes, metrics and profiles lie where they always do, whatever the prefix: so with Thanos. */
  readonly areProbesOutside?: boolean;
  /** Whether pages of other origins may read the answers; a test of the Origin header answers one origin alone. */
  readonly allowOtherOrigins: boolean | ((origin: string) => boolean);
  readonly maxBodyBytes?: number;
  /** Over all addresses; more connections wait or are refused. Any number where it is not given. */
  readonly maxConnections?: number;
  /** How long reading a request may take, and how long an idle connection is kept. */
  readonly readTimeoutMs?: number;
  /** Declares the metrics of requests; by default those of Thanos. */
  readonly observe?: (metrics: MetricRegistry) => HttpObserver;
  /** Instead of the usual answers to /-/healthy, /-/ready and /metrics. */
  readonly probes?: readonly HttpRoute[];
  /** Of each measured request; without it nothing is traced. */
  readonly tracer?: Tracer;
  readonly routes: readonly HttpRoute[];
  readonly metrics: MetricRegistry;
  readonly readiness: Readiness;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly files: FileSystem;
}

export interface HttpServer extends AsyncDisposable {
  /** host:port with the port that was taken. */
  readonly address: string;
  readonly url: string;
}

/** As in Go: long queries come in the URL. */
const HEADER_BYTES_MAX = 1 << 20;
/** Longer than clients keep an idle connection: who closes first must not be us, in the face of a new request. */
const IDLE_CONNECTION_MS = 120_000;
const BODY_BYTES_MAX = 16 << 20;
const COMPRESS_FROM_BYTES = 1024;
const COMPRESSED_TYPES = /^(text\/|image\/svg|application\/(json|javascript|openmetrics-text))/;

/** Listens when it returns. Throws OperationError 'unavailable' if the address cannot be had. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const config = watchWebConfig(options.webConfigPath, options.files, options.logger);
  const { tls } = config.current();
  const others: Server[] = [];
  const app = fastify({
    bodyLimit: options.maxBodyBytes ?? BODY_BYTES_MAX,
    routerOptions: { maxParamLength: 8192 },
    serverFactory: (handler) => {
      const start = (): Server => openServer(options, { tls, config, handler });
      others.push(...(options.otherAddresses ?? []).map(start));
      return start();
    },
  });
  acceptAnyBody(app);
  await app.register(compress, {
    globalDecompression: false,
    threshold: COMPRESS_FROM_BYTES,
    encodings: ['gzip', 'deflate'],
    customTypes: COMPRESSED_TYPES,
    zlibOptions: { level: 1 },
  });
  guardRequests(app, config, options);
  measureRequests(app, (options.observe ?? thanosHttpMetrics)(options.metrics), options.clock);
  const { tracer = silentTracer } = options;
  if (tracer !== silentTracer) traceRequests(app, tracer);
  answerErrors(app, options.logger);
  const probes = options.probes ?? probeRoutes(options.metrics, options.readiness);
  const { areProbesOutside: isOutsidePrefix = false } = options;
  const own = [...probes, ...profileRoutes(options.clock)];
  const routes = [...own.map((route) => ({ ...route, isOutsidePrefix })), ...options.routes];
  for (const [url, methods] of routesByUrl(routes, options)) addUrl(app, options, url, methods);
  const address = await listen(app, options.address);
  for (const [i, other] of others.entries()) {
    await listenAlso(other, (options.otherAddresses ?? [])[i] ?? '');
  }
  options.readiness.setHealthy();
  options.logger.info('listening', { address, tls: tls !== undefined });
  return {
    address,
    url: `${tls === undefined ? 'http' : 'https'}://${address}`,
    [Symbol.asyncDispose]: () => close(app, [app.server, ...others], options),
  };
}

const SERVER_OPTIONS = {
  maxHeaderSize: HEADER_BYTES_MAX,
  keepAliveTimeout: IDLE_CONNECTION_MS,
};

type Handler = Parameters<typeof createHttpServer>[1] & object;

interface Serving {
  readonly tls: ServerTls | undefined;
  readonly config: WebConfigSource;
  readonly handler: Handler;
}

function openServer(options: HttpServerOptions, { tls, config, handler }: Serving): Server {
  const { maxConnections, readTimeoutMs } = options;
  const server = tls === undefined ? plainServer(handler) : tlsServer(tls, config, handler);
  if (maxConnections !== undefined && maxConnections > 0) server.maxConnections = maxConnections;
  if (readTimeoutMs !== undefined) {
    server.requestTimeout = readTimeoutMs;
    server.keepAliveTimeout = Math.min(readTimeoutMs, LONGEST_TIMER_MS);
  }
  return server;
}

/** Of Node. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function plainServer(handler: Handler): Server {
  return createHttpServer(SERVER_OPTIONS, handler);
}

/** Certificates are looked at anew for each connection, before its handshake begins. */
function tlsServer(tls: ServerTls, config: WebConfigSource, handler: Handler): Server {
  const server = createHttpsServer(
    {
      ...tls.context,
      ...SERVER_OPTIONS,
      requestCert: tls.clientAuth !== 'none',
      rejectUnauthorized: tls.clientAuth === 'require',
    },
    handler,
  );
  let used = tls;
  server.prependListener('connection', () => {
    const current = config.current().tls;
    if (current === undefined || current === used) return;
    used = current;
    server.setSecureContext(current.context);
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    if (!isClientAllowed(socket, used)) socket.destroy();
  });
  return server;
}

function isClientAllowed(socket: TLSSocket, { clientAuth, allowedNames }: ServerTls): boolean {
  if (clientAuth === 'none') return true;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined)
    return clientAuth === 'request' || clientAuth === 'verify-if-given';
  if (clientAuth === 'verify-if-given' && !socket.authorized) return false;
  if (allowedNames.length === 0) return true;
  const names = (certificate.subjectAltName ?? '')
    .split(', ')
    .map((name) => name.replace(/^[^:]*:/, ''));
  return names.some((name) => allowedNames.includes(name));
}

/** Bodies are bytes whatever they claim to be: handlers know what they expect. */
function acceptAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
}

function guardRequests(
  app: FastifyInstance,
  config: WebConfigSource,
  options: HttpServerOptions,
): void {
  const auth = createBasicAuth();
  app.addHook('onRequest', async (request, reply) => {
    const { headers, users } = config.current();
    reply.headers(headers);
    const origin = admittedOrigin(options, request.headers.origin);
    if (origin !== undefined) {
      reply.headers({ ...OPEN_ORIGIN, 'access-control-allow-origin': origin });
    }
    if (users.size === 0 || (await auth.admits(request.headers.authorization, users))) return;
    await send(reply.header('www-authenticate', 'Basic'), textAnswer(401, 'Unauthorized'));
  });
}

const OPEN_ORIGIN = {
  'access-control-allow-headers': 'Accept, Authorization, Content-Type, Origin',
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-expose-headers': 'Date',
};

/** What stands in access-control-allow-origin, if anything. */
function admittedOrigin(
  { allowOtherOrigins }: HttpServerOptions,
  origin: string | undefined,
): string | undefined {
  if (typeof allowOtherOrigins === 'boolean') return allowOtherOrigins ? '*' : undefined;
  return origin !== undefined && allowOtherOrigins(origin) ? origin : undefined;
}

function answerErrors(app: FastifyInstance, logger: Logger): void {
  app.setNotFoundHandler((_request, reply) => send(reply, textAnswer(404, '404 page not found\n')));
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof BugError) {
      // Thrown where nothing catches it: a broken invariant ends the process.
      queueMicrotask(() => {
        throw error;
      });
    }
    const status = statusOf(error);
    if (status >= 500) {
      logger.error('request failed', { err: error, method: request.method, path: pathOf(request) });
    }
    return send(reply, textAnswer(status, `${errorText(error)}\n`));
  });
}

function statusOf(error: unknown): number {
  if (error instanceof OperationError) return HTTP_STATUS[error.kind];
  const given = (error as { readonly statusCode?: unknown }).statusCode;
  return typeof given === 'number' && given >= 400 ? given : 500;
}

type Methods = ReadonlyMap<HttpMethod, HttpRoute>;

function routesByUrl(
  routes: readonly HttpRoute[],
  { routePrefix }: HttpServerOptions,
): ReadonlyMap<string, Methods> {
  const urls = new Map<string, Map<HttpMethod, HttpRoute>>();
  for (const route of routes) {
    const { path, isOutsidePrefix = false } = route;
    const url = `${isOutsidePrefix ? '' : routePrefix.replace(/\/+$/, '')}${path}`;
    const methods = urls.get(url) ?? new Map<HttpMethod, HttpRoute>();
    for (const method of route.methods) {
      if (methods.has(method)) throw new BugError(`two routes for ${method} ${url}`);
      methods.set(method, route);
    }
    urls.set(url, methods);
  }
  return urls;
}

const ALL_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];

function addUrl(
  app: FastifyInstance,
  options: HttpServerOptions,
  url: string,
  methods: Methods,
): void {
  for (const [method, route] of methods) {
    app.route({
      method,
      url,
      config: { measuredAs: route.handler },
      handler: async (request, reply) => {
        const answer = await route.handle(requestOf(request, reply));
        return send(reply, answer);
      },
    });
  }
  const allowed: string[] = [...methods.keys()];
  if (allowed.includes('GET')) allowed.push('HEAD');
  if (options.allowOtherOrigins !== false) {
    allowed.push('OPTIONS');
    app.options(url, (_request, reply) => send(reply, { status: 204 }));
  }
  app.route({
    method: ALL_METHODS.filter((method) => !allowed.includes(method)),
    url,
    handler: (_request, reply) =>
      send(reply.header('allow', allowed.join(', ')), textAnswer(405, 'Method Not Allowed\n')),
  });
}

function requestOf(request: FastifyRequest, reply: FastifyReply): HttpRequest {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished)
      gone.abort(new OperationError('canceled', 'the client went away'));
  });
  const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
  const queryText = request.url.slice(pathOf(request).length + 1);
  const form = /^application\/x-www-form-urlencoded/i.test(request.headers['content-type'] ?? '')
    ? Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8')
    : '';
  return {
    method: request.method,
    path: pathOf(request),
    params: request.params as Readonly<Record<string, string>>,
    queryText,
    query: new URLSearchParams([form, queryText].filter((text) => text !== '').join('&')),
    headers: request.headers as Readonly<Record<string, string | undefined>>,
    body,
    signal: gone.signal,
    peer: `${request.socket.remoteAddress}:${request.socket.remotePort}`,
  };
}

function pathOf(request: FastifyRequest): string {
  const mark = request.url.indexOf('?');
  return mark < 0 ? request.url : request.url.slice(0, mark);
}

function send(reply: FastifyReply, { status, headers, body }: HttpAnswer): FastifyReply {
  reply.code(status).headers(headers ?? {});
  if (body === undefined) return reply.send();
  // As bytes, or fastify would put its own charset behind the type.
  if (typeof body === 'string') return reply.send(Buffer.from(body));
  if (!(body instanceof Uint8Array)) return reply.send(Readable.from(body, { objectMode: false }));
  return reply.send(Buffer.from(body.buffer, body.byteOffset, body.length));
}

/** An empty host is every interface. */
function splitAddress(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  return { host: host === '' ? '::' : host, port: Number(address.slice(colon + 1)) };
}

async function listen(app: FastifyInstance, address: string): Promise<string> {
  const given = splitAddress(address);
  try {
    await app.listen(given);
  } catch (error) {
    const isWithoutIpv6 = (error as { readonly code?: string }).code === 'EAFNOSUPPORT';
    if (isWithoutIpv6 && address.startsWith(':')) return listen(app, `0.0.0.0:${given.port}`);
    await app.close();
    throw new OperationError('unavailable', `cannot listen on ${address}`, { cause: error });
  }
  const { address: taken, port: takenPort } = app.server.address() as AddressInfo;
  return `${taken.includes(':') ? `[${taken}]` : taken}:${takenPort}`;
}

async function listenAlso(server: Server, address: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(splitAddress(address), resolve);
  try {
    await promise;
  } catch (error) {
    throw new OperationError('unavailable', `cannot listen on ${address}`, { cause: error });
  }
}

/** Takes no more connections, waits for running requests, cuts what is left when the grace period is over. */
async function close(
  app: FastifyInstance,
  servers: readonly Server[],
  { clock, gracePeriodMs }: HttpServerOptions,
): Promise<void> {
  const cancel = clock.after(gracePeriodMs, () => {
    for (const server of servers) server.closeAllConnections();
  });
  for (const server of servers) {
    if (server === app.server) continue;
    server.close();
    server.closeIdleConnections();
  }
  await app.close();
  cancel();
}

/** A client with connections that are kept: for Prometheus, for queriers, for whatever speaks HTTP. */
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { FileSystem } from '../base/file-system.ts';
import { silentTracer, type Tracer } from '../telemetry/tracer.ts';
import { answerOf, type HttpClientAnswer, requestError, withoutUser } from './client-answer.ts';
import { defaultHttpConfig, type HttpClientConfig } from './http-config.ts';
import type { BodyPlace } from './placed-body.ts';

export type { HttpClientAnswer } from './client-answer.ts';

export interface HttpClientRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Cancels the request and the reading of its answer. */
  readonly signal: AbortSignal;
  /** Of GET: where the body may be put before the answer is given; then it is also the answer's `placed`. */
  readonly place?: BodyPlace;
}

export interface HttpClient extends AsyncDisposable {
  /** Resolves with the head of the answer, whatever its status. Throws OperationError naming method and URL. */
  request(request: HttpClientRequest): Promise<HttpClientAnswer>;
}

export function createHttpClient(
  files: FileSystem,
  config: HttpClientConfig = defaultHttpConfig,
  tracer: Tracer = silentTracer,
): HttpClient {
  const dispatcher = createDispatcher(config, files);
  return {
    async request({ method, url, headers, body, signal }) {
      const what = `${method} ${withoutUser(url)}`;
      const { origin, pathname, search } = new URL(url);
      const authorization = config.authorization(files);
      try {
        const answer = await dispatcher.request({
          method,
          origin,
          path: pathname + search,
          headers: {
            ...(authorization === undefined ? {} : { authorization }),
            ...tracer.headers(),
            ...headers,
          },
          body: body ?? null,
          signal,
          headersTimeout: config.headerTimeoutMs,
          bodyTimeout: 0,
        });
        return answerOf(answer, what, signal);
      } catch (error) {
        throw requestError(what, error, signal);
      }
    },
    async [Symbol.asyncDispose]() {
      await dispatcher.destroy();
    },
  };
}

/** Connections of a client, kept while they are idle. */
export function createDispatcher(config: HttpClientConfig, files: FileSystem): Dispatcher {
  const { caFile, certFile, keyFile, serverName, skipVerify } = config.tls;
  const read = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : new TextDecoder().decode(files.readFile(path));
  const tls = Object.entries({
    ca: read(caFile),
    cert: read(certFile),
    key: read(keyFile),
    servername: serverName,
  }).filter(([, value]) => value !== undefined);
  const connect = { ...Object.fromEntries(tls), rejectUnauthorized: !skipVerify };
  const options = {
    connections: config.connectionsMax === 0 ? null : config.connectionsMax,
    keepAliveTimeout: config.idleTimeoutMs,
    keepAliveMaxTimeout: config.idleTimeoutMs,
    pipelining: 1,
  };
  if (config.proxyUrl !== undefined) {
    return new ProxyAgent({ ...options, uri: config.proxyUrl, requestTls: connect });
  }
  return new Agent({ ...options, connect: { ...connect, timeout: config.connectTimeoutMs } });
}

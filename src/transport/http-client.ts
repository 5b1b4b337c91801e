/** A client with connections that are kept: for Prometheus, for queriers, for whatever speaks HTTP. */
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { OperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import { defaultHttpConfig, type HttpClientConfig } from './http-config.ts';

export interface HttpClientRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Cancels the request and the reading of its answer. */
  readonly signal: AbortSignal;
}

export interface HttpClientAnswer {
  readonly status: number;
  /** Names in lower case; several values of one name are joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** As it comes, with back-pressure, once. Breaking off closes the connection. */
  body(): AsyncIterable<Uint8Array>;
  /** The whole of it; OperationError 'limit' when it is longer. */
  bytes(bytesMax: number): Promise<Uint8Array>;
  /** The whole of it as UTF-8, at most 64 MiB. */
  text(): Promise<string>;
}

export interface HttpClient extends AsyncDisposable {
  /** Resolves with the head of the answer, whatever its status. Throws OperationError naming method and URL. */
  request(request: HttpClientRequest): Promise<HttpClientAnswer>;
}

const TEXT_BYTES_MAX = 64 << 20;

export function createHttpClient(
  files: FileSystem,
  config: HttpClientConfig = defaultHttpConfig,
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
          headers: { ...(authorization === undefined ? {} : { authorization }), ...headers },
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

function createDispatcher(config: HttpClientConfig, files: FileSystem): Dispatcher {
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

function answerOf(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  what: string,
  signal: AbortSignal,
): HttpClientAnswer {
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      throw requestError(what, error, signal);
    }
  };
  const bytes = async (bytesMax: number): Promise<Uint8Array> => {
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of pieces()) {
      length += part.length;
      if (length > bytesMax) {
        throw new OperationError('limit', `cannot ${what}: the answer exceeds ${bytesMax} bytes`);
      }
      parts.push(part);
    }
    return Buffer.concat(parts);
  };
  return {
    status: statusCode,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]),
    ),
    body: pieces,
    bytes,
    text: async () => new TextDecoder().decode(await bytes(TEXT_BYTES_MAX)),
  };
}

function requestError(what: string, error: unknown, signal: AbortSignal): OperationError {
  if (error instanceof OperationError) return error;
  if (!signal.aborted) {
    return new OperationError('unavailable', `cannot ${what}`, { cause: error });
  }
  const reason: unknown = signal.reason;
  if (reason instanceof OperationError) return reason;
  const isTimeout = reason instanceof Error && reason.name === 'TimeoutError';
  return new OperationError(isTimeout ? 'timeout' : 'canceled', `cannot ${what}`, {
    cause: reason,
  });
}

function withoutUser(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/@]*@/i, '$1');
}

/** Asks Prometheus' HTTP API, under the prefix that the page is served with. */
import { ApiFailure, type FailureKind } from './api-failure.ts';
import { serverSettings } from './server-settings.ts';

/** Undefined values are left out; lists become repeated parameters. */
export type ApiParameters = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

export interface AskOptions {
  readonly signal?: AbortSignal;
  /** Long queries go by POST without being told to. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
}

export interface ApiAnswer<T> {
  readonly data: T;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

interface Envelope<T> {
  readonly status: 'success' | 'error';
  readonly data?: T;
  readonly error?: string;
  readonly errorType?: FailureKind;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

/** Servers and proxies refuse longer addresses. */
const ADDRESS_LENGTH_MAX = 2000;

/** `path` is that of the API, such as `/api/v1/query`. Throws ApiFailure, or the reason of the aborted signal. */
export async function askApi<T>(
  path: string,
  parameters: ApiParameters = {},
  options: AskOptions = {},
): Promise<ApiAnswer<T>> {
  const response = await ask(path, parameters, options);
  const envelope = (await readEnvelope(response, options.signal)) as Envelope<T>;
  return {
    data: envelope.data as T,
    warnings: envelope.warnings ?? [],
    infos: envelope.infos ?? [],
  };
}

/** The body of an answer as it came, for who parses it elsewhere. Fails as `askApi` does. */
export async function askApiBytes(
  path: string,
  parameters: ApiParameters = {},
  options: AskOptions = {},
): Promise<ArrayBuffer> {
  const response = await ask(path, parameters, options);
  const { status, headers } = response;
  if (headers.get('content-type')?.startsWith('text/html')) {
    throw new ApiFailure({ kind: 'proxy', text: '', status }); // such as a page to log in
  }
  try {
    return await response.arrayBuffer();
  } catch (error) {
    throw broken(error, options.signal);
  }
}

/** What is not under the API's envelope, such as `/-/queriers`. */
export async function askJson<T>(path: string, options: AskOptions = {}): Promise<T> {
  const response = await ask(path, {}, options);
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw unreadable(response, error, options.signal);
  }
}

/** The address of a path of this server, for links and for copying. */
export function serverUrl(path: string, parameters: ApiParameters = {}): string {
  const text = printParameters(parameters);
  return `${serverSettings().prefix}${path}${text === '' ? '' : `?${text}`}`;
}

export function printParameters(parameters: ApiParameters): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  return search.toString();
}

async function ask(
  path: string,
  parameters: ApiParameters,
  { signal, method }: AskOptions,
): Promise<Response> {
  const url = serverUrl(path, parameters);
  const isForm = method === 'POST' || (method === undefined && url.length > ADDRESS_LENGTH_MAX);
  let response: Response;
  try {
    response = await fetch(isForm ? serverUrl(path) : url, {
      method: isForm ? 'POST' : (method ?? 'GET'),
      headers: { accept: 'application/json' },
      signal: signal ?? null,
      ...(isForm ? { body: new URLSearchParams(printParameters(parameters)) } : {}),
    });
  } catch (error) {
    throw broken(error, signal);
  }
  if (response.ok) return response;
  await readEnvelope(response, signal); // says why, in the usual case
  throw new ApiFailure({ kind: 'proxy', text: '', status: response.status });
}

async function readEnvelope(
  response: Response,
  signal: AbortSignal | undefined,
): Promise<Envelope<unknown>> {
  const { status } = response;
  let envelope: Envelope<unknown>;
  try {
    envelope = (await response.json()) as Envelope<unknown>;
  } catch (error) {
    throw unreadable(response, error, signal);
  }
  if (envelope.status === 'error') {
    const { errorType = 'internal', error = '' } = envelope;
    throw new ApiFailure({ kind: errorType, text: error, status });
  }
  if (envelope.status !== 'success') throw new ApiFailure({ kind: 'proxy', text: '', status });
  return envelope;
}

function unreadable(response: Response, error: unknown, signal: AbortSignal | undefined): Error {
  if (!(error instanceof SyntaxError)) return broken(error, signal);
  const { status } = response;
  return new ApiFailure({ kind: 'proxy', text: '', status }, { cause: error });
}

/** The connection failed, unless it was us who ended it. */
function broken(error: unknown, signal: AbortSignal | undefined): Error {
  if (signal?.aborted === true) return signal.reason as Error;
  return new ApiFailure({ kind: 'network', text: '', status: 0 }, { cause: error });
}

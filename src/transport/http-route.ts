/** What a room answers over HTTP: a table of routes with handlers that know nothing of the server beneath. */
import type { ErrorKind } from '../base/errors.ts';

export interface HttpRequest {
  readonly method: string;
  /** As it was sent, without the query. */
  readonly path: string;
  /** The parts of the path that the route names, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** The query string as it was sent, without the question mark. */
  readonly queryText: string;
  /** Parameters of a form body, then those of the URL. */
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** Aborted when the client goes away before the answer is complete. */
  readonly signal: AbortSignal;
  /** host:port of the client. */
  readonly peer: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes are sent as they are; an iterable is streamed with back-pressure and ended if the client goes away. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
}

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface HttpRoute {
  /** GET answers HEAD too. Other methods on the same path get 405. */
  readonly methods: readonly HttpMethod[];
  /** `/api/v1/label/:name/values`; `*` at the end stands for the rest. */
  readonly path: string;
  /** The path stands without the prefix of the server. */
  readonly isOutsidePrefix?: boolean;
  /** Value of the label `handler` of the http_* metrics; without it nothing is measured. */
  readonly handler?: string;
  /** Throws OperationError for an answer with its text and status; anything else is a 500. */
  handle(request: HttpRequest): HttpAnswer | Promise<HttpAnswer>;
}

/** The status for an error that no handler has put into a form of its own. */
export const HTTP_STATUS: Readonly<Record<ErrorKind, number>> = {
  'bad-data': 400,
  'not-found': 404,
  denied: 403,
  'not-acceptable': 406,
  execution: 422,
  canceled: 499,
  timeout: 503,
  limit: 422,
  unavailable: 503,
  corrupt: 500,
  internal: 500,
};

export function textAnswer(status: number, text: string): HttpAnswer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: text };
}

/** Sends a browser on; `location` is an absolute path. */
export function redirectAnswer(status: 301 | 302, location: string): HttpAnswer {
  return { status, headers: { location } };
}

export function jsonAnswer(status: number, value: unknown): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  };
}

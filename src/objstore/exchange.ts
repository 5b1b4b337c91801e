/**
 * One HTTP exchange with an object store. An answer's bytes go from undici's parser into one buffer of the length that its
 * head tells; no stream stands between, which costs as much as the bytes of a small range.
 */
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { OperationError } from '../base/errors.ts';

export interface Exchange {
  readonly origin: string;
  /** With its query, encoded. */
  readonly path: string;
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ExchangeBody | undefined;
  /** Until the head of the answer, and between two pieces of its body. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Bytes, or what gives them piece by piece and throws an OperationError if it cannot. */
export type ExchangeBody = Uint8Array | AsyncIterable<Uint8Array>;

export interface AnswerHead {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface WholeAnswer extends AnswerHead {
  /** In memory of its own. */
  readonly bytes: Uint8Array;
}

export interface StreamedAnswer extends AnswerHead {
  /** Once. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Throws what undici, the body or the signal throws; 'limit' for an answer above `bytesMax`. */
export function exchangeWhole(
  dispatcher: Dispatcher,
  exchange: Exchange,
  bytesMax: number,
): Promise<WholeAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<WholeAnswer>();
  const { signal } = exchange;
  let running: Dispatcher.DispatchController | undefined;
  const cancel = (): void => running?.abort(errorOf(signal?.reason));
  const settle = (): void => signal?.removeEventListener('abort', cancel);
  let head: AnswerHead = { status: 0, headers: {} };
  let collected = new AnswerBytes(0);
  signal?.addEventListener('abort', cancel, { once: true });
  dispatcher.dispatch(dispatchOptions(exchange), {
    onRequestStart(controller) {
      running = controller;
      if (signal?.aborted === true) cancel();
    },
    onResponseStart(controller, status, headers) {
      if (status < 200) return;
      head = { status, headers: plainHeaders(headers) };
      const length = exchange.method === 'HEAD' ? 0 : Number(headers['content-length'] ?? 0);
      if (length > bytesMax) controller.abort(tooLong(bytesMax));
      else collected = new AnswerBytes(length);
    },
    onResponseData(controller, chunk) {
      if (collected.length + chunk.length > bytesMax) controller.abort(tooLong(bytesMax));
      else collected.add(chunk);
    },
    onResponseEnd() {
      settle();
      resolve({ ...head, bytes: collected.whole() });
    },
    onResponseError(_, error) {
      settle();
      reject(error);
    },
  });
  return promise;
}

/** For bodies of any length; errors inside the body are the body's. */
export async function exchangeStreamed(
  dispatcher: Dispatcher,
  exchange: Exchange,
): Promise<StreamedAnswer> {
  const { signal } = exchange;
  const answer = await dispatcher.request({
    ...dispatchOptions(exchange),
    ...(signal === undefined ? {} : { signal }),
  });
  return {
    status: answer.statusCode,
    headers: plainHeaders(answer.headers),
    body: answer.body,
  };
}

function dispatchOptions(exchange: Exchange): Dispatcher.DispatchOptions & { origin: string } {
  const { origin, path, method, headers, body, timeoutMs } = exchange;
  return {
    origin,
    path,
    method,
    headers,
    body: body === undefined || body instanceof Uint8Array ? (body ?? null) : Readable.from(body),
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  };
}

function plainHeaders(headers: NodeJS.Dict<string | string[]>): AnswerHead['headers'] {
  const plain: Record<string, string | undefined> = {};
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    plain[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return plain;
}

function tooLong(bytesMax: number): OperationError {
  return new OperationError('limit', `the answer exceeds ${bytesMax} bytes`);
}

function errorOf(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** Into one buffer where the length is known, else in pieces. */
class AnswerBytes {
  #bytes: Uint8Array;
  #pieces: Uint8Array[] = [];
  #length = 0;

  constructor(expected: number) {
    this.#bytes = new Uint8Array(expected);
  }

  get length(): number {
    return this.#length;
  }

  add(chunk: Uint8Array): void {
    if (this.#length + chunk.length <= this.#bytes.length) this.#bytes.set(chunk, this.#length);
    else this.#pieces.push(new Uint8Array(chunk));
    this.#length += chunk.length;
  }

  whole(): Uint8Array {
    if (this.#pieces.length === 0) return this.#bytes;
    return new Uint8Array(Buffer.concat([this.#bytes, ...this.#pieces]));
  }
}

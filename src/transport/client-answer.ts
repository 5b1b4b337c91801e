/** What an HTTP client hands to its caller: an answer whose body is read once, and errors that name the request. */
import type { Dispatcher } from 'undici';
import { OperationError } from '../base/errors.ts';
import type { WholeAnswer } from './placed-body.ts';

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
  /** The body, where it has been put at the request's place already. */
  readonly placed?: Uint8Array;
}

const TEXT_BYTES_MAX = 64 << 20;

/** `what` names the request in errors: "GET http://…". */
export function answerOf(
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
    const tooLong = (): OperationError =>
      new OperationError('limit', `cannot ${what}: the answer exceeds ${bytesMax} bytes`);
    return Buffer.concat(await readParts(pieces(), bytesMax, tooLong));
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

/** An answer whose body lies at its place. */
export function placedAnswer({ status, headers, body }: WholeAnswer): HttpClientAnswer {
  return {
    status,
    headers: Object.fromEntries(headers),
    body: async function* () {
      yield body;
    },
    bytes: async () => body,
    text: async () => new TextDecoder().decode(body),
    placed: body,
  };
}

/** The whole of a body as it came, in pieces; throws what `tooLong` makes when it is longer. */
export async function readParts(
  body: AsyncIterable<Uint8Array>,
  bytesMax: number,
  tooLong: () => OperationError,
): Promise<readonly Uint8Array[]> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > bytesMax) throw tooLong();
    parts.push(part);
  }
  return parts;
}

export function requestError(what: string, error: unknown, signal: AbortSignal): OperationError {
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

export function withoutUser(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/@]*@/i, '$1');
}

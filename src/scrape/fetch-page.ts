/** Fetches the page of a target: head and body within the timeout and the size limit, unpacked. */
import { STATUS_CODES } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Clock, deadlineSignal } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import { quoteText } from '../model/labels-text.ts';
import type { HttpClient, HttpClientAnswer } from '../transport/http-client.ts';
import { placeParts } from '../transport/placed-body.ts';
import type { PageBuffers, PageLease } from './page-buffers.ts';

/** Of a page whose size is not limited by the configuration. */
const PAGE_BYTES_MAX = 512 << 20;
const CHUNK_BYTES_MIN = 16 << 10;
const CHUNK_BYTES_MAX = 16 << 20;

export interface PageRequest {
  readonly url: string;
  /** See pageHeaders. */
  readonly headers: Readonly<Record<string, string>>;
  readonly enableCompression: boolean;
  readonly timeoutMs: number;
  /** Of the unpacked body; 0 for none. */
  readonly bodySizeLimitBytes: number;
}

/** What a target is told with each request. */
export function pageHeaders(
  accept: string,
  userAgent: string,
  { enableCompression, timeoutMs }: Pick<PageRequest, 'enableCompression' | 'timeoutMs'>,
): PageRequest['headers'] {
  return {
    accept,
    'accept-encoding': enableCompression ? 'gzip' : 'identity',
    'user-agent': userAgent,
    'x-prometheus-scrape-timeout-seconds': String(timeoutMs / 1000),
  };
}

export interface FetchedPage {
  /** In memory that is shared and used again after `release`, or alone in a buffer that can be transferred. */
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
  release(): void;
}

/** The unpacked body reached the configured limit. */
export class BodySizeError extends OperationError {
  constructor() {
    super('limit', 'body size limit exceeded');
  }
}

export interface FetchParts {
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly buffers: PageBuffers;
}

/** Throws OperationError with the text that /api/v1/targets shows. */
export async function fetchPage(
  { client, clock, buffers }: FetchParts,
  request: PageRequest,
  signal: AbortSignal,
): Promise<FetchedPage> {
  const deadline = deadlineSignal(clock, request.timeoutMs, signal);
  const { bodySizeLimitBytes, enableCompression } = request;
  // As in Prometheus a body of exactly the limit is too large.
  const bytesMax = bodySizeLimitBytes === 0 ? PAGE_BYTES_MAX : bodySizeLimitBytes - 1;
  const receivedMax = enableCompression ? bytesMax + (bytesMax >>> 8) + 64 : bytesMax;
  const place = buffers.lease(receivedMax, () => new BodySizeError());
  try {
    const answer = await client.request({
      method: 'GET',
      url: request.url,
      headers: request.headers,
      signal: deadline.signal,
      place,
    });
    const bytes = await readAnswer(answer, place, bytesMax);
    return {
      bytes,
      contentType: answer.headers['content-type'],
      release: () => place.release(),
    };
  } catch (error) {
    place.release();
    if (!(error instanceof OperationError) || error.kind !== 'timeout') throw error;
    const message = `Get ${quoteText(request.url)}: context deadline exceeded`;
    throw new OperationError('timeout', message);
  } finally {
    deadline.clear();
  }
}

async function readAnswer(
  answer: HttpClientAnswer,
  place: PageLease,
  bytesMax: number,
): Promise<Uint8Array> {
  if (answer.status !== 200) {
    await answer.bytes(PAGE_BYTES_MAX);
    const status = `${answer.status} ${STATUS_CODES[answer.status] ?? ''}`.trimEnd();
    throw new OperationError('unavailable', `server returned HTTP status ${status}`);
  }
  const body = answer.placed ?? (await placeParts(answer.body(), place));
  if (answer.headers['content-encoding'] === 'gzip') return await unpack(body, bytesMax);
  if (body.length > bytesMax) throw new BodySizeError();
  return body;
}

/** In one piece: the last four bytes tell how long the page is, though they may lie. */
async function unpack(bytes: Uint8Array, bytesMax: number): Promise<Uint8Array> {
  const told =
    bytes.length < 4
      ? 0
      : new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4).getUint32(0, true);
  const chunkSize = Math.min(Math.max(told + 64, CHUNK_BYTES_MIN), CHUNK_BYTES_MAX);
  try {
    const maxOutputLength = Math.max(1, bytesMax);
    return alone(await promisify(gunzip)(bytes, { chunkSize, maxOutputLength }));
  } catch (error) {
    const isTooLarge = (error as { readonly code?: string }).code === 'ERR_BUFFER_TOO_LARGE';
    if (isTooLarge) throw new BodySizeError();
    throw new OperationError('corrupt', 'cannot unpack the gzip body', { cause: error });
  }
}

/** Node's pool, which is shared by many, gives away less than half of its buffer at once. */
function alone(bytes: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = bytes;
  if (buffer.byteLength === length) return bytes;
  const isAlone = buffer instanceof ArrayBuffer && length * 2 > buffer.byteLength;
  return isAlone && byteOffset === 0
    ? new Uint8Array(buffer.transfer(length))
    : Uint8Array.from(bytes);
}

/** Fetches the page of a target: head and body within the timeout and the size limit, unpacked. */
import { STATUS_CODES } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Clock, deadlineSignal } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import { quoteText } from '../model/labels-text.ts';
import type { HttpClient, HttpClientAnswer } from '../transport/http-client.ts';

/** Of a page whose size is not limited by the configuration. */
const PAGE_BYTES_MAX = 512 << 20;
const CHUNK_BYTES_MIN = 16 << 10;
const CHUNK_BYTES_MAX = 16 << 20;

export interface PageRequest {
  readonly url: string;
  readonly accept: string;
  readonly enableCompression: boolean;
  readonly timeoutMs: number;
  /** Of the unpacked body; 0 for none. */
  readonly bodySizeLimitBytes: number;
  readonly userAgent: string;
}

export interface FetchedPage {
  /** Nothing else lies in its buffer, which can be transferred. */
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
}

/** The unpacked body reached the configured limit. */
export class BodySizeError extends OperationError {
  constructor() {
    super('limit', 'body size limit exceeded');
  }
}

/** Throws OperationError with the text that /api/v1/targets shows. */
export async function fetchPage(
  client: HttpClient,
  clock: Clock,
  request: PageRequest,
  signal: AbortSignal,
): Promise<FetchedPage> {
  const deadline = deadlineSignal(clock, request.timeoutMs, signal);
  try {
    const answer = await client.request({
      method: 'GET',
      url: request.url,
      headers: {
        accept: request.accept,
        'accept-encoding': request.enableCompression ? 'gzip' : 'identity',
        'user-agent': request.userAgent,
        'x-prometheus-scrape-timeout-seconds': String(request.timeoutMs / 1000),
      },
      signal: deadline.signal,
    });
    return await readAnswer(answer, request.bodySizeLimitBytes);
  } catch (error) {
    if (!(error instanceof OperationError) || error.kind !== 'timeout') throw error;
    const message = `Get ${quoteText(request.url)}: context deadline exceeded`;
    throw new OperationError('timeout', message);
  } finally {
    deadline.clear();
  }
}

async function readAnswer(answer: HttpClientAnswer, limitBytes: number): Promise<FetchedPage> {
  if (answer.status !== 200) {
    await answer.bytes(PAGE_BYTES_MAX);
    const status = `${answer.status} ${STATUS_CODES[answer.status] ?? ''}`.trimEnd();
    throw new OperationError('unavailable', `server returned HTTP status ${status}`);
  }
  // As in Prometheus a body of exactly the limit is too large.
  const bytesMax = limitBytes === 0 ? PAGE_BYTES_MAX : limitBytes - 1;
  const isPacked = answer.headers['content-encoding'] === 'gzip';
  const body = await readBody(answer, isPacked ? bytesMax + (bytesMax >>> 8) + 64 : bytesMax);
  const bytes = isPacked ? await unpack(body, bytesMax) : body;
  return { bytes: alone(bytes), contentType: answer.headers['content-type'] };
}

async function readBody(answer: HttpClientAnswer, bytesMax: number): Promise<Uint8Array> {
  try {
    return await answer.bytes(bytesMax);
  } catch (error) {
    if (error instanceof OperationError && error.kind === 'limit') throw new BodySizeError();
    throw error;
  }
}

/** In one piece: the last four bytes tell how long the page is, though they may lie. */
async function unpack(bytes: Uint8Array, bytesMax: number): Promise<Uint8Array> {
  const told =
    bytes.length < 4
      ? 0
      : new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4).getUint32(0, true);
  const chunkSize = Math.min(Math.max(told + 64, CHUNK_BYTES_MIN), CHUNK_BYTES_MAX);
  try {
    return await promisify(gunzip)(bytes, { chunkSize, maxOutputLength: Math.max(1, bytesMax) });
  } catch (error) {
    const isTooLarge = (error as { readonly code?: string }).code === 'ERR_BUFFER_TOO_LARGE';
    if (isTooLarge) throw new BodySizeError();
    throw new OperationError('corrupt', 'cannot unpack the gzip body', { cause: error });
  }
}

/** Small buffers share a pool, which must not be given away with one of them; nor is much to be kept for little. */
function alone(bytes: Uint8Array): Uint8Array {
  const { byteLength } = bytes.buffer;
  const isOwn = byteLength === bytes.length || byteLength > Buffer.poolSize;
  return isOwn && byteLength - bytes.length <= bytes.length >>> 3 ? bytes : Uint8Array.from(bytes);
}

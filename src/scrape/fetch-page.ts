/** Fetches the page of a target: head and body within the timeout and the size limit, unpacked. */
import { STATUS_CODES } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Clock, deadlineSignal } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import { quoteText } from '../model/labels-text.ts';
import { readParts } from '../transport/client-answer.ts';
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
    return await readAnswer(answer, request);
  } catch (error) {
    if (!(error instanceof OperationError) || error.kind !== 'timeout') throw error;
    const message = `Get ${quoteText(request.url)}: context deadline exceeded`;
    throw new OperationError('timeout', message);
  } finally {
    deadline.clear();
  }
}

async function readAnswer(
  answer: HttpClientAnswer,
  { url, bodySizeLimitBytes }: PageRequest,
): Promise<FetchedPage> {
  if (answer.status !== 200) {
    await answer.bytes(PAGE_BYTES_MAX);
    const status = `${answer.status} ${STATUS_CODES[answer.status] ?? ''}`.trimEnd();
    throw new OperationError('unavailable', `server returned HTTP status ${status}`);
  }
  // As in Prometheus a body of exactly the limit is too large.
  const bytesMax = bodySizeLimitBytes === 0 ? PAGE_BYTES_MAX : bodySizeLimitBytes - 1;
  const isPacked = answer.headers['content-encoding'] === 'gzip';
  const receivedMax = isPacked ? bytesMax + (bytesMax >>> 8) + 64 : bytesMax;
  const parts = await readParts(answer.body(), receivedMax, () => new BodySizeError());
  const body = join(parts);
  // Those of HTTP/2 are shared with other streams.
  if (url.startsWith('http:')) for (const part of parts) free(part);
  const bytes = isPacked ? await unpack(body, bytesMax) : body;
  return { bytes, contentType: answer.headers['content-type'] };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Gives the memory of a buffer back now. V8 would collect its whole heap for every 20 MB or so of them, which was more
 * than half of the CPU time of scraping.
 */
function free(part: Uint8Array): void {
  if (isAlone(part)) part.buffer.transfer(0);
}

/** Node's pool, which is shared by many, gives away less than half of its buffer at once. */
function isAlone(part: Uint8Array): part is Uint8Array<ArrayBuffer> {
  return part.buffer instanceof ArrayBuffer && part.length * 2 > part.buffer.byteLength;
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

function alone(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer.byteLength === bytes.length) return bytes;
  if (!isAlone(bytes) || bytes.byteOffset > 0) return Uint8Array.from(bytes);
  return new Uint8Array(bytes.buffer.transfer(bytes.length));
}

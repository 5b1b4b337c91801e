/**
 * The bytes of objects in Google Cloud Storage, up and down, by our own client with the library's tokens: the library's
 * way through teeny-request pipes a stream once more for every piece of it. An upload is one `multipart/related` request
 * with the checksum that the server compares before there is an object. Source: Cloud Storage JSON API "Upload objects",
 * "Objects: get".
 */
import type { Dispatcher } from 'undici';
import { OperationError } from '../../base/errors.ts';
import type { ByteRange, UploadSource } from '../bucket.ts';
import { type Exchange, exchangeStreamed, exchangeWhole } from '../exchange.ts';
import { sourceSlices } from '../source-slices.ts';

export interface GcsMedia {
  readonly dispatcher: Dispatcher;
  /** `https://storage.googleapis.com`. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly timeoutMs: number;
  /** With a token. */
  headers(): Promise<Readonly<Record<string, string>>>;
}

export interface MediaCall {
  readonly object: string;
  readonly signal: AbortSignal | undefined;
}

/** As the library throws refusals, so that both are told alike. */
export class Refusal extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const BOUNDARY = 'part-of-an-object';
const ANSWER_BYTES_MAX = 1 << 20;

/** Throws a Refusal, or what the connection throws. */
export async function uploadToGcs(
  media: GcsMedia,
  call: MediaCall,
  content: { readonly source: UploadSource; readonly crc32c: string },
): Promise<void> {
  const { source, crc32c } = content;
  const metadata = JSON.stringify({ name: call.object, crc32c });
  const head = Buffer.from(
    `--${BOUNDARY}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n${metadata}\r\n` +
      `--${BOUNDARY}\r\ncontent-type: application/octet-stream\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${BOUNDARY}--\r\n`);
  const { dispatcher, endpoint, bucket, timeoutMs } = media;
  const exchange: Exchange = {
    origin: endpoint,
    path: `/upload/storage/v1/b/${encodeURIComponent(bucket)}/o?uploadType=multipart`,
    method: 'POST',
    headers: {
      ...(await media.headers()),
      'content-type': `multipart/related; boundary=${BOUNDARY}`,
      'content-length': String(head.length + source.sizeBytes + tail.length),
    },
    body: around(head, source, tail),
    timeoutMs,
    signal: call.signal,
  };
  const answer = await exchangeWhole(dispatcher, exchange, ANSWER_BYTES_MAX);
  if (answer.status !== 200) throw refusal(answer.status, answer.bytes);
}

/** The bytes of the range; none behind the object's end. Throws OperationError 'internal' for more than those. */
export async function readGcsRange(
  media: GcsMedia,
  call: MediaCall,
  { offset, length }: ByteRange,
): Promise<Uint8Array> {
  const range = { range: `bytes=${offset}-${offset + length - 1}` };
  const exchange = await download(media, call, range);
  const bytesMax = Math.max(length, ANSWER_BYTES_MAX);
  const { status, bytes } = await exchangeWhole(media.dispatcher, exchange, bytesMax);
  if (status === 416) return new Uint8Array();
  const isRange = status === 206 || (status === 200 && offset === 0);
  if (isRange && bytes.length <= length) return bytes;
  if (!isRange) throw refusal(status, bytes);
  const asked = `${length} bytes of ${call.object} at ${offset} were asked for`;
  throw new OperationError('internal', `${asked}, but ${bytes.length} bytes came`);
}

export async function readGcsObject(
  media: GcsMedia,
  call: MediaCall,
): Promise<AsyncIterable<Uint8Array>> {
  const exchange = await download(media, call, {});
  const { status, body } = await exchangeStreamed(media.dispatcher, exchange);
  if (status === 200) return body;
  throw refusal(status, Buffer.concat(await Array.fromAsync(body)));
}

async function download(
  { endpoint, bucket, timeoutMs, headers }: GcsMedia,
  { object, signal }: MediaCall,
  more: Readonly<Record<string, string>>,
): Promise<Exchange> {
  const place = `b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(object)}`;
  return {
    origin: endpoint,
    path: `/storage/v1/${place}?alt=media`,
    method: 'GET',
    headers: { ...(await headers()), ...more },
    body: undefined,
    timeoutMs,
    signal,
  };
}

async function* around(
  head: Uint8Array,
  source: UploadSource,
  tail: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const whole: ByteRange = { offset: 0, length: source.sizeBytes };
  yield head;
  yield* sourceSlices(source, whole);
  yield tail;
}

function refusal(status: number, body: Uint8Array): Refusal {
  const text = new TextDecoder().decode(body.subarray(0, 4096));
  return new Refusal(status, /"message"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? text.slice(0, 200));
}

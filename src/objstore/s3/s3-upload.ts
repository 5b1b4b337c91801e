/**
 * Uploads: small objects by one request, large ones by parts, each of which is tried again on its own. The source is
 * read twice, for Content-MD5 and for sending, rather than held in memory. Source: Amazon S3 multipart upload.
 */
import { createHash } from 'node:crypto';
import { type Clock, deadlineSignal } from '../../base/clock.ts';
import { type ByteRange, SLICE_BYTES, type UploadSource } from '../bucket.ts';
import { type BucketCall, bucketError } from '../bucket-error.ts';
import { pausesOf } from '../pause.ts';
import { type RetryPolicy, retry } from '../retry.ts';
import { sourceSlices } from '../source-slices.ts';
import type { S3Client, S3Request } from './s3-client.ts';
import type { ObjectHeaders } from './s3-headers.ts';
import { elementText, escapeXml } from './s3-xml.ts';

export interface S3UploadParts {
  readonly client: S3Client;
  /** For messages. */
  readonly name: string;
  readonly clock: Clock;
  readonly retries: RetryPolicy;
  readonly headers: ObjectHeaders;
  readonly sendMd5: boolean;
  /** Infinity: never by parts. */
  readonly partBytes: number;
}

interface Upload extends S3UploadParts {
  readonly object: string;
  readonly source: UploadSource;
  readonly signal: AbortSignal | undefined;
}

const PARTS_MAX = 10_000;
const PARTS_AT_ONCE = 4;
/** For giving up what was sent, when nobody waits any more. */
const ABORT_TIMEOUT_MS = 10_000;

export async function uploadToS3(upload: Upload): Promise<void> {
  const { source, partBytes } = upload;
  if (source.sizeBytes > partBytes) return uploadByParts(upload);
  await send(upload, { offset: 0, length: source.sizeBytes }, { headers: upload.headers.create });
}

async function uploadByParts(upload: Upload): Promise<void> {
  const id = await initiate(upload);
  const failing = new AbortController();
  const { signal } = upload;
  const all = signal === undefined ? failing.signal : AbortSignal.any([signal, failing.signal]);
  try {
    const tags = await sendParts({ ...upload, signal: all }, id).catch((error: unknown) => {
      failing.abort(error);
      throw error;
    });
    await complete(upload, id, tags);
  } catch (error) {
    failing.abort(error);
    await giveUp(upload, id);
    throw error;
  }
}

async function initiate(upload: Upload): Promise<string> {
  const { client, retries, headers, object, signal } = upload;
  const answer = await retry(
    retries,
    () =>
      client.whole({
        ...requestOf(upload),
        method: 'POST',
        query: [['uploads', '']],
        headers: { ...headers.create, ...headers.access, 'content-length': '0' },
      }),
    signal,
  );
  const id = elementText(new TextDecoder().decode(answer.bytes), 'UploadId');
  if (id !== '') return id;
  const call: BucketCall = { operation: 'upload', name: object };
  const reason = 'the answer to an upload by parts has no UploadId';
  throw bucketError({ kind: 'unavailable', bucket: upload.name, call, reason });
}

/** The tags of all parts, in order. */
async function sendParts(upload: Upload, id: string): Promise<readonly string[]> {
  const { sizeBytes } = upload.source;
  const partBytes = Math.max(upload.partBytes, Math.ceil(sizeBytes / PARTS_MAX));
  const tags: string[] = new Array(Math.ceil(sizeBytes / partBytes)).fill('');
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < tags.length) {
      const part = next++;
      const offset = part * partBytes;
      const piece = { offset, length: Math.min(partBytes, sizeBytes - offset) };
      const query = [
        ['partNumber', String(part + 1)],
        ['uploadId', id],
      ] as const;
      tags[part] = await send(upload, piece, { query });
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARTS_AT_ONCE, tags.length) }, worker));
  return tags;
}

/** The tag of what was sent. */
async function send(
  upload: Upload,
  piece: ByteRange,
  extra: Pick<S3Request, 'query' | 'headers'>,
): Promise<string> {
  const { client, retries, headers, signal } = upload;
  return retry(
    retries,
    async () => {
      const md5 = upload.sendMd5 ? { 'content-md5': await md5Of(upload, piece) } : {};
      const answer = await client.whole({
        ...requestOf(upload),
        method: 'PUT',
        ...extra,
        headers: {
          ...headers.access,
          ...extra.headers,
          ...md5,
          'content-length': String(piece.length),
        },
        ...(piece.length === 0 ? {} : { body: sourceSlices(upload.source, piece) }),
      });
      return answer.headers.etag ?? '';
    },
    signal,
  );
}

async function md5Of(upload: Upload, { offset, length }: ByteRange): Promise<string> {
  const { clock, name, object, source, signal } = upload;
  const call: BucketCall = { operation: 'upload', name: object };
  const pause = pausesOf(clock, { bucket: name, call, signal });
  const hash = createHash('md5');
  for (let at = 0; at < length; at += SLICE_BYTES) {
    hash.update(source.read(offset + at, Math.min(SLICE_BYTES, length - at)));
    await pause();
  }
  return hash.digest('base64');
}

async function complete(upload: Upload, id: string, tags: readonly string[]): Promise<void> {
  const { client, retries, signal, object } = upload;
  const parts = tags.map(
    (tag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${escapeXml(tag)}</ETag></Part>`,
  );
  const xmlns = 'http://s3.amazonaws.com/doc/2006-03-01/';
  const root = 'CompleteMultipartUpload';
  const xml = `<${root} xmlns="${xmlns}">${parts.join('')}</${root}>`;
  const body = new TextEncoder().encode(xml);
  const query = [['uploadId', id]] as const;
  const headers = { 'content-type': 'application/xml', 'content-length': String(body.length) };
  await retry(
    retries,
    async () => {
      const answer = await client.whole({
        ...requestOf(upload),
        method: 'POST',
        query,
        headers,
        body,
      });
      // The head is sent before the work is done: a failure stands in the body of a 200.
      const text = new TextDecoder().decode(answer.bytes);
      if (!/<Error[\s>]/.test(text)) return;
      const call: BucketCall = { operation: 'upload', name: object };
      const reason = `${elementText(text, 'Code')}: ${elementText(text, 'Message')}`;
      throw bucketError({ kind: 'unavailable', bucket: upload.name, call, reason });
    },
    signal,
  );
}

/** Parts that stay cost money. When this fails too, the bucket's life-cycle rule has to remove them. */
async function giveUp(upload: Upload, id: string): Promise<void> {
  const { client, clock } = upload;
  const { signal, clear } = deadlineSignal(clock, ABORT_TIMEOUT_MS);
  const query = [['uploadId', id]] as const;
  try {
    await client.whole({ ...requestOf(upload), method: 'DELETE', query, signal });
  } catch {
    // What failed before is what the caller has to know.
  } finally {
    clear();
  }
}

function requestOf({ object, signal }: Upload): Pick<S3Request, 'call' | 'object' | 'signal'> {
  return { call: { operation: 'upload', name: object }, object, signal };
}

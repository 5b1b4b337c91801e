/**
 * The provider S3, for Amazon's and every server that speaks its API. It sends its requests itself: measured beside
 * @aws-sdk/client-s3 it takes a third of the processor's time for a range or a small upload, and starts at once.
 */
import type { Clock } from '../../base/clock.ts';
import { OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Environment } from '../../transport/choose-proxy.ts';
import { createDispatcher, createHttpClient } from '../../transport/http-client.ts';
import {
  type Bucket,
  type ByteRange,
  type CallOptions,
  directoryPrefix,
  type ListOptions,
  type ObjectAttributes,
  type ObjectEntry,
  type UploadSource,
  uploadSource,
} from '../bucket.ts';
import { type BucketCall, bucketError, checkSignal, isFound } from '../bucket-error.ts';
import type { RetryPolicy } from '../retry.ts';
import { S3Client } from './s3-client.ts';
import type { S3Config } from './s3-config.ts';
import { objectHeaders } from './s3-headers.ts';
import { keySource } from './s3-keys.ts';
import { listParameters, readListPage, secondsOf } from './s3-list.ts';
import { type S3UploadParts, uploadToS3 } from './s3-upload.ts';

export interface S3BucketParts {
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly environment: Environment;
  readonly retries: RetryPolicy;
}

/** That the bucket exists is asked again after that, when an object is missing. */
const BUCKET_SEEN_MS = 60_000;

export function openS3Bucket(config: S3Config, parts: S3BucketParts): Bucket {
  const { files, clock } = parts;
  const name = `S3 ${config.bucket} at ${config.endpoint}`;
  const client = createHttpClient(files);
  const dispatcher = createDispatcher(config.http, files);
  const keys = keySource(config.credentials, { ...parts, client });
  const upload: S3UploadParts = {
    client: new S3Client({ ...parts, config, name, dispatcher, keys }),
    name,
    clock,
    retries: parts.retries,
    headers: objectHeaders(config, files),
    sendMd5: config.sendMd5,
    partBytes: config.multipart ? config.partBytes : Number.POSITIVE_INFINITY,
  };
  const close = async (): Promise<void> => {
    await Promise.all([dispatcher.destroy(), client[Symbol.asyncDispose]()]);
  };
  return new S3Bucket(config, upload, close);
}

class S3Bucket implements Bucket {
  readonly name: string;
  readonly #client: S3Client;
  readonly #config: S3Config;
  readonly #upload: S3UploadParts;
  readonly #close: () => Promise<void>;
  #bucketSeenMs = Number.NEGATIVE_INFINITY;

  constructor(config: S3Config, upload: S3UploadParts, close: () => Promise<void>) {
    this.name = upload.name;
    this.#client = upload.client;
    this.#config = config;
    this.#upload = upload;
    this.#close = close;
  }

  async *list(directory: string, options: ListOptions = {}): AsyncIterable<ObjectEntry> {
    const { recursive = false, signal } = options;
    const call: BucketCall = { operation: 'iter', name: directory };
    const prefix = directoryPrefix(directory);
    const version = this.#config.listVersion;
    let from = '';
    do {
      const list = { prefix, recursive, version, from };
      const query = listParameters(list);
      const { bytes } = await this.#client.whole({ call, method: 'GET', query, signal });
      const page = this.#guard(call, () => readListPage(new TextDecoder().decode(bytes), list));
      yield* page.entries;
      checkSignal(this.name, call, signal);
      from = page.next;
    } while (from !== '');
  }

  async *read(name: string, { signal }: CallOptions = {}): AsyncIterable<Uint8Array> {
    const call: BucketCall = { operation: 'get', name };
    const headers = this.#upload.headers.access;
    const request = { call, method: 'GET', object: name, headers, signal } as const;
    const { body } = await this.#client.streamed(request);
    try {
      yield* body;
    } catch (error) {
      throw this.#client.bodyError(request, error);
    }
  }

  async readRange(name: string, range: ByteRange, options: CallOptions = {}): Promise<Uint8Array> {
    const { offset, length } = range;
    const call: BucketCall = { operation: 'get_range', name };
    const answer = await this.#client.whole({
      call,
      method: 'GET',
      object: name,
      headers: {
        ...this.#upload.headers.access,
        range: `bytes=${offset}-${offset + Math.max(1, length) - 1}`,
      },
      bytesMax: Math.max(length, REFUSAL_BYTES_MAX),
      signal: options.signal,
    });
    if (answer.status === 416) return new Uint8Array();
    if (answer.status === 206 && answer.bytes.length <= Math.max(1, length)) {
      return length === 0 ? new Uint8Array() : answer.bytes;
    }
    if (answer.status === 200 && answer.bytes.length <= length && offset === 0) return answer.bytes;
    const got = `${answer.bytes.length} bytes with status ${answer.status}`;
    const reason = `${length} bytes at ${offset} were asked for, but ${got} came`;
    throw bucketError({ kind: 'internal', bucket: this.name, call, reason });
  }

  async attributes(name: string, { signal }: CallOptions = {}): Promise<ObjectAttributes> {
    return this.#head({ operation: 'attributes', name }, signal);
  }

  async exists(name: string, { signal }: CallOptions = {}): Promise<boolean> {
    return isFound(this.#head({ operation: 'exists', name }, signal));
  }

  async upload(
    name: string,
    content: Uint8Array | UploadSource,
    { signal }: CallOptions = {},
  ): Promise<void> {
    await uploadToS3({ ...this.#upload, object: name, source: uploadSource(content), signal });
  }

  async delete(name: string, { signal }: CallOptions = {}): Promise<void> {
    const call: BucketCall = { operation: 'delete', name };
    await isFound(this.#client.whole({ call, method: 'DELETE', object: name, signal }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  async #head(call: BucketCall, signal: AbortSignal | undefined): Promise<ObjectAttributes> {
    const headers = this.#upload.headers.access;
    const object = call.name;
    try {
      const answer = await this.#client.whole({ call, method: 'HEAD', object, headers, signal });
      this.#bucketSeenMs = this.#upload.clock.monotonicMs();
      const length = answer.headers['content-length'];
      if (length === undefined && call.operation === 'attributes') {
        const reason = 'the answer does not tell its size';
        throw bucketError({ kind: 'internal', bucket: this.name, call, reason });
      }
      return {
        sizeBytes: Number(length),
        modifiedMs: secondsOf(answer.headers['last-modified'] ?? ''),
      };
    } catch (error) {
      const isMissing = error instanceof OperationError && error.kind === 'not-found';
      if (isMissing) await this.#checkBucket(call, signal);
      throw error;
    }
  }

  /** The answer to HEAD has no body that tells whether the object is missing or the whole bucket. */
  async #checkBucket(call: BucketCall, signal: AbortSignal | undefined): Promise<void> {
    const nowMs = this.#upload.clock.monotonicMs();
    if (nowMs - this.#bucketSeenMs < BUCKET_SEEN_MS) return;
    try {
      await this.#client.whole({ call, method: 'HEAD', signal });
    } catch (error) {
      const kind = error instanceof OperationError ? error.kind : 'internal';
      if (kind === 'not-found') {
        const reason = 'the bucket does not exist';
        throw bucketError({ kind: 'unavailable', bucket: this.name, call, reason });
      }
      if (kind !== 'denied') throw error; // keys that may not ask for the bucket are no fault
    }
    this.#bucketSeenMs = nowMs;
  }

  #guard<T>(call: BucketCall, action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      throw bucketError({ kind: error.kind, bucket: this.name, call, reason: error.message });
    }
  }
}

/** Answers that refuse have bodies of their own. */
const REFUSAL_BYTES_MAX = 64 * 1024;

import { type File, type Bucket as GcsHandle, Storage } from '@google-cloud/storage';
import { crc32c } from '@node-rs/crc32';
import type { Clock } from '../../base/clock.ts';
import { OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';
import { compareText } from '../../model/labels.ts';
import { createDispatcher } from '../../transport/http-client.ts';
import {
  type Bucket,
  type ByteRange,
  type CallOptions,
  directoryPrefix,
  type ListOptions,
  type ObjectAttributes,
  type ObjectEntry,
  SLICE_BYTES,
  type UploadSource,
  uploadSource,
} from '../bucket.ts';
import { type BucketCall, bucketError, checkSignal, isFound } from '../bucket-error.ts';
import { pausesOf } from '../pause.ts';
import { type RetryPolicy, retry } from '../retry.ts';
import type { GcsConfig } from './gcs-config.ts';
import { gcsError } from './gcs-failure.ts';
import { type GcsMedia, readGcsObject, readGcsRange, uploadToGcs } from './gcs-media.ts';

export interface GcsBucketParts {
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly retries: RetryPolicy;
  /** Of another server than Google's; undefined for theirs. */
  readonly endpoint: string | undefined;
}

const GOOGLE = 'https://storage.googleapis.com';

export function openGcsBucket(config: GcsConfig, parts: GcsBucketParts): Bucket {
  const { endpoint } = parts;
  const storage = new Storage({
    userAgent: 'tsanos',
    // Attempts are the wrapper's concern, in one way for all providers.
    retryOptions: { autoRetry: false, maxRetries: 0 },
    ...(endpoint === undefined ? {} : { apiEndpoint: endpoint }),
    ...(config.serviceAccount === undefined ? {} : { credentials: config.serviceAccount }),
  });
  const media: GcsMedia = {
    bucket: config.bucket,
    dispatcher: createDispatcher(config.http, parts.files),
    endpoint: endpoint ?? GOOGLE,
    timeoutMs: config.http.headerTimeoutMs,
    // Like the library, no token for another server.
    async headers() {
      if (endpoint !== undefined) return {};
      return Object.fromEntries(await storage.authClient.getRequestHeaders(GOOGLE));
    },
  };
  return new GcsBucket(storage.bucket(config.bucket), parts, media);
}

type Signal = AbortSignal | undefined;

/** Of the answers of the JSON API, what is read here. */
interface ListAnswer {
  readonly prefixes?: readonly string[];
  readonly nextPageToken?: string;
}

class GcsBucket implements Bucket {
  readonly name: string;
  readonly #handle: GcsHandle;
  readonly #clock: Clock;
  readonly #retries: RetryPolicy;
  readonly #media: GcsMedia;

  constructor(handle: GcsHandle, { clock, retries }: GcsBucketParts, media: GcsMedia) {
    this.name = `GCS ${handle.name}`;
    this.#handle = handle;
    this.#clock = clock;
    this.#retries = retries;
    this.#media = media;
  }

  async *list(directory: string, options: ListOptions = {}): AsyncIterable<ObjectEntry> {
    const { recursive = false, signal } = options;
    const call: BucketCall = { operation: 'iter', name: directory };
    const prefix = directoryPrefix(directory);
    const delimiter = recursive ? {} : { delimiter: '/' };
    let from: string | undefined;
    do {
      const page = { prefix, ...delimiter, ...(from === undefined ? {} : { pageToken: from }) };
      const [files, , answer] = await this.#run(call, signal, () =>
        this.#handle.getFiles({ ...page, autoPaginate: false }),
      );
      const { prefixes = [], nextPageToken } = answer as ListAnswer;
      const objects = files.map(({ name, metadata }): ObjectEntry => {
        return { name, ...attributesOf(metadata) };
      });
      const entries = [...objects, ...prefixes.map((name): ObjectEntry => ({ name }))];
      for (const entry of entries.sort((a, b) => compareText(a.name, b.name))) {
        checkSignal(this.name, call, signal);
        if (entry.name !== prefix) yield entry;
      }
      from = nextPageToken;
    } while (from !== undefined && from !== '');
  }

  async *read(name: string, { signal }: CallOptions = {}): AsyncIterable<Uint8Array> {
    const call: BucketCall = { operation: 'get', name };
    const media = { object: name, signal };
    const body = await this.#run(call, signal, () => readGcsObject(this.#media, media));
    try {
      yield* body;
    } catch (error) {
      throw this.#error(call, error, signal);
    }
  }

  async readRange(name: string, range: ByteRange, options: CallOptions = {}): Promise<Uint8Array> {
    const { signal } = options;
    const call: BucketCall = { operation: 'get_range', name };
    if (range.length === 0) return new Uint8Array();
    const media = { object: name, signal };
    return this.#run(call, signal, () => readGcsRange(this.#media, media, range));
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
    const call: BucketCall = { operation: 'upload', name };
    const source = uploadSource(content);
    const checked = { source, crc32c: await this.#checksum(call, source, signal) };
    const send = (): Promise<void> => uploadToGcs(this.#media, { object: name, signal }, checked);
    await retry(this.#retries, () => this.#run(call, signal, send), signal);
  }

  async delete(name: string, { signal }: CallOptions = {}): Promise<void> {
    const call: BucketCall = { operation: 'delete', name };
    await isFound(this.#run(call, signal, () => this.#handle.file(name).delete()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#media.dispatcher.destroy();
  }

  async #head(call: BucketCall, signal: Signal): Promise<ObjectAttributes> {
    const file = this.#handle.file(call.name);
    const [metadata] = await this.#run(call, signal, () => file.getMetadata());
    return attributesOf(metadata);
  }

  /** Big-endian base64, as Google writes it. */
  async #checksum(call: BucketCall, source: UploadSource, signal: Signal): Promise<string> {
    checkSignal(this.name, call, signal);
    const pause = pausesOf(this.#clock, { bucket: this.name, call, signal });
    let crc = 0;
    for (let at = 0; at < source.sizeBytes; at += SLICE_BYTES) {
      const slice = source.read(at, Math.min(SLICE_BYTES, source.sizeBytes - at));
      crc = crc32c(slice, crc);
      await pause();
    }
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc >>> 0);
    return bytes.toString('base64');
  }

  async #run<T>(call: BucketCall, signal: Signal, run: () => Promise<T>): Promise<T> {
    checkSignal(this.name, call, signal);
    try {
      return await unlessAborted(run(), signal);
    } catch (error) {
      throw this.#error(call, error, signal);
    }
  }

  #error(call: BucketCall, error: unknown, signal: Signal): unknown {
    if (error instanceof OperationError) return error;
    if (signal?.aborted === true) {
      return bucketError({ kind: 'canceled', bucket: this.name, call, cause: signal.reason });
    }
    return gcsError(error, this.name, call);
  }
}

/** The library's calls cannot be canceled: the caller stops waiting. */
async function unlessAborted<T>(running: Promise<T>, signal: Signal): Promise<T> {
  if (signal === undefined) return running;
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([running, promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function attributesOf({ size, updated }: File['metadata']): ObjectAttributes {
  return { sizeBytes: Number(size), modifiedMs: Date.parse(String(updated)) };
}

import { pipeline } from 'node:stream/promises';
import { type ApiError, type File, type Bucket as GcsHandle, Storage } from '@google-cloud/storage';
import { crc32c } from '@node-rs/crc32';
import type { Clock } from '../../base/clock.ts';
import { OperationError } from '../../base/errors.ts';
import { compareText } from '../../model/labels.ts';
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
import { type BucketCall, bucketError, checkSignal } from '../bucket-error.ts';
import { pausesOf } from '../pause.ts';
import { type RetryPolicy, retry } from '../retry.ts';
import { sourceSlices } from '../source-slices.ts';
import type { GcsConfig } from './gcs-config.ts';
import { gcsError } from './gcs-failure.ts';

export interface GcsBucketParts {
  readonly clock: Clock;
  readonly retries: RetryPolicy;
  /** Of another server than Google's; undefined for theirs. */
  readonly endpoint: string | undefined;
}

/** Google takes multiples of it. */
const CHUNK_UNIT_BYTES = 256 * 1024;

export function openGcsBucket(config: GcsConfig, parts: GcsBucketParts): Bucket {
  const storage = new Storage({
    userAgent: 'tsanos',
    // Attempts are the wrapper's concern, in one way for all providers.
    retryOptions: { autoRetry: false, maxRetries: 0 },
    ...(parts.endpoint === undefined ? {} : { apiEndpoint: parts.endpoint }),
    ...(config.serviceAccount === undefined ? {} : { credentials: config.serviceAccount }),
  });
  return new GcsBucket(storage.bucket(config.bucket), config, parts);
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
  readonly #parts: GcsBucketParts;
  /** Infinity: an object goes up with one request. */
  readonly #chunkBytes: number;

  constructor(handle: GcsHandle, config: GcsConfig, parts: GcsBucketParts) {
    this.name = `GCS ${config.bucket}`;
    this.#handle = handle;
    this.#parts = parts;
    const chunks = Math.ceil(config.chunkBytes / CHUNK_UNIT_BYTES);
    this.#chunkBytes = chunks === 0 ? Number.POSITIVE_INFINITY : chunks * CHUNK_UNIT_BYTES;
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
    checkSignal(this.name, call, signal);
    yield* this.#download(call, {}, signal);
  }

  async readRange(name: string, range: ByteRange, options: CallOptions = {}): Promise<Uint8Array> {
    const call: BucketCall = { operation: 'get_range', name };
    checkSignal(this.name, call, options.signal);
    const { offset, length } = range;
    const bounds = { start: offset, end: offset + Math.max(1, length) - 1 };
    try {
      const pieces = await Array.fromAsync(this.#download(call, bounds, options.signal));
      return length === 0 ? new Uint8Array() : new Uint8Array(Buffer.concat(pieces));
    } catch (error) {
      if (codeOf(error) === 416) return new Uint8Array();
      throw error;
    }
  }

  async attributes(name: string, { signal }: CallOptions = {}): Promise<ObjectAttributes> {
    return this.#head({ operation: 'attributes', name }, signal);
  }

  async exists(name: string, { signal }: CallOptions = {}): Promise<boolean> {
    try {
      await this.#head({ operation: 'exists', name }, signal);
      return true;
    } catch (error) {
      if (error instanceof OperationError && error.kind === 'not-found') return false;
      throw error;
    }
  }

  async upload(
    name: string,
    content: Uint8Array | UploadSource,
    { signal }: CallOptions = {},
  ): Promise<void> {
    const call: BucketCall = { operation: 'upload', name };
    const source = uploadSource(content);
    const metadata = { crc32c: await this.#checksum(call, source, signal) };
    const file = this.#handle.file(name);
    const isLarge = source.sizeBytes > this.#chunkBytes;
    const send = (): Promise<void> => {
      const target = file.createWriteStream({
        resumable: isLarge,
        ...(isLarge ? { chunkSize: this.#chunkBytes } : {}),
        contentType: 'application/octet-stream',
        metadata,
        // The server compares the checksum: what differs never becomes an object.
        validation: false,
      });
      const slices = sourceSlices(source, { offset: 0, length: source.sizeBytes });
      return pipeline(slices, target, signal === undefined ? {} : { signal });
    };
    await retry(this.#parts.retries, () => this.#run(call, signal, send), signal);
  }

  async delete(name: string, { signal }: CallOptions = {}): Promise<void> {
    const call: BucketCall = { operation: 'delete', name };
    try {
      await this.#run(call, signal, () => this.#handle.file(name).delete());
    } catch (error) {
      if (!(error instanceof OperationError) || error.kind !== 'not-found') throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #head(call: BucketCall, signal: Signal): Promise<ObjectAttributes> {
    const file = this.#handle.file(call.name);
    const [metadata] = await this.#run(call, signal, () => file.getMetadata());
    return attributesOf(metadata);
  }

  async *#download(
    call: BucketCall,
    bounds: { readonly start?: number; readonly end?: number },
    signal: Signal,
  ): AsyncGenerator<Uint8Array> {
    const file = this.#handle.file(call.name);
    const body = file.createReadStream({ ...bounds, validation: false, decompress: false });
    const cancel = (): void => void body.destroy(new Error('canceled'));
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      for await (const piece of body as AsyncIterable<Buffer>) {
        checkSignal(this.name, call, signal);
        yield piece;
      }
    } catch (error) {
      throw this.#error(call, error, signal);
    } finally {
      signal?.removeEventListener('abort', cancel);
      body.destroy();
    }
  }

  /** Big-endian base64, as Google writes it. */
  async #checksum(call: BucketCall, source: UploadSource, signal: Signal): Promise<string> {
    checkSignal(this.name, call, signal);
    const pause = pausesOf(this.#parts.clock, { bucket: this.name, call, signal });
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

function codeOf(error: unknown): number | undefined {
  const cause = error instanceof OperationError ? error.cause : error;
  return (cause as ApiError | undefined)?.code;
}

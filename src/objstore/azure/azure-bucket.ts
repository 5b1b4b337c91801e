/** The provider AZURE: Azure Blob Storage by its own library, which is loaded with this file. */
import { Readable } from 'node:stream';
import {
  BlobServiceClient,
  type ContainerClient,
  type ContainerListBlobFlatSegmentResponse,
  type ContainerListBlobHierarchySegmentResponse,
  type RestError,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import type { Clock } from '../../base/clock.ts';
import { OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';
import { compareText } from '../../model/labels.ts';
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
import { type RetryPolicy, retry } from '../retry.ts';
import { sourceSlices } from '../source-slices.ts';
import type { AzureConfig } from './azure-config.ts';
import { azureError, refusalCode } from './azure-failure.ts';
import { tokenSource } from './azure-token.ts';
import { azureHttpClient } from './azure-transport.ts';

export interface AzureBucketParts {
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly environment: Environment;
  readonly retries: RetryPolicy;
}

/** A larger object goes up in blocks of this size, or larger ones where there would be too many. */
const BLOCK_BYTES = 8 * 1024 * 1024;
const BLOCKS_MAX = 50_000;
const BLOCKS_AT_ONCE = 4;

export function openAzureBucket(config: AzureConfig, parts: AzureBucketParts): Bucket {
  const client = createHttpClient(parts.files);
  const dispatcher = createDispatcher(config.http, parts.files);
  const options = {
    httpClient: azureHttpClient(dispatcher, config.http.headerTimeoutMs),
    userAgentOptions: { userAgentPrefix: 'tsanos' },
    // Attempts are the wrapper's concern, in one way for all providers.
    retryOptions: {
      maxTries: 1,
      ...(config.tryTimeoutMs === 0 ? {} : { tryTimeoutInMs: config.tryTimeoutMs }),
    },
  };
  const close = async (): Promise<void> => {
    await Promise.all([dispatcher.destroy(), client[Symbol.asyncDispose]()]);
  };
  const service = serviceClient(config, { ...parts, client }, options);
  const container = service.getContainerClient(config.container);
  return new AzureBucket(config, { container, retries: parts.retries, close });
}

type ServiceOptions = Parameters<typeof BlobServiceClient.fromConnectionString>[1];

function serviceClient(
  { credentials, account, endpoint }: AzureConfig,
  parts: Parameters<typeof tokenSource>[1],
  options: ServiceOptions,
): BlobServiceClient {
  if (credentials.kind === 'connection-string') {
    try {
      return BlobServiceClient.fromConnectionString(credentials.text, options);
    } catch {
      throw new OperationError('bad-data', 'storage_connection_string is none: it has no account');
    }
  }
  const url = `https://${account}.${endpoint}`;
  if (credentials.kind === 'key') {
    const key = new StorageSharedKeyCredential(account, credentials.key);
    return new BlobServiceClient(url, key, options);
  }
  return new BlobServiceClient(url, tokenSource(credentials, parts), options);
}

interface AzureParts {
  readonly container: ContainerClient;
  readonly retries: RetryPolicy;
  readonly close: () => Promise<void>;
}

type Signal = AbortSignal | undefined;
type Page = ContainerListBlobFlatSegmentResponse | ContainerListBlobHierarchySegmentResponse;

class AzureBucket implements Bucket {
  readonly name: string;
  readonly #container: ContainerClient;
  readonly #retries: RetryPolicy;
  readonly #close: () => Promise<void>;
  /** The container may be made: it is configured so, and never was there. */
  #mayCreate: boolean;

  constructor(config: AzureConfig, { container, retries, close }: AzureParts) {
    this.name = `AZURE ${config.container} of ${config.account}`;
    this.#container = container;
    this.#retries = retries;
    this.#close = close;
    this.#mayCreate = config.createContainer;
  }

  async *list(directory: string, options: ListOptions = {}): AsyncIterable<ObjectEntry> {
    const { recursive = false, signal } = options;
    const call: BucketCall = { operation: 'iter', name: directory };
    const prefix = directoryPrefix(directory);
    const all = { prefix, ...signalOf(signal) };
    for (let from: string | undefined, isOver = false; !isOver; isOver = !from) {
      const settings = from === undefined ? {} : { continuationToken: from };
      const page = await this.#run(call, signal, async (): Promise<Page> => {
        const pages = recursive
          ? this.#container.listBlobsFlat(all).byPage(settings)
          : this.#container.listBlobsByHierarchy('/', all).byPage(settings);
        return (await pages.next()).value;
      });
      const objects = page.segment.blobItems.map(
        ({ name, properties }): ObjectEntry => ({
          name,
          sizeBytes: properties.contentLength ?? 0,
          modifiedMs: properties.lastModified.getTime(),
        }),
      );
      const prefixes = 'blobPrefixes' in page.segment ? (page.segment.blobPrefixes ?? []) : [];
      const entries = [...objects, ...prefixes.map(({ name }): ObjectEntry => ({ name }))];
      for (const entry of entries.sort((a, b) => compareText(a.name, b.name))) {
        checkSignal(this.name, call, signal);
        if (entry.name !== prefix) yield entry;
      }
      from = page.continuationToken;
    }
  }

  async *read(name: string, { signal }: CallOptions = {}): AsyncIterable<Uint8Array> {
    const call: BucketCall = { operation: 'get', name };
    const body = await this.#download(call, undefined, signal);
    try {
      yield* body;
    } catch (error) {
      throw this.#bodyError(call, error, signal);
    }
  }

  async readRange(name: string, range: ByteRange, options: CallOptions = {}): Promise<Uint8Array> {
    const call: BucketCall = { operation: 'get_range', name };
    const { signal } = options;
    try {
      const body = await this.#download(call, range, signal);
      const pieces = await Array.fromAsync(body);
      const bytes = new Uint8Array(Buffer.concat(pieces));
      return range.length === 0 ? new Uint8Array() : bytes;
    } catch (error) {
      if (statusOf(error) === 416) return new Uint8Array();
      throw this.#bodyError(call, error, signal);
    }
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
    if (source.sizeBytes > BLOCK_BYTES) return this.#uploadBlocks(call, source, signal);
    const blob = this.#container.getBlockBlobClient(name);
    const whole = { offset: 0, length: source.sizeBytes };
    await this.#retried(call, signal, (own) =>
      blob.upload(() => bodyOf(source, whole), source.sizeBytes, signalOf(own)),
    );
  }

  async delete(name: string, { signal }: CallOptions = {}): Promise<void> {
    const call: BucketCall = { operation: 'delete', name };
    const options = { ...signalOf(signal), deleteSnapshots: 'include' } as const;
    const blob = this.#container.getBlobClient(name);
    await isFound(this.#run(call, signal, () => blob.delete(options)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  async #head(call: BucketCall, signal: Signal): Promise<ObjectAttributes> {
    const blob = this.#container.getBlobClient(call.name);
    const properties = await this.#run(call, signal, () => blob.getProperties(signalOf(signal)));
    return {
      sizeBytes: properties.contentLength ?? 0,
      modifiedMs: properties.lastModified?.getTime() ?? 0,
    };
  }

  async #download(
    call: BucketCall,
    range: ByteRange | undefined,
    signal: Signal,
  ): Promise<AsyncIterable<Uint8Array>> {
    const blob = this.#container.getBlobClient(call.name);
    const { offset, length } = range ?? { offset: 0, length: undefined };
    const count = length === undefined ? undefined : Math.max(1, length);
    const options = { ...signalOf(signal), maxRetryRequests: 0 };
    const answer = await this.#run(call, signal, () => blob.download(offset, count, options));
    return (answer.readableStreamBody ?? Readable.from([])) as AsyncIterable<Buffer>;
  }

  /** Blocks that are never put together go away after a week. */
  async #uploadBlocks(call: BucketCall, source: UploadSource, signal: Signal): Promise<void> {
    const blob = this.#container.getBlockBlobClient(call.name);
    const blockBytes = Math.max(BLOCK_BYTES, Math.ceil(source.sizeBytes / BLOCKS_MAX));
    const count = Math.ceil(source.sizeBytes / blockBytes);
    const ids = Array.from({ length: count }, (_, i) =>
      Buffer.from(String(i).padStart(8, '0')).toString('base64'),
    );
    const failing = new AbortController();
    const all = signal === undefined ? failing.signal : AbortSignal.any([signal, failing.signal]);
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < count) {
        const block = next++;
        const offset = block * blockBytes;
        const length = Math.min(blockBytes, source.sizeBytes - offset);
        const body = (): Readable => bodyOf(source, { offset, length });
        await this.#retried(call, all, (own) =>
          blob.stageBlock(ids[block], body, length, signalOf(own)),
        );
      }
    };
    try {
      await Promise.all(Array.from({ length: Math.min(BLOCKS_AT_ONCE, count) }, worker));
    } catch (error) {
      failing.abort(error);
      throw error;
    }
    await this.#retried(call, signal, (own) => blob.commitBlockList(ids, signalOf(own)));
  }

  #retried<T>(call: BucketCall, signal: Signal, run: (own: Signal) => Promise<T>): Promise<T> {
    return retry(this.#retries, () => this.#run(call, signal, () => run(signal)), signal);
  }

  async #run<T>(call: BucketCall, signal: Signal, run: () => Promise<T>): Promise<T> {
    checkSignal(this.name, call, signal);
    try {
      const result = await run();
      this.#mayCreate = false;
      return result;
    } catch (error) {
      if (this.#mayCreate && refusalCode(error) === 'ContainerNotFound') {
        this.#mayCreate = false;
        await this.#run(call, signal, () => this.#container.createIfNotExists(signalOf(signal)));
        return this.#run(call, signal, run);
      }
      throw this.#error(call, error, signal);
    }
  }

  #error(call: BucketCall, error: unknown, signal: Signal): unknown {
    if (error instanceof OperationError) return error;
    checkSignal(this.name, call, signal);
    return azureError(error, this.name, call);
  }

  #bodyError(call: BucketCall, error: unknown, signal: Signal): unknown {
    if (error instanceof OperationError) return error;
    checkSignal(this.name, call, signal);
    const reason = 'the connection was lost';
    return bucketError({ kind: 'unavailable', bucket: this.name, call, reason, cause: error });
  }
}

function bodyOf(source: UploadSource, range: ByteRange): Readable {
  return Readable.from(sourceSlices(source, range), { objectMode: false });
}

function signalOf(signal: Signal): { readonly abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

function statusOf(error: unknown): number | undefined {
  const cause = error instanceof OperationError ? error.cause : error;
  return (cause as RestError | undefined)?.statusCode;
}

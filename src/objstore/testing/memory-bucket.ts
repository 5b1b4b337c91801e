/** A bucket in memory that can be told to fail, to be slow, to cut bodies and to list late. */
import type { OperationError } from '../../base/errors.ts';
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

interface StoredObject {
  readonly bytes: Uint8Array;
  readonly modifiedMs: number;
}

export class MemoryBucket implements Bucket {
  readonly name: string;
  /** Called, and waited for, before every operation: what it throws is thrown, what it awaits delays. */
  onCall: (call: BucketCall, signal?: AbortSignal) => Promise<void> | void = () => undefined;
  /** Bodies break off, as a lost connection does, after this many bytes. */
  bodyBytesMax: number = Number.POSITIVE_INFINITY;
  /** Every operation so far, the failed ones too. */
  readonly calls: BucketCall[] = [];
  readonly #nowMs: () => number;
  readonly #objects = new Map<string, StoredObject>();
  #listed: ReadonlyMap<string, StoredObject> | undefined;

  constructor(name = 'MEMORY test', nowMs: () => number = () => 0) {
    this.name = name;
    this.#nowMs = nowMs;
  }

  /** For tests that look behind the contract. */
  get objects(): ReadonlyMap<string, StoredObject> {
    return this.#objects;
  }

  /** Lists show what there is now, however it changes, until they are thawed. */
  freezeLists(): void {
    this.#listed = new Map(this.#objects);
  }

  thawLists(): void {
    this.#listed = undefined;
  }

  async *list(directory: string, options: ListOptions = {}): AsyncIterable<ObjectEntry> {
    const { recursive = false, signal } = options;
    const call: BucketCall = { operation: 'iter', name: directory };
    await this.#begin(call, signal);
    const prefix = directoryPrefix(directory);
    const source = this.#listed ?? this.#objects;
    const names = [...source.keys()].filter((name) => name.startsWith(prefix) && name !== prefix);
    let former = '';
    for (const name of names.sort(compareText)) {
      checkSignal(this.name, call, signal);
      const slash = recursive ? -1 : name.indexOf('/', prefix.length);
      const shown = slash < 0 ? name : name.slice(0, slash + 1);
      if (shown === former) continue;
      former = shown;
      const object = source.get(shown);
      if (object === undefined || shown.endsWith('/')) yield { name: shown };
      else {
        const sizeBytes = object.bytes.length;
        yield { name: shown, sizeBytes, modifiedMs: object.modifiedMs };
      }
    }
  }

  async *read(name: string, { signal }: CallOptions = {}): AsyncIterable<Uint8Array> {
    const call: BucketCall = { operation: 'get', name };
    await this.#begin(call, signal);
    const { bytes } = this.#object(call);
    const end = Math.min(bytes.length, this.bodyBytesMax);
    for (let at = 0; at < end; at += SLICE_BYTES) {
      checkSignal(this.name, call, signal);
      yield bytes.slice(at, Math.min(end, at + SLICE_BYTES));
    }
    if (end < bytes.length) throw this.#cut(call, end, bytes.length);
  }

  async readRange(name: string, range: ByteRange, options: CallOptions = {}): Promise<Uint8Array> {
    const call: BucketCall = { operation: 'get_range', name };
    await this.#begin(call, options.signal);
    const { bytes } = this.#object(call);
    const piece = bytes.slice(range.offset, range.offset + range.length);
    if (piece.length > this.bodyBytesMax) throw this.#cut(call, this.bodyBytesMax, piece.length);
    return piece;
  }

  async attributes(name: string, { signal }: CallOptions = {}): Promise<ObjectAttributes> {
    const call: BucketCall = { operation: 'attributes', name };
    await this.#begin(call, signal);
    const { bytes, modifiedMs } = this.#object(call);
    return { sizeBytes: bytes.length, modifiedMs };
  }

  async exists(name: string, { signal }: CallOptions = {}): Promise<boolean> {
    await this.#begin({ operation: 'exists', name }, signal);
    return this.#objects.has(name);
  }

  async upload(
    name: string,
    content: Uint8Array | UploadSource,
    { signal }: CallOptions = {},
  ): Promise<void> {
    const call: BucketCall = { operation: 'upload', name };
    await this.#begin(call, signal);
    const source = uploadSource(content);
    const bytes = new Uint8Array(source.sizeBytes);
    for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
      bytes.set(source.read(at, Math.min(SLICE_BYTES, bytes.length - at)), at);
      await Promise.resolve();
      checkSignal(this.name, call, signal);
    }
    this.#objects.set(name, { bytes, modifiedMs: this.#nowMs() });
  }

  async delete(name: string, { signal }: CallOptions = {}): Promise<void> {
    await this.#begin({ operation: 'delete', name }, signal);
    this.#objects.delete(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #begin(call: BucketCall, signal: AbortSignal | undefined): Promise<void> {
    this.calls.push(call);
    checkSignal(this.name, call, signal);
    await this.onCall(call, signal);
    checkSignal(this.name, call, signal);
  }

  #object(call: BucketCall): StoredObject {
    const object = this.#objects.get(call.name);
    if (object === undefined) throw bucketError({ kind: 'not-found', bucket: this.name, call });
    return object;
  }

  #cut(call: BucketCall, got: number, want: number): OperationError {
    const reason = `the connection was lost after ${got} of ${want} bytes`;
    return bucketError({ kind: 'unavailable', bucket: this.name, call, reason });
  }
}

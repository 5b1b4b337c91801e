/**
 * The provider FILESYSTEM: objects are files below a directory, as Thanos keeps them. Files are read and written in
 * slices with pauses between, so that a large object never holds the thread for long. Uploads are written aside, in
 * a directory that is not listed, then renamed.
 */
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { FileStat, FileSystem } from '../base/file-system.ts';
import type { Random } from '../base/random.ts';
import { compareText } from '../model/labels.ts';
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
} from './bucket.ts';
import { type BucketCall, bucketError, checkSignal } from './bucket-error.ts';
import { type Pause, pausesOf } from './pause.ts';

export interface FilesystemBucketParts {
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
  /** Absolute; made if it is absent. */
  readonly directory: string;
}

/** Where uploads are written until they are whole. */
const DRAFTS = '.uploads';
/** A draft this old is what a dead process has left. */
const DRAFT_AGE_MAX_MS = 24 * 3600 * 1000;
/** Written between two fsyncs: many small ones instead of one that blocks for seconds. */
const SYNC_BYTES = 8 * 1024 * 1024;
/** How often another process may prune a directory just before an upload is renamed into it. */
const RENAME_TRIES = 10;

/** Throws OperationError 'unavailable' if the directory cannot be made. */
export function openFilesystemBucket(parts: FilesystemBucketParts): Bucket {
  const { files, clock, directory } = parts;
  if (files.stat(directory) === undefined) {
    files.makeDirectory(directory);
    files.syncDirectory(directoryOf(directory) || '/');
  }
  const drafts = `${directory}/${DRAFTS}`;
  const isThere = files.stat(drafts)?.isDirectory === true;
  for (const draft of isThere ? files.list(drafts) : []) {
    const path = `${drafts}/${draft}`;
    const modifiedMs = files.stat(path)?.modifiedMs ?? clock.nowMs();
    if (clock.nowMs() - modifiedMs > DRAFT_AGE_MAX_MS) files.remove(path);
  }
  return new FilesystemBucket(parts);
}

interface Listing {
  readonly call: BucketCall;
  readonly pause: Pause;
  readonly recursive: boolean;
}

class FilesystemBucket implements Bucket {
  readonly name: string;
  readonly #parts: FilesystemBucketParts;

  constructor(parts: FilesystemBucketParts) {
    this.name = `FILESYSTEM ${parts.directory}`;
    this.#parts = parts;
  }

  async *list(directory: string, options: ListOptions = {}): AsyncIterable<ObjectEntry> {
    const { recursive = false, signal } = options;
    const call: BucketCall = { operation: 'iter', name: directory };
    checkSignal(this.name, call, signal);
    const prefix = directoryPrefix(directory);
    if (prefix !== '') this.#path({ ...call, name: prefix.slice(0, -1) });
    this.#checkRoot(call);
    yield* this.#entries(prefix, { call, recursive, pause: this.#pauses(call, signal) });
  }

  async *read(name: string, { signal }: CallOptions = {}): AsyncIterable<Uint8Array> {
    const call: BucketCall = { operation: 'get', name };
    checkSignal(this.name, call, signal);
    const { path, sizeBytes } = this.#object(call);
    using file = this.#guard(call, () => this.#parts.files.open(path));
    const pause = this.#pauses(call, signal);
    for (let at = 0; at < sizeBytes; at += SLICE_BYTES) {
      const slice = new Uint8Array(Math.min(SLICE_BYTES, sizeBytes - at));
      this.#guard(call, () => file.read(slice, at));
      yield slice;
      await pause();
    }
  }

  async readRange(name: string, range: ByteRange, options: CallOptions = {}): Promise<Uint8Array> {
    const call: BucketCall = { operation: 'get_range', name };
    checkSignal(this.name, call, options.signal);
    const { path, sizeBytes } = this.#object(call);
    using file = this.#guard(call, () => this.#parts.files.open(path));
    const length = Math.max(0, Math.min(range.length, sizeBytes - range.offset));
    const bytes = new Uint8Array(length);
    const pause = this.#pauses(call, options.signal);
    for (let at = 0; at < length; at += SLICE_BYTES) {
      const slice = bytes.subarray(at, at + SLICE_BYTES);
      this.#guard(call, () => file.read(slice, range.offset + at));
      await pause();
    }
    return bytes;
  }

  async attributes(name: string, { signal }: CallOptions = {}): Promise<ObjectAttributes> {
    const call: BucketCall = { operation: 'attributes', name };
    checkSignal(this.name, call, signal);
    const { sizeBytes, modifiedMs } = this.#object(call);
    return { sizeBytes, modifiedMs };
  }

  async exists(name: string, { signal }: CallOptions = {}): Promise<boolean> {
    const call: BucketCall = { operation: 'exists', name };
    checkSignal(this.name, call, signal);
    const path = this.#path(call);
    const stat = this.#guard(call, () => this.#parts.files.stat(path));
    if (stat === undefined) this.#checkRoot(call);
    return stat?.isDirectory === false;
  }

  async upload(
    name: string,
    content: Uint8Array | UploadSource,
    { signal }: CallOptions = {},
  ): Promise<void> {
    const call: BucketCall = { operation: 'upload', name };
    checkSignal(this.name, call, signal);
    const { files, random, directory } = this.#parts;
    const path = this.#path(call);
    this.#checkRoot(call);
    const drafts = `${directory}/${DRAFTS}`;
    const draft = `${drafts}/${Buffer.from(random.bytes(12)).toString('hex')}`;
    this.#guard(call, () => files.makeDirectory(drafts));
    try {
      await this.#write(draft, uploadSource(content), { call, pause: this.#pauses(call, signal) });
      this.#guard(call, () => this.#moveInto(draft, path));
    } catch (error) {
      files.remove(draft);
      throw error;
    }
  }

  async delete(name: string, { signal }: CallOptions = {}): Promise<void> {
    const call: BucketCall = { operation: 'delete', name };
    checkSignal(this.name, call, signal);
    const path = this.#path(call);
    this.#checkRoot(call);
    if (this.#guard(call, () => this.#parts.files.stat(path))?.isDirectory !== false) return;
    this.#guard(call, () => {
      this.#parts.files.remove(path);
      let parent = directoryOf(path);
      while (parent !== this.#parts.directory && this.#parts.files.removeEmptyDirectory(parent)) {
        parent = directoryOf(parent);
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async *#entries(prefix: string, listing: Listing): AsyncIterable<ObjectEntry> {
    for (const [name, stat] of await this.#sorted(prefix, listing)) {
      await listing.pause();
      if (!stat.isDirectory) {
        yield { name, sizeBytes: stat.sizeBytes, modifiedMs: stat.modifiedMs };
      } else if (listing.recursive) yield* this.#entries(name, listing);
      else if (await this.#hasObject(name, listing)) yield { name };
    }
  }

  /** What is in a directory, in the order of objects: "a-b" comes before "a/b". */
  async #sorted(
    prefix: string,
    { call, pause }: Listing,
  ): Promise<readonly (readonly [string, FileStat])[]> {
    const found: (readonly [string, FileStat])[] = [];
    for (const name of this.#names(prefix, call)) {
      await pause();
      const path = `${this.#parts.directory}/${prefix}${name}`;
      const stat = this.#guard(call, () => this.#parts.files.stat(path));
      if (stat === undefined || (prefix === '' && name === DRAFTS)) continue;
      found.push([`${prefix}${name}${stat.isDirectory ? '/' : ''}`, stat]);
    }
    return found.sort(([a], [b]) => compareText(a, b));
  }

  #names(prefix: string, call: BucketCall): readonly string[] {
    try {
      return this.#parts.files.list(`${this.#parts.directory}/${prefix}`.replace(/\/$/, ''));
    } catch (error) {
      if (error instanceof OperationError && error.kind === 'not-found') return [];
      throw this.#error(call, error);
    }
  }

  async #hasObject(prefix: string, listing: Listing): Promise<boolean> {
    for await (const _ of this.#entries(prefix, { ...listing, recursive: true })) return true;
    return false;
  }

  #pauses(call: BucketCall, signal: AbortSignal | undefined): Pause {
    return pausesOf(this.#parts.clock, { bucket: this.name, call, signal });
  }

  async #write(
    draft: string,
    source: UploadSource,
    { call, pause }: { readonly call: BucketCall; readonly pause: Pause },
  ): Promise<void> {
    using file = this.#guard(call, () => this.#parts.files.openToWrite(draft));
    for (let at = 0, synced = 0; at < source.sizeBytes; at += SLICE_BYTES) {
      const slice = source.read(at, Math.min(SLICE_BYTES, source.sizeBytes - at));
      this.#guard(call, () => {
        file.write(slice);
        if (file.sizeBytes - synced >= SYNC_BYTES) {
          file.sync();
          synced = file.sizeBytes;
        }
      });
      await pause();
    }
    this.#guard(call, () => file.sync());
  }

  #moveInto(draft: string, path: string): void {
    const { files } = this.#parts;
    if (files.stat(path)?.isDirectory === true) {
      throw new OperationError('bad-data', `${path} is a directory`);
    }
    for (let tries = 1; ; tries++) {
      const made = this.#makeParents(path);
      try {
        files.rename(draft, path);
        for (const directory of made) files.syncDirectory(directory);
        return;
      } catch (error) {
        const isPruned = error instanceof OperationError && error.kind === 'not-found';
        if (!isPruned || tries === RENAME_TRIES) throw error;
      }
    }
  }

  /** Gives the directories to sync: the object's own, and upwards while they were made for it. */
  #makeParents(path: string): readonly string[] {
    const { files, directory } = this.#parts;
    const parents = [directoryOf(path)];
    let [top] = parents;
    for (; top !== directory && files.stat(top) === undefined; parents.push(top)) {
      top = directoryOf(top);
    }
    if (files.stat(top)?.isDirectory === false) {
      throw new OperationError('bad-data', `${top} is an object, so nothing can be below it`);
    }
    files.makeDirectory(parents[0]);
    return parents;
  }

  #object(call: BucketCall): FileStat & { readonly path: string } {
    const path = this.#path(call);
    const stat = this.#guard(call, () => this.#parts.files.stat(path));
    if (stat?.isDirectory === false) return { ...stat, path };
    this.#checkRoot(call);
    throw bucketError({ kind: 'not-found', bucket: this.name, call });
  }

  /** An empty answer from a disk that is not mounted would look as if every object were gone. */
  #checkRoot(call: BucketCall): void {
    const { files, directory } = this.#parts;
    if (files.stat(directory)?.isDirectory === true) return;
    const reason = `the directory ${directory} is gone; is its disk mounted?`;
    throw bucketError({ kind: 'unavailable', bucket: this.name, call, reason });
  }

  #path(call: BucketCall): string {
    const parts = call.name.split('/');
    const isPath = parts.every((part) => part !== '' && part !== '.' && part !== '..');
    if (isPath && parts[0] !== DRAFTS && !call.name.includes('\0')) {
      return `${this.#parts.directory}/${call.name}`;
    }
    const reason = 'a file cannot have this name';
    throw bucketError({ kind: 'bad-data', bucket: this.name, call, reason });
  }

  #guard<T>(call: BucketCall, action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw this.#error(call, error);
    }
  }

  #error(call: BucketCall, error: unknown): unknown {
    if (!(error instanceof OperationError)) return error;
    const code = codeOf(error.cause);
    const isDenied = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
    const kind = isDenied ? 'denied' : error.kind;
    return bucketError({ kind, bucket: this.name, call, cause: error });
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as { readonly code?: string } | undefined)?.code;
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

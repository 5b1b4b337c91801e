/**
 * Object storage as everything else sees it: objects by name in one bucket, below one prefix. Providers and wrappers
 * implement this one contract; testing/acceptance.ts is what each of them has to pass.
 *
 * Every call throws OperationError, with the provider, bucket, operation and object in its text:
 * 'not-found' (no such object), 'denied' (credentials or rights), 'unavailable' (away, busy or without its bucket;
 * trying again may help), 'canceled' (by the caller's signal), 'bad-data' (a name that the provider cannot hold),
 * else 'internal'.
 */

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface ListOptions extends CallOptions {
  /** All objects below the directory, at any depth, instead of its own entries. */
  readonly recursive?: boolean;
}

export interface ObjectEntry {
  /** From the bucket's root: `01J…/meta.json`; a directory ends in '/'. */
  readonly name: string;
  /** Of objects, where the provider tells it. */
  readonly sizeBytes?: number;
  readonly modifiedMs?: number;
}

export interface ObjectAttributes {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Content that can be read more than once, since an upload may have to be tried again. */
export interface UploadSource {
  readonly sizeBytes: number;
  /** Exactly these bytes, asked for in slices of at most `SLICE_BYTES`; they stay valid until the upload has ended. */
  read(offset: number, length: number): Uint8Array;
}

/** What is read from a file or written to it without a pause. */
export const SLICE_BYTES: number = 1024 * 1024;

export interface Bucket extends AsyncDisposable {
  /** For messages and the label `bucket` of metrics. */
  readonly name: string;
  /**
   * Entries below a directory ('' is the root; its '/' at the end may be left out) in ascending order of their names'
   * UTF-8 bytes, each once: objects and, unless it is recursive, directories. A directory is there as long as
   * an object is below it; one without any is empty.
   */
  list(directory: string, options?: ListOptions): AsyncIterable<ObjectEntry>;
  /** A whole object, as it arrives. Throws 'unavailable' rather than end early. */
  read(name: string, options?: CallOptions): AsyncIterable<Uint8Array>;
  /** The bytes of the range, fewer only where the object ends, in memory of their own: they may be transferred. */
  readRange(name: string, range: ByteRange, options?: CallOptions): Promise<Uint8Array>;
  attributes(name: string, options?: CallOptions): Promise<ObjectAttributes>;
  /** False only if the bucket answers and the object is not there. Directories do not count. */
  exists(name: string, options?: CallOptions): Promise<boolean>;
  /** Readers see the old object or the whole new one, also when the upload fails or is canceled. */
  upload(name: string, content: Uint8Array | UploadSource, options?: CallOptions): Promise<void>;
  /** The object is gone afterwards; nothing happens when there was none. */
  delete(name: string, options?: CallOptions): Promise<void>;
}

export type BucketOperation =
  | 'iter'
  | 'get'
  | 'get_range'
  | 'attributes'
  | 'exists'
  | 'upload'
  | 'delete';

/** A directory's name with the '/' that all names below it begin with; '' for the root. */
export function directoryPrefix(directory: string): string {
  return directory === '' || directory.endsWith('/') ? directory : `${directory}/`;
}

export function uploadSource(content: Uint8Array | UploadSource): UploadSource {
  if (!(content instanceof Uint8Array)) return content;
  return {
    sizeBytes: content.length,
    read: (offset, length) => content.subarray(offset, offset + length),
  };
}

/** A whole object at once: for small ones, such as meta.json. */
export async function readObject(
  bucket: Bucket,
  name: string,
  options: CallOptions = {},
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bucket.read(name, options)) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}

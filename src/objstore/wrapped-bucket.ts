/** A bucket whose every call goes through something: a gate, a clock, another attempt. */
import type { Bucket } from './bucket.ts';
import type { BucketCall } from './bucket-error.ts';

export interface CallWrapper {
  /** Calls that answer once. They may be made again with another signal. */
  once<T>(call: WrappedCall, run: (signal?: AbortSignal) => Promise<T>): Promise<T>;
  /** Lists and whole objects. They may be begun again. */
  stream<T>(call: WrappedCall, begin: () => AsyncIterable<T>): AsyncIterable<T>;
}

export interface WrappedCall extends BucketCall {
  readonly signal: AbortSignal | undefined;
  /** What is to be moved, where that is known before: of a range or an upload. */
  readonly sizeBytes?: number;
}

export function wrappedBucket(bucket: Bucket, wrapper: CallWrapper): Bucket {
  return {
    name: bucket.name,
    list: (name, options = {}) =>
      wrapper.stream({ operation: 'iter', name, signal: options.signal }, () =>
        bucket.list(name, options),
      ),
    read: (name, options = {}) =>
      wrapper.stream({ operation: 'get', name, signal: options.signal }, () =>
        bucket.read(name, options),
      ),
    readRange: (name, range, { signal } = {}) =>
      wrapper.once({ operation: 'get_range', name, signal, sizeBytes: range.length }, (own) =>
        bucket.readRange(name, range, withSignal(own)),
      ),
    attributes: (name, { signal } = {}) =>
      wrapper.once({ operation: 'attributes', name, signal }, (own) =>
        bucket.attributes(name, withSignal(own)),
      ),
    exists: (name, { signal } = {}) =>
      wrapper.once({ operation: 'exists', name, signal }, (own) =>
        bucket.exists(name, withSignal(own)),
      ),
    upload: (name, content, { signal } = {}) => {
      const sizeBytes = content instanceof Uint8Array ? content.length : content.sizeBytes;
      return wrapper.once({ operation: 'upload', name, signal, sizeBytes }, (own) =>
        bucket.upload(name, content, withSignal(own)),
      );
    },
    delete: (name, { signal } = {}) =>
      wrapper.once({ operation: 'delete', name, signal }, (own) =>
        bucket.delete(name, withSignal(own)),
      ),
    [Symbol.asyncDispose]: () => bucket[Symbol.asyncDispose](),
  };
}

function withSignal(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

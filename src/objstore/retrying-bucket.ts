/**
 * Tries calls again while the bucket is unavailable. A list goes on behind the entry that came last; a whole object only
 * if nothing of it has come, since what is there by then may be another one. Uploads are the providers' own concern,
 * which can send a part again.
 */
import { OperationError } from '../base/errors.ts';
import { compareText } from '../model/labels.ts';
import type { Bucket, ObjectEntry } from './bucket.ts';
import { bucketError } from './bucket-error.ts';
import { mayPass, pauseBeforeRetry, type RetryPolicy, retry } from './retry.ts';
import { type CallWrapper, type WrappedCall, wrappedBucket } from './wrapped-bucket.ts';

export function retryingBucket(bucket: Bucket, policy: RetryPolicy): Bucket {
  const canceled = (call: WrappedCall, error: unknown): unknown => {
    if (call.signal?.aborted !== true || error instanceof OperationError) return error;
    return bucketError({ kind: 'canceled', bucket: bucket.name, call, cause: error });
  };
  const wrapper: CallWrapper = {
    async once(call, run) {
      if (call.operation === 'upload') return run(call.signal);
      try {
        return await retry(policy, () => run(call.signal), call.signal);
      } catch (error) {
        throw canceled(call, error);
      }
    },
    async *stream<T>(call: WrappedCall, begin: () => AsyncIterable<T>) {
      for (let attempt = 0; ; attempt++) {
        let hasBegun = false;
        try {
          for await (const item of begin()) {
            hasBegun = true;
            yield item;
          }
          return;
        } catch (error) {
          if (hasBegun || attempt >= policy.retries || !mayPass(error)) throw error;
        }
        try {
          await pauseBeforeRetry(policy, attempt, call.signal);
        } catch (error) {
          throw canceled(call, error);
        }
      }
    },
  };
  const retrying = wrappedBucket(bucket, wrapper);
  return { ...retrying, list: (directory, options) => goOn(retrying, directory, options) };
}

/** Each page that came gives the next ones all their attempts. */
async function* goOn(
  bucket: Bucket,
  directory: string,
  options: Parameters<Bucket['list']>[1],
): AsyncIterable<ObjectEntry> {
  for (let last: string | undefined, isOver = false; !isOver; ) {
    const from = last;
    try {
      for await (const entry of bucket.list(directory, options)) {
        if (from !== undefined && compareText(entry.name, from) <= 0) continue;
        last = entry.name;
        yield entry;
      }
      isOver = true;
    } catch (error) {
      if (last === from || !mayPass(error)) throw error;
    }
  }
}

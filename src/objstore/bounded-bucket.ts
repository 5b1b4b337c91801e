/** Lets only so many calls run at once; the others wait in order. Lists, which callers leave open, do not count. */
import { Gate } from '../base/gate.ts';
import type { Bucket } from './bucket.ts';
import { bucketError } from './bucket-error.ts';
import { type WrappedCall, wrappedBucket } from './wrapped-bucket.ts';

export function boundedBucket(bucket: Bucket, callsMax: number): Bucket {
  const gate = new Gate(callsMax);
  const enter = async (call: WrappedCall): Promise<() => void> => {
    try {
      return await gate.enter(call.signal);
    } catch (error) {
      throw bucketError({ kind: 'canceled', bucket: bucket.name, call, cause: error });
    }
  };
  return wrappedBucket(bucket, {
    async once(call, run) {
      const leave = await enter(call);
      try {
        return await run(call.signal);
      } finally {
        leave();
      }
    },
    async *stream(call, begin) {
      const leave = call.operation === 'iter' ? () => undefined : await enter(call);
      try {
        yield* begin();
      } finally {
        leave();
      }
    },
  });
}

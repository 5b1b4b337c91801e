/** Lets the thread do other things between the slices of long work. */
import type { Clock } from '../base/clock.ts';
import { type BucketCall, checkSignal } from './bucket-error.ts';

/** Called between two slices: waits if enough was done since the last time. Throws 'canceled' when the caller has. */
export type Pause = () => Promise<void>;

/** The longest work between two pauses, of which a slice may be more. */
const WORK_MAX_MS = 10;

export interface PausingCall {
  readonly bucket: string;
  readonly call: BucketCall;
  readonly signal: AbortSignal | undefined;
}

export function pausesOf(clock: Clock, { bucket, call, signal }: PausingCall): Pause {
  let since = clock.monotonicMs();
  return async () => {
    checkSignal(bucket, call, signal);
    if (clock.monotonicMs() - since < WORK_MAX_MS) return;
    await clock.sleep(0);
    checkSignal(bucket, call, signal);
    since = clock.monotonicMs();
  };
}

/** Tries again what may be tried again, after pauses that grow and differ from one caller to the next. */
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';

export interface RetryPolicy {
  readonly clock: Clock;
  readonly random: Random;
  /** After the first attempt. */
  readonly retries: number;
  /** The bound of the first pause, and of any. */
  readonly pauseMs?: number;
  readonly pauseMaxMs?: number;
}

export const USUAL_RETRIES = 5;
const PAUSE_MS = 200;
const PAUSE_MAX_MS = 2000;

/** What the provider says may pass: the action is taken again with the number of the attempt, from 0. */
export async function retry<T>(
  policy: RetryPolicy,
  action: (attempt: number) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await action(attempt);
    } catch (error) {
      if (attempt === policy.retries || !mayPass(error)) throw error;
      await pauseBeforeRetry(policy, attempt, signal);
    }
  }
}

export function mayPass(error: unknown): boolean {
  return error instanceof OperationError && error.kind === 'unavailable';
}

/** "Full jitter": anything from nothing to a bound that doubles with each attempt. Rejects with the signal's reason. */
export function pauseBeforeRetry(
  { clock, random, pauseMs = PAUSE_MS, pauseMaxMs = PAUSE_MAX_MS }: RetryPolicy,
  attempt: number,
  signal?: AbortSignal,
): Promise<void> {
  const bound = Math.min(pauseMaxMs, pauseMs * 2 ** attempt);
  return clock.sleep(random.next() * bound, signal);
}

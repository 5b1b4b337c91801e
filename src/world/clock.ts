import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';

/** The machine's clock. */
export const realClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, timerMs(delayMs));
    timer.unref();
    return () => clearTimeout(timer);
  },
  async sleep(delayMs, signal) {
    await sleepFor(timerMs(delayMs), undefined, signal === undefined ? {} : { signal });
  },
};

/** Node treats delays above 2^31 - 1 as 1 ms: a far deadline is one that never comes. */
function timerMs(delayMs: number): number {
  return Math.min(Math.max(0, delayMs), 0x7fffffff);
}

/**
 * How busy the event loop of each thread is: what stands near one second a second has no room left, whatever the
 * processors of the machine do. Threads of one name are taken together.
 */
import { Counter, Gauge } from '@prometheus-io/client';
import type { MetricRegistry } from './metrics.ts';

export interface ObservedThread {
  readonly name: string;
  /** Time that its event loop has not waited, since the thread began; in milliseconds. */
  busyMs(): number;
}

/** Counts a thread in until the function that is returned is called. */
export type ThreadObserver = (thread: ObservedThread) => () => void;

export function observeThreads(registry: MetricRegistry): ThreadObserver {
  const running = new Set<ObservedThread>();
  const endedMs = new Map<string, number>();
  const registers = [registry.underlying];
  const threads = new Gauge({
    name: 'tsanos_threads',
    help: 'Threads that run now.',
    labelNames: ['thread'],
    registers,
    collect() {
      threads.reset();
      for (const { name } of running) threads.inc({ thread: name });
    },
  });
  const busy = new Counter({
    name: 'tsanos_thread_busy_seconds_total',
    help: 'Time that event loops have not waited.',
    labelNames: ['thread'],
    registers,
    collect() {
      busy.reset();
      for (const [name, ms] of endedMs) busy.inc({ thread: name }, ms / 1000);
      for (const thread of running) busy.inc({ thread: thread.name }, thread.busyMs() / 1000);
    },
  });
  return (thread) => {
    let lastMs = 0;
    // A thread that has ended says 0, and the sum must not fall.
    const observed: ObservedThread = {
      name: thread.name,
      busyMs: () => {
        lastMs = Math.max(lastMs, thread.busyMs());
        return lastMs;
      },
    };
    running.add(observed);
    return () => {
      if (!running.delete(observed)) return;
      endedMs.set(thread.name, (endedMs.get(thread.name) ?? 0) + observed.busyMs());
    };
  };
}

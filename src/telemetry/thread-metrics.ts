/**
 * How busy the event loop of each thread is: what stands near one second a second has no room left, whatever the
 * processors of the machine do. Threads of one name are taken together.
 */
import { type MetricRegistry, sampledFamily } from './metrics.ts';

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
  registry.declare({
    threads: sampledFamily({
      name: 'tsanos_threads',
      help: 'Threads that run now.',
      kind: 'gauge',
      labelNames: ['thread'],
      sample: () => [...running].map(({ name }) => ({ labels: { thread: name }, value: 1 })),
    }),
    busy: sampledFamily({
      name: 'tsanos_thread_busy_seconds_total',
      help: 'Time that event loops have not waited.',
      kind: 'counter',
      labelNames: ['thread'],
      sample: () => {
        const times = [...running].map((thread) => [thread.name, thread.busyMs()] as const);
        return [...endedMs, ...times].map(([name, ms]) => {
          return { labels: { thread: name }, value: ms / 1000 };
        });
      },
    }),
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

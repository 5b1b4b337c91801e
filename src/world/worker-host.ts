import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { WorkerHost } from '../base/worker-host.ts';

/** A thread that runs. */
export interface StartedThread {
  /** That of its module. */
  readonly name: string;
  /** Time that its event loop has not waited, in milliseconds; 0 when the thread has ended. */
  busyMs(): number;
}

/** Worker threads of this process. `onStart` is told of each, and what it returns is called when the thread has ended. */
export function createWorkerHost(onStart: (thread: StartedThread) => () => void): WorkerHost {
  return {
    start(entry, startData, { youngMiB, oldMiB } = {}) {
      const name = basename(entry.pathname).replace(/\.[jt]s$/, '');
      const worker = new Worker(entry, {
        workerData: startData,
        name,
        resourceLimits: {
          ...(youngMiB === undefined ? {} : { maxYoungGenerationSizeMb: youngMiB }),
          ...(oldMiB === undefined ? {} : { maxOldGenerationSizeMb: oldMiB }),
        },
      });
      let failure: Error | undefined;
      worker.on('error', (error) => {
        failure = error instanceof Error ? error : new Error(String(error));
      });
      worker.once(
        'exit',
        onStart({ name, busyMs: () => worker.performance.eventLoopUtilization().active }),
      );
      return {
        post: (message, transfer = []) => worker.postMessage(message, [...transfer]),
        onMessage: (listener) => void worker.on('message', listener),
        onExit: (listener) =>
          void worker.on('exit', (code) => {
            listener(failure ?? (code === 0 ? undefined : new Error(`worker exited with ${code}`)));
          }),
        stop: async () => void (await worker.terminate()),
      };
    },
  };
}

export const realWorkerHost: WorkerHost = createWorkerHost(() => () => undefined);

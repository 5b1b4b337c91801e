import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { WorkerHost } from '../base/worker-host.ts';

/** Worker threads of this process. */
export const realWorkerHost: WorkerHost = {
  start(entry, startData, { youngMiB, oldMiB } = {}) {
    const worker = new Worker(entry, {
      workerData: startData,
      // That of the module, for whoever looks at the threads of the process.
      name: basename(entry.pathname).replace(/\.[jt]s$/, ''),
      resourceLimits: {
        ...(youngMiB === undefined ? {} : { maxYoungGenerationSizeMb: youngMiB }),
        ...(oldMiB === undefined ? {} : { maxOldGenerationSizeMb: oldMiB }),
      },
    });
    let failure: Error | undefined;
    worker.on('error', (error) => {
      failure = error instanceof Error ? error : new Error(String(error));
    });
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

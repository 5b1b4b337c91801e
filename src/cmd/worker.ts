/** Entry of a worker thread that evaluates PromQL. */
import { parentPort, workerData } from 'node:worker_threads';
import { must } from '../base/assert.ts';
import { Kernel } from '../base/kernel.ts';
import { type EnginePort, type ServedStorage, serveEngine } from '../engine/serve-engine.ts';
import { workerQueryable } from '../storeapi/proxy-queryable.ts';
import { openBlocks } from '../tsdb/blocks.ts';
import { realClock } from '../world/clock.ts';
import { realFileSystem } from '../world/file-system.ts';
import { readKernelModule } from '../world/kernel-module.ts';
import type { QueryWorkerData } from './query-worker-data.ts';

const { settings, memoryBytes, storage } = workerData as QueryWorkerData;
const parent = must(parentPort, 'this file is the entry of a worker thread');
const port: EnginePort = {
  post: (message, transfer = []) => parent.postMessage(message, [...transfer]),
  onMessage: (listener) => void parent.on('message', listener),
};
serveEngine({
  port,
  kernel: new Kernel(readKernelModule(), memoryBytes),
  clock: realClock,
  settings,
  storage: openStorage(),
});

function openStorage(): ServedStorage {
  switch (storage.kind) {
    case 'blocks': {
      const { directory, cacheBytes } = storage;
      const blocks = openBlocks(realFileSystem, directory, { cacheBytes });
      return { open: () => blocks };
    }
    case 'stores':
      return { open: (view, call) => workerQueryable(view, storage.deduplication, call) };
  }
}

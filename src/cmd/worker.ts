/** Entry of a worker thread that evaluates PromQL. */
import { parentPort, workerData } from 'node:worker_threads';
import { must } from '../base/assert.ts';
import { Kernel } from '../base/kernel.ts';
import { KernelPool } from '../base/kernel-pool.ts';
import { type EnginePort, type ServedStorage, serveEngine } from '../engine/serve-engine.ts';
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
const module = readKernelModule();
serveEngine({
  port,
  kernel: new Kernel(module, memoryBytes),
  clock: realClock,
  settings,
  storage: await openStorage(),
});

/** Each kind of storage is loaded by itself: what a worker does not use takes no memory. */
async function openStorage(): Promise<ServedStorage> {
  switch (storage.kind) {
    case 'blocks': {
      const { openBlocks } = await import('../tsdb/blocks.ts');
      const { directory, cacheBytes } = storage;
      const blocks = openBlocks(realFileSystem, directory, { cacheBytes });
      return { open: () => blocks };
    }
    case 'tsdb': {
      const { StorageReader } = await import('../ingest/storage-reader.ts');
      const { directory, cacheBytes } = storage;
      const kernels = new KernelPool(() => new Kernel(module, memoryBytes));
      const reader = new StorageReader({ files: realFileSystem, directory, cacheBytes, kernels });
      return { open: (_view, call) => reader.open(call) };
    }
    case 'stores': {
      const { workerQueryable } = await import('../storeapi/proxy-queryable.ts');
      return { open: (view, call) => workerQueryable(view, storage.deduplication, call) };
    }
  }
}

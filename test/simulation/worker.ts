/** A thread of `npm run simulate`: runs its batch, tells of every history and in the end of all. */
import { parentPort, workerData } from 'node:worker_threads';
import { readKernelModule } from '../../src/world/kernel-module.ts';
import { type Batch, runHistories } from './run-histories.ts';
import { Kernels } from './world.ts';

const outcome = await runHistories(
  workerData as Batch,
  await Kernels.make(readKernelModule()),
  () => parentPort?.postMessage('done'),
);
parentPort?.postMessage(outcome);

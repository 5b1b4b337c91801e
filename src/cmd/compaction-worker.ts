/** Entry of a worker thread that compacts blocks once and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { must } from '../base/assert.ts';
import { Kernel } from '../base/kernel.ts';
import { type CompactionStart, serveCompaction } from '../tsdb/compact/compaction-worker.ts';
import { realFileSystem } from '../world/file-system.ts';
import { readKernelModule } from '../world/kernel-module.ts';

/** For the chunks of one series that overlap those of another block. */
const KERNEL_BYTES = 256 << 20;

const parent = must(parentPort, 'this file is the entry of a worker thread');
const tools = { files: realFileSystem, kernel: new Kernel(readKernelModule(), KERNEL_BYTES) };
serveCompaction(tools, workerData as CompactionStart, (answer) => parent.postMessage(answer));

/** Starts the engine of a command: PromQL in worker threads. */
import { availableParallelism } from 'node:os';
import { errorText } from '../base/errors.ts';
import {
  createWorkerEngine,
  type WorkerEngine,
  type WorkerEngineOptions,
} from '../engine/worker-engine.ts';
import type { CommandContext } from './command.ts';
import type { QueryWorkerData } from './query-worker-data.ts';
import { threadEntry } from './thread-entry.ts';

export interface EngineValues {
  readonly workers: number;
  readonly workerMemoryBytes: number;
  readonly maxConcurrent: number;
}

/** What depends on where the series come from. */
export type EngineParts = Pick<QueryWorkerData, 'settings' | 'storage'> &
  Pick<WorkerEngineOptions, 'onHostCall' | 'onReturned' | 'isLazy'>;

/** The engine ends with the command. */
export function startEngine(
  { clock, logger, resources, workers }: CommandContext,
  values: EngineValues,
  { settings, storage, ...parts }: EngineParts,
): WorkerEngine {
  const startData: QueryWorkerData = { settings, memoryBytes: values.workerMemoryBytes, storage };
  const engine = createWorkerEngine({
    ...parts,
    workerHost: workers,
    clock,
    entry: threadEntry('worker'),
    startData,
    workers: Math.min(values.workers, availableParallelism()),
    maxConcurrent: values.maxConcurrent,
    onWorkerLost: (error) => logger.error('a query worker died', { err: errorText(error) }),
  });
  resources.defer(() => engine.close());
  return engine;
}

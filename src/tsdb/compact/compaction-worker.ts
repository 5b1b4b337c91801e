/** Compaction in a thread of its own, which lives as long as one task. */
import {
  fromPlainFailure,
  OperationError,
  type PlainFailure,
  plainFailure,
  withCauses,
} from '../../base/errors.ts';
import type { WorkerHost, WorkerPort } from '../../base/worker-host.ts';
import { type CompactionTask, type CompactionTools, compactBlocks } from './compact-blocks.ts';

/** What starts the thread. */
export interface CompactionStart {
  readonly task: CompactionTask;
}

type CompactionAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: PlainFailure };

/** Runs tasks elsewhere, one at a time. */
export interface CompactionWorker {
  /** Rejects with OperationError. */
  run(task: CompactionTask): Promise<void>;
  /** Stops what runs: its unfinished block is removed at the next start. */
  stop(): Promise<void>;
}

/** The entry is a module that calls `serveCompaction`. */
export function compactionWorker(host: WorkerHost, entry: URL): CompactionWorker {
  let port: WorkerPort | undefined;
  return {
    async run(task) {
      const start: CompactionStart = { task };
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      port = host.start(entry, start);
      port.onMessage((message) => {
        const answer = message as CompactionAnswer;
        if (answer.kind === 'done') resolve();
        else reject(fromPlainFailure(answer.failure));
      });
      port.onExit((error) => {
        port = undefined;
        const names = task.parents.join(', ');
        const message = `cannot compact blocks ${names}: the worker has ended`;
        reject(new OperationError('internal', message, { cause: error }));
      });
      await promise;
    },
    stop: async () => port?.stop(),
  };
}

/** The thread's half: does the task and answers. Bugs end the thread. */
export function serveCompaction(
  tools: CompactionTools,
  { task }: CompactionStart,
  post: (message: unknown) => void,
): void {
  post(answerTo(tools, task));
}

function answerTo(tools: CompactionTools, task: CompactionTask): CompactionAnswer {
  try {
    const steps = compactBlocks(tools, task);
    while (steps.next().done !== true);
    return { kind: 'done' };
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    return { kind: 'failed', failure: plainFailure(withCauses(error)) };
  }
}

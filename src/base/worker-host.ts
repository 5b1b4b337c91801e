/** Starts worker threads. The real one is world/worker-host.ts; tests may run a worker in place. */
export interface WorkerHost {
  /** The entry is a module beside the caller, e.g. new URL('./worker.ts', import.meta.url). */
  start(entry: URL, startData: unknown, limits?: WorkerLimits): WorkerPort;
}

/** Of the thread's JavaScript heap; memory of kernels is not in it. */
export interface WorkerLimits {
  /** Size of the young generation: a small one is collected often and stays small. */
  readonly youngMiB?: number;
  /** The thread ends when it needs more. */
  readonly oldMiB?: number;
}

export interface WorkerPort {
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once when the worker has gone, with the error that ended it, if one did. */
  onExit(listener: (error: Error | undefined) => void): void;
  stop(): Promise<void>;
}

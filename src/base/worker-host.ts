/** Starts worker threads. The real one is world/worker-host.ts; tests may run a worker in place. */
export interface WorkerHost {
  /** The entry is a module beside the caller, e.g. new URL('./worker.ts', import.meta.url). */
  start(entry: URL, startData: unknown): WorkerPort;
}

export interface WorkerPort {
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once when the worker has gone, with the error that ended it, if one did. */
  onExit(listener: (error: Error | undefined) => void): void;
  stop(): Promise<void>;
}

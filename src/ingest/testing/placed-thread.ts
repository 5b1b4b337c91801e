/** The ingest thread's half in the thread of a test, with structured clones in between as threads have them. */
import type { Clock } from '../../base/clock.ts';
import type { WorkerPort } from '../../base/worker-host.ts';
import type { FromIngest, ToIngest } from '../protocol.ts';
import { type IngestHandler, serveIngest } from '../serve-ingest.ts';

export class PlacedThread {
  readonly port: WorkerPort;
  isStopped = false;
  #toMain: (message: unknown) => void = () => undefined;
  #toThread: (message: ToIngest) => void = () => undefined;
  #onExit: (error: Error | undefined) => void = () => undefined;

  constructor() {
    this.port = {
      post: (message, transfer = []) => {
        const copy = structuredClone(message, { transfer: [...transfer] }) as ToIngest;
        queueMicrotask(() => this.#toThread(copy));
      },
      onMessage: (listener) => {
        this.#toMain = listener;
      },
      onExit: (listener) => {
        this.#onExit = listener;
      },
      stop: async () => {
        this.isStopped = true;
      },
    };
  }

  serve(handler: IngestHandler, clock: Clock): void {
    serveIngest({
      clock,
      port: {
        post: (message, transfer) => this.send(message, transfer),
        onMessage: (listener) => {
          this.#toThread = listener;
        },
      },
      handler,
    });
  }

  send(message: FromIngest, transfer: readonly ArrayBuffer[] = []): void {
    const copy: unknown = structuredClone(message, { transfer: [...transfer] });
    queueMicrotask(() => this.#toMain(copy));
  }

  die(error: Error | undefined): void {
    this.#onExit(error);
  }
}

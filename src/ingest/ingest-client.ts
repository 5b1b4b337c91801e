/**
 * The main thread's half of ingestion: commands to the one ingest thread, answers from it. It is the only thread of a
 * server that cannot be replaced: when it dies, the process must end, and the write-ahead log is replayed.
 */
import { fromPlainFailure, OperationError } from '../base/errors.ts';
import type { WorkerPort } from '../base/worker-host.ts';
import type { IngestPort } from '../scrape/ingest-port.ts';
import type { Logger } from '../telemetry/logger.ts';
import { packIngest, unpackResult } from './packed-messages.ts';
import type {
  FromIngest,
  IngestAnswerOf,
  IngestCommand,
  IngestEvent,
  IngestKind,
  IngestRequestOf,
  ReplayProgress,
  ToIngest,
} from './protocol.ts';

export interface IngestClient {
  /** Resolves when the storage is open; rejects when it cannot be opened. */
  readonly ready: Promise<void>;
  /** How far the replay of the write-ahead log has come. */
  readonly replay: ReplayProgress;
  /** Rejects with OperationError; 'canceled' when the thread has been told to close. */
  call<Kind extends IngestKind>(
    kind: Kind,
    request: IngestRequestOf<Kind>,
    transfer?: readonly ArrayBuffer[],
  ): Promise<IngestAnswerOf<Kind>>;
  /** What the scrape loops need of it. */
  readonly port: IngestPort;
  /** Flushes, closes the storage and ends the thread. */
  close(): Promise<void>;
}

export interface IngestClientOptions {
  readonly worker: WorkerPort;
  readonly logger: Logger;
  /** The thread died without being asked to: the process must end. */
  readonly onLost: (error: Error) => void;
}

/** Pages that lie in the thread's queue: what readers ask waits behind these only. */
const QUEUED_PAGES_MAX = 8;

export function createIngestClient(options: IngestClientOptions): IngestClient {
  const { worker } = options;
  const thread = watchThread(options);
  let nextId = 1;

  const call: IngestClient['call'] = (kind, request, transfer = []) => {
    if (thread.isEnding && kind !== 'close') {
      return Promise.reject(new OperationError('canceled', 'the storage is being closed'));
    }
    const id = nextId++;
    const settle = Promise.withResolvers<unknown>();
    thread.pending.set(id, settle);
    // The union of all kinds holds this one.
    const command = { kind, request } as IngestCommand;
    const message: ToIngest =
      command.kind === 'ingest' ? packIngest(id, command.request) : { id, command };
    worker.post(message, transfer);
    const answer = settle.promise.finally(() => thread.pending.delete(id));
    return answer as ReturnType<typeof call<typeof kind>>;
  };

  return {
    ready: thread.ready,
    get replay() {
      return thread.replay;
    },
    call,
    port: ingestPort(call, new Lane(QUEUED_PAGES_MAX)),
    async close() {
      // A storage that is not open yet has nothing to lose: its log is read again at the next start.
      if (thread.isEnding || !thread.isOpen) {
        thread.isEnding = true;
        await worker.stop();
        return;
      }
      const closed = call('close', undefined);
      thread.isEnding = true;
      try {
        await closed;
      } finally {
        await worker.stop();
      }
    },
  };
}

/** What is known of the thread, from its messages and its end. */
interface Thread {
  readonly pending: Map<number, PromiseWithResolvers<unknown>>;
  readonly ready: Promise<void>;
  replay: ReplayProgress;
  /** Commands are carried out. */
  isOpen: boolean;
  /** It is going to end, and that is no news. */
  isEnding: boolean;
}

function watchThread({ worker, logger, onLost }: IngestClientOptions): Thread {
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => undefined); // told to whoever waits for it; nobody need
  const thread: Thread = {
    pending: new Map(),
    ready: ready.promise,
    replay: { min: 0, max: 0, current: 0 },
    isOpen: false,
    isEnding: false,
  };
  const onEvent = (event: IngestEvent): void => {
    switch (event.kind) {
      case 'replay':
        thread.replay = event.progress;
        break;
      case 'ready':
        thread.isOpen = true;
        ready.resolve();
        break;
      case 'broken':
        thread.isEnding = true;
        ready.reject(fromPlainFailure(event.failure));
        break;
      case 'log':
        logger[event.level](event.message, event.fields);
    }
  };
  worker.onMessage((received) => {
    const message = received as FromIngest;
    if (!('kind' in message)) {
      thread.pending.get(message[0])?.resolve(unpackResult(message));
      return;
    }
    switch (message.kind) {
      case 'answer':
        thread.pending.get(message.id)?.resolve(message.value);
        break;
      case 'failure':
        thread.pending.get(message.id)?.reject(fromPlainFailure(message.failure));
        break;
      case 'event':
        onEvent(message.event);
    }
  });
  worker.onExit((cause) => {
    const error = cause ?? new Error('the ingest thread ended');
    const lost = new OperationError('internal', 'the ingest thread died', { cause: error });
    ready.reject(lost);
    for (const settle of thread.pending.values()) settle.reject(lost);
    if (!thread.isEnding) onLost(error);
    thread.isEnding = true;
  });
  return thread;
}

function ingestPort(call: IngestClient['call'], lane: Lane): IngestPort {
  return {
    openTarget(target, settings) {
      // It fails only with the thread, and then everything ends.
      lane.run(() => call('openTarget', { target, settings })).catch(() => undefined);
    },
    ingest: (request) => lane.run(() => call('ingest', request, movable(request.outcome))),
    endTarget: (target, staleTimeMs) => lane.run(() => call('endTarget', { target, staleTimeMs })),
    async metadata(target) {
      const [found = []] = await call('metadata', { targets: [target], metric: '' });
      return found;
    },
  };
}

/** Starts work in the order in which it was given, as much of it at the same time as its width. */
class Lane {
  readonly #width: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(width: number) {
    this.#width = width;
  }

  /** Starts at once where there is room. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const start = (): void => {
      this.#running++;
      work()
        .then(resolve, reject)
        .finally(() => {
          this.#running--;
          this.#waiting.shift()?.();
        });
    };
    if (this.#running < this.#width) start();
    else this.#waiting.push(start);
    return promise;
  }
}

/** A page that has its buffer to itself is moved; a part of a larger one is copied. */
function movable(outcome: IngestRequestOf<'ingest'>['outcome']): readonly ArrayBuffer[] {
  if (outcome.kind !== 'page') return [];
  const { buffer, length } = outcome.bytes;
  return buffer instanceof ArrayBuffer && buffer.byteLength === length ? [buffer] : [];
}

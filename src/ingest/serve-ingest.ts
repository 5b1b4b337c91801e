/**
 * The ingest thread's half: carries out one command after another, and between them slices of background work
 * (compaction of the head, truncation, retention). Everything is synchronous, so nobody sees half a batch.
 */
import type { Clock } from '../base/clock.ts';
import { plainFailure, withCauses } from '../base/errors.ts';
import type { IngestResult } from '../scrape/ingest-port.ts';
import { packResult, unpackIngest } from './packed-messages.ts';
import type { FromIngest, IngestCommand, IngestKind, ToIngest } from './protocol.ts';

/** What carries out commands: see ingest-service.ts. */
export interface IngestHandler {
  /**
   * Done when it returns, though the answer is a promise; only what takes long is done by steps. Rejects with
   * OperationError.
   */
  handle(command: IngestCommand): Promise<IngestAnswer>;
  /** Does background work for about the given time; false when nothing is due. */
  step(budgetMs: number): boolean;
}

export interface IngestAnswer {
  readonly value: unknown;
  readonly transfer: readonly ArrayBuffer[];
}

/** The thread's end of the channel to the main thread. */
export interface IngestThreadPort {
  post(message: FromIngest, transfer?: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: ToIngest) => void): void;
}

export interface ServeIngestOptions {
  readonly port: IngestThreadPort;
  readonly clock: Clock;
  readonly handler: IngestHandler;
}

/** No message waits longer than this for background work. */
const SLICE_MS = 50;
/** Between slices, so that messages that have come meanwhile go first. */
const PAUSE_MS = 1;
/** How often to look whether work has become due. */
const IDLE_MS = 1000;
/** What gives work to the background. */
const LONG: ReadonlySet<IngestKind> = new Set([
  'deleteSeries',
  'cleanTombstones',
  'snapshot',
  'configure',
]);

/** Serves until the command to close; what it throws is our bug and must end the thread. */
export function serveIngest({ port, clock, handler }: ServeIngestOptions): void {
  let isOpen = true;
  let cancel = (): void => undefined;
  const work = (): void => {
    if (!isOpen) return;
    const isBusy = handler.step(SLICE_MS);
    cancel = clock.after(isBusy ? PAUSE_MS : IDLE_MS, work);
  };
  const carryOut = async (message: ToIngest): Promise<void> => {
    const { id, command } = 'command' in message ? message : unpackIngest(message);
    if (command.kind === 'close') {
      isOpen = false;
      cancel();
    }
    try {
      const answered = handler.handle(command);
      if (LONG.has(command.kind)) {
        cancel();
        cancel = clock.after(PAUSE_MS, work);
      }
      const { value, transfer } = await answered;
      if (command.kind === 'ingest') port.post(packResult(id, value as IngestResult));
      else port.post({ kind: 'answer', id, value }, transfer);
    } catch (error) {
      port.post({ kind: 'failure', id, failure: plainFailure(withCauses(error)) });
    }
  };
  port.onMessage((message) => void carryOut(message));
  cancel = clock.after(IDLE_MS, work);
  port.post({ kind: 'event', event: { kind: 'ready' } });
}

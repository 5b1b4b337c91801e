/** The worker's half of the engine: takes queries from a port, evaluates them in its own kernel. */
import type { Clock } from '../base/clock.ts';
import { fromPlainFailure, OperationError, plainFailure } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import type { QueryView } from '../storage/query-view.ts';
import type { Queryable } from '../storage/queryable.ts';
import type { EngineRequest } from './engine.ts';
import { type EngineSettings, evaluate } from './evaluate.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

/** The worker's end of the channel to the main thread. */
export interface EnginePort {
  post(message: FromWorker, transfer?: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: ToWorker) => void): void;
}

/** Asks the main thread; rejects with OperationError. What comes back has been moved, not copied. */
export type HostCall = (payload: unknown, signal: AbortSignal) => Promise<unknown>;

interface Call extends PromiseWithResolvers<unknown> {
  /** Where the buffers of its reply are put down, to be sent back. */
  readonly lent: ArrayBuffer[];
}

export interface ServedStorage {
  /** The storage as one query sees it. */
  open(view: QueryView, call: HostCall): Queryable;
}

export interface ServeOptions {
  readonly port: EnginePort;
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly settings: EngineSettings;
  readonly storage: ServedStorage;
}

/**
 * Serves until the thread is stopped. Several queries may wait for their storage at the same time; evaluation is
 * synchronous, one after the other.
 */
export function serveEngine(options: ServeOptions): void {
  const { port } = options;
  const running = new Map<number, AbortController>();
  const calls = new Map<number, Call>();
  let nextCallId = 1;

  const callHost = (
    { id, lent }: { readonly id: number; readonly lent: ArrayBuffer[] },
    payload: unknown,
    signal: AbortSignal,
  ): Promise<unknown> => {
    signal.throwIfAborted();
    const callId = nextCallId++;
    const pending = { ...Promise.withResolvers<unknown>(), lent };
    calls.set(callId, pending);
    const giveUp = (): void => pending.reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    port.post({ kind: 'call', id, callId, payload });
    return pending.promise.finally(() => {
      calls.delete(callId);
      signal.removeEventListener('abort', giveUp);
    });
  };

  const runQuery = async (
    id: number,
    request: EngineRequest,
    cancel: SharedArrayBuffer,
  ): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    const word = new Int32Array(cancel);
    const isCanceled = (): boolean => Atomics.load(word, 0) !== 0;
    const lent: ArrayBuffer[] = [];
    const call: HostCall = (payload, signal) => callHost({ id, lent }, payload, signal);
    try {
      const queryable = options.storage.open(request.view, call);
      const { signal } = controller;
      const answer = await evaluate({ ...options, request, queryable, signal, isCanceled });
      const slices = answer.resultSlices.map((slice) => slice.buffer as ArrayBuffer);
      port.post({ kind: 'answer', id, answer, returned: lent }, [...slices, ...lent]);
    } catch (error) {
      port.post({ kind: 'failure', id, failure: plainFailure(error), returned: lent }, lent);
    } finally {
      running.delete(id);
    }
  };

  port.onMessage((message) => {
    switch (message.kind) {
      case 'query':
        void runQuery(message.id, message.request, message.cancel);
        break;
      case 'abort':
        running.get(message.id)?.abort(new OperationError('canceled', 'the query was canceled'));
        break;
      case 'reply': {
        const asked = calls.get(message.callId);
        asked?.lent.push(...message.lent);
        asked?.resolve(message.value);
        break;
      }
      case 'replyFailure':
        calls.get(message.callId)?.reject(fromPlainFailure(message.failure));
        break;
    }
  });
}

/** What the main thread and an engine worker say to each other, as structured-clone messages. */
import type { PlainFailure } from '../base/errors.ts';
import type { EngineAnswer, EngineRequest } from './engine.ts';

export type ToWorker =
  | {
      readonly kind: 'query';
      readonly id: number;
      readonly request: EngineRequest;
      /** One 32-bit word; anything but 0 ends the evaluation at the next series. */
      readonly cancel: SharedArrayBuffer;
    }
  /** Ends what the query waits for; the word alone would be seen only by a running evaluation. */
  | { readonly kind: 'abort'; readonly id: number }
  | {
      readonly kind: 'reply';
      readonly callId: number;
      readonly value: unknown;
      /** Buffers that lie in the value and come back when the query has ended. */
      readonly lent: readonly ArrayBuffer[];
    }
  | { readonly kind: 'replyFailure'; readonly callId: number; readonly failure: PlainFailure };

export type FromWorker =
  | ({ readonly kind: 'answer'; readonly id: number; readonly answer: WorkerAnswer } & Returned)
  | ({ readonly kind: 'failure'; readonly id: number; readonly failure: PlainFailure } & Returned)
  /** The storage in the worker asks the main thread for something, such as frames from the network. */
  | {
      readonly kind: 'call';
      readonly id: number;
      readonly callId: number;
      readonly payload: unknown;
    };

interface Returned {
  /** Buffers lent by replies to the query. */
  readonly returned: readonly ArrayBuffer[];
}

export type WorkerAnswer = Omit<EngineAnswer, 'statistics'> & {
  readonly statistics: Omit<EngineAnswer['statistics'], 'queueMs'>;
};

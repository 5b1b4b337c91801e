/**
 * Asks several stores for series at the same time and collects what they send, unread. A store that fails or falls
 * silent becomes a warning, or fails the whole when the answer must be complete.
 */
import type { Clock } from '../base/clock.ts';
import { errorText, OperationError } from '../base/errors.ts';
import { printDuration } from '../model/duration.ts';
import type { Labels } from '../model/labels.ts';
import { Store } from '../wire/gen/thanos/store_pb.ts';
import { methodPath } from '../wire/message.ts';
import { decodeSeriesResponse, seriesFrameKind } from '../wire/series-response.ts';
import { TextCache } from '../wire/text-cache.ts';
import type { FrameBatch, SlabPool } from './frame-batches.ts';
import { FramePacker } from './frame-batches.ts';
import type { ProxiedStore } from './proxied-store.ts';
import { storeText } from './proxied-store.ts';

/** What one store sent, as plain data that may move to another thread. */
export interface StoreAnswer {
  /** How it is named in warnings. */
  readonly store: string;
  readonly batches: readonly FrameBatch[];
  readonly answered: AnswerFigures;
  /** Whether replica labels are still in the series, which are then out of order without them. */
  readonly hasReplicaLabels: boolean;
}

/** How a store answered. */
export interface AnswerFigures {
  readonly address: string;
  /** External labels of what it holds. */
  readonly labelSets: readonly Labels[];
  /** Until its answer had ended. */
  readonly durationMs: number;
  readonly bytes: number;
  readonly responses: number;
  /** Why its answer is not complete. */
  readonly failure: string | undefined;
}

export interface FanOutAnswer {
  readonly answers: readonly StoreAnswer[];
  readonly warnings: readonly string[];
}

export interface FanOutOptions {
  readonly stores: readonly ProxiedStore[];
  /** An encoded SeriesRequest. */
  readonly request: Uint8Array;
  readonly asksWithoutReplicaLabels: boolean;
  readonly partialResponse: boolean;
  readonly limits: FanOutLimits;
  readonly slabs: SlabPool;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface FanOutLimits {
  /** Longest silence of a store; 0 is without end. */
  readonly responseTimeoutMs: number;
  /** Most bytes of all answers together. */
  readonly answerMaxBytes: number;
}

const SERIES = methodPath(Store.method.series);

/**
 * Throws OperationError: 'execution' when a store fails and the answer must be complete, 'limit' when the answers
 * are too large, 'canceled' or 'timeout' with the signal.
 */
export async function fanOutSeries(options: FanOutOptions): Promise<FanOutAnswer> {
  const { stores, signal } = options;
  const shared = new SharedFanOut(options);
  const follow = (): void => shared.abort(signal.reason);
  if (signal.aborted) follow();
  signal.addEventListener('abort', follow, { once: true });
  try {
    const answers = await Promise.all(stores.map((store) => shared.ask(store)));
    const { warnings } = shared;
    return { answers, warnings: [...new Set(warnings)] };
  } finally {
    signal.removeEventListener('abort', follow);
    shared.abort(new OperationError('canceled', 'the fan-out has ended'));
  }
}

class SharedFanOut {
  readonly #options: FanOutOptions;
  readonly #controller = new AbortController();
  readonly warnings: string[] = [];
  #totalBytes = 0;
  /** Made when the answers are too large together: no store's failure. */
  #tooLarge: OperationError | undefined;

  constructor(options: FanOutOptions) {
    this.#options = options;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  async ask(store: ProxiedStore): Promise<StoreAnswer> {
    const { clock, slabs } = this.#options;
    const packer = new FramePacker(slabs);
    const startedMs = clock.monotonicMs();
    let [bytes, responses] = [0, 0];
    let failure: string | undefined;
    const watch = new SilenceWatch(this.#options, this.#controller.signal);
    try {
      const { request } = this.#options;
      const call = { signal: watch.signal, memory: packer };
      const frames = store.client.serverStream(SERIES, request, call);
      for await (const frame of frames) {
        watch.heard();
        bytes += frame.length;
        responses++;
        this.#take(frame, packer);
      }
    } catch (error) {
      failure = this.#fail(store, error, watch.isSilent);
    } finally {
      watch.end();
    }
    const hasReplicaLabels =
      this.#options.asksWithoutReplicaLabels && !store.supportsWithoutReplicaLabels;
    const answered = {
      address: store.address,
      labelSets: store.databases.map(({ labels }) => labels),
      durationMs: clock.monotonicMs() - startedMs,
      bytes,
      responses,
      failure,
    };
    return { store: storeText(store), batches: packer.batches, answered, hasReplicaLabels };
  }

  #take(frame: Uint8Array, packer: FramePacker): void {
    const kind = seriesFrameKind(frame);
    if (kind === 'series') {
      this.#totalBytes += frame.length;
      const { answerMaxBytes } = this.#options.limits;
      if (this.#totalBytes > answerMaxBytes) {
        const what = `cannot collect series: the stores send more than ${answerMaxBytes} bytes`;
        throw (this.#tooLarge = new OperationError('limit', what));
      }
      packer.add(frame);
    } else if (kind === 'warning') {
      const decoded = decodeSeriesResponse(frame, new TextCache());
      if (decoded.kind === 'warning') this.#warn(decoded.warning);
    }
  }

  #warn(text: string): void {
    if (!this.#options.partialResponse) throw new PartialAnswer(text);
    this.warnings.push(text);
  }

  /** The warning, where the answer may be partial. */
  #fail(store: ProxiedStore, error: unknown, isSilent: boolean): string {
    const { signal } = this.#controller;
    const { limits, partialResponse } = this.#options;
    if (signal.aborted) throw abortError(signal);
    if (error === this.#tooLarge) throw error;
    const text =
      error instanceof PartialAnswer ? error.message : failureText(store, error, isSilent, limits);
    if (!partialResponse) throw new OperationError('execution', text, { cause: error });
    this.warnings.push(text);
    return text;
  }
}

/** A store told of a failure beneath it, and the answer must be complete. */
class PartialAnswer extends Error {}

function failureText(
  store: ProxiedStore,
  error: unknown,
  isSilent: boolean,
  { responseTimeoutMs }: FanOutLimits,
): string {
  const what = isSilent
    ? `failed to receive any data in ${printDuration(responseTimeoutMs)}`
    : 'receive series';
  return `${what} from ${storeText(store)}: ${errorText(error)}`;
}

function abortError({ reason }: AbortSignal): OperationError {
  if (reason instanceof OperationError) return reason;
  const kind = reason instanceof Error && reason.name === 'TimeoutError' ? 'timeout' : 'canceled';
  return new OperationError(kind, 'cannot collect series: the query has ended', { cause: reason });
}

/** Aborts one store's call when nothing was heard of it for too long. */
class SilenceWatch {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal;
  readonly #follow = (): void => this.#controller.abort(this.#parent.reason);
  #cancel: () => void = () => {};
  #isSilent = false;

  constructor({ clock, limits }: FanOutOptions, parent: AbortSignal) {
    this.#clock = clock;
    this.#timeoutMs = limits.responseTimeoutMs;
    this.#parent = parent;
    if (parent.aborted) this.#follow();
    parent.addEventListener('abort', this.#follow, { once: true });
    this.heard();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }

  heard(): void {
    if (this.#timeoutMs === 0) return;
    this.#cancel();
    this.#cancel = this.#clock.after(this.#timeoutMs, () => {
      this.#isSilent = true;
      this.#controller.abort(new DOMException('the store is silent', 'AbortError'));
    });
  }

  end(): void {
    this.#cancel();
    this.#parent.removeEventListener('abort', this.#follow);
  }
}

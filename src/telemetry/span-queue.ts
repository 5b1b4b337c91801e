/**
 * Finished spans on their way out: at most 2048 wait, which leave in batches of 512 or after five seconds. Who finds no
 * room is dropped and counted: tracing must not take the memory of what it watches.
 */
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Clock } from '../base/clock.ts';

export interface SpanQueueOptions {
  readonly clock: Clock;
  /** May reject: then the spans are lost. */
  readonly send: (spans: readonly ReadableSpan[]) => Promise<void>;
  readonly onLost: (count: number, cause: unknown) => void;
}

const QUEUED_MAX = 2048;
const BATCH_MAX = 512;
const DELAY_MS = 5000;

export class SpanQueue implements SpanProcessor {
  readonly #options: SpanQueueOptions;
  #waiting: ReadableSpan[] = [];
  #dropped = 0;
  #sending: Promise<void> | undefined;
  #cancel: (() => void) | undefined;

  constructor(options: SpanQueueOptions) {
    this.#options = options;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    // The flag of W3C's trace context: what the sampler has let through.
    if ((span.spanContext().traceFlags & 1) === 0) return;
    if (this.#waiting.length >= QUEUED_MAX) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(span);
    if (this.#waiting.length >= BATCH_MAX) void this.forceFlush();
    else this.#cancel ??= this.#options.clock.after(DELAY_MS, () => void this.forceFlush());
  }

  /** Resolves when nothing waits any more. Never rejects. */
  forceFlush(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  shutdown(): Promise<void> {
    return this.forceFlush();
  }

  async #sendAll(): Promise<void> {
    const { send, onLost } = this.#options;
    while (this.#waiting.length > 0) {
      this.#cancel?.();
      this.#cancel = undefined;
      const batch = this.#waiting.splice(0, BATCH_MAX);
      try {
        await send(batch);
      } catch (error) {
        onLost(batch.length, error);
      }
    }
    if (this.#dropped > 0) onLost(this.#dropped, 'too many spans are waiting to be sent');
    this.#dropped = 0;
  }
}

/** One querier behind the entry: asked every second whether it is ready, told down at once when a connection fails. */
import { type Clock, deadlineSignal } from '../base/clock.ts';
import { errorText, OperationError } from '../base/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { HttpClient } from '../transport/http-client.ts';

export interface UpstreamState {
  readonly url: string;
  readonly isUp: boolean;
  /** Why it is down; empty when it is up. */
  readonly reason: string;
  /** When it came up or went down, in milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly inflight: number;
}

export interface UpstreamOptions {
  readonly url: string;
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly intervalMs: number;
  onChange(isUp: boolean): void;
}

/** A busy querier may be late now and then; so many probes in a row may not be answered in time. */
const LATE_PROBES_MAX = 3;

export class Upstream {
  readonly url: string;
  #options: UpstreamOptions;
  #isUp = false;
  #reason = 'not asked yet';
  #sinceMs: number;
  #late = 0;
  #inflight = 0;
  #attempts = new Set<AbortController>();

  constructor(options: UpstreamOptions) {
    this.url = options.url;
    this.#options = options;
    this.#sinceMs = options.clock.nowMs();
  }

  get state(): UpstreamState {
    return {
      url: this.url,
      isUp: this.#isUp,
      reason: this.#reason,
      sinceMs: this.#sinceMs,
      inflight: this.#inflight,
    };
  }

  /** Asks again and again until the signal is aborted. */
  async watch(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs } = this.#options;
    while (!signal.aborted) {
      await this.probe(signal);
      await clock.sleep(intervalMs, signal).catch(() => undefined);
    }
  }

  async probe(signal: AbortSignal): Promise<void> {
    const { client, clock, intervalMs } = this.#options;
    const deadline = deadlineSignal(clock, intervalMs, signal);
    try {
      const url = `${this.url}/-/ready`;
      const answer = await client.request({ method: 'GET', url, signal: deadline.signal });
      const text = await answer.text();
      if (answer.status === 200) this.#becomeUp();
      else this.becomeDown(`${answer.status} ${text.trim()}`);
    } catch (error) {
      const isLate = error instanceof OperationError && error.kind === 'timeout';
      this.#late++;
      if (!signal.aborted && (!isLate || this.#late >= LATE_PROBES_MAX)) {
        this.becomeDown(errorText(error));
      }
    } finally {
      deadline.clear();
    }
  }

  /** Also ends every attempt that has had no answer yet: it is tried elsewhere. */
  becomeDown(reason: string): void {
    const wasUp = this.#isUp;
    this.#isUp = false;
    this.#reason = reason;
    for (const attempt of this.#attempts) {
      attempt.abort(new OperationError('unavailable', `${this.url} is down: ${reason}`));
    }
    if (!wasUp) return;
    this.#sinceMs = this.#options.clock.nowMs();
    this.#options.logger.warn('querier is down', { url: this.url, reason });
    this.#options.onChange(false);
  }

  /** Runs an attempt under a signal that is aborted when the caller's is or when this upstream goes down. */
  async attempt<T>(signal: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const follow = (): void => controller.abort(signal.reason);
    if (signal.aborted) follow();
    signal.addEventListener('abort', follow, { once: true });
    this.#attempts.add(controller);
    this.#inflight++;
    try {
      return await run(controller.signal);
    } finally {
      this.#attempts.delete(controller);
      this.#inflight--;
    }
  }

  #becomeUp(): void {
    this.#late = 0;
    if (this.#isUp) return;
    this.#isUp = true;
    this.#reason = '';
    this.#sinceMs = this.#options.clock.nowMs();
    this.#options.logger.info('querier is up', { url: this.url });
    this.#options.onChange(true);
  }
}

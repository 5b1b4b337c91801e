/**
 * Stops asking who fails: closed, it counts; open, it refuses everything for a while; half open, it lets a few through,
 * and their success closes it. Source: Thanos' set_async_circuit_breaker_config.
 */
import type { Clock } from '../base/clock.ts';

export interface BreakerConfig {
  /** Requests that half open are let through, and have to succeed. */
  readonly halfOpenMax: number;
  readonly openMs: number;
  /** Before as many it stays closed. */
  readonly requestsMin: number;
  readonly failuresInRow: number;
  /** Of all requests, 0.05 for one in twenty. */
  readonly failurePart: number;
}

export class CircuitBreaker {
  readonly #config: BreakerConfig;
  readonly #clock: Clock;
  #state: 'closed' | 'open' | 'half-open' = 'closed';
  #openedMs = 0;
  #requests = 0;
  #failures = 0;
  #inRow = 0;
  #successes = 0;

  constructor(config: BreakerConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  /** Whether a request may be sent now; what became of it has to be told. */
  admits(): boolean {
    if (this.#state === 'open') {
      if (this.#clock.monotonicMs() - this.#openedMs < this.#config.openMs) return false;
      this.#enter('half-open');
    }
    if (this.#state === 'half-open' && this.#requests >= this.#config.halfOpenMax) return false;
    this.#requests++;
    return true;
  }

  succeeded(): void {
    this.#inRow = 0;
    this.#successes++;
    if (this.#state === 'half-open' && this.#successes >= this.#config.halfOpenMax) {
      this.#enter('closed');
    }
  }

  failed(): void {
    this.#failures++;
    this.#inRow++;
    if (this.#state === 'half-open' || (this.#state === 'closed' && this.#isTooMuch())) {
      this.#openedMs = this.#clock.monotonicMs();
      this.#enter('open');
    }
  }

  #isTooMuch(): boolean {
    const { requestsMin, failuresInRow, failurePart } = this.#config;
    if (this.#requests < requestsMin) return false;
    return this.#inRow >= failuresInRow || this.#failures / this.#requests >= failurePart;
  }

  #enter(state: 'closed' | 'open' | 'half-open'): void {
    this.#state = state;
    [this.#requests, this.#failures, this.#inRow, this.#successes] = [0, 0, 0, 0];
  }
}

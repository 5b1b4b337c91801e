/**
 * Counts samples as Prometheus does, whose operators hold their whole result before the next one starts:
 * an operator's result counts from its first sample until its parent has finished.
 */
import { OperationError } from '../../base/errors.ts';
import type { SampleWatch } from './read-count.ts';

export class SampleBudget {
  readonly #limit: number;
  readonly #watch: SampleWatch | undefined;
  #current = 0;
  #peak = 0;

  constructor(limit: number, watch?: SampleWatch) {
    this.#limit = limit;
    this.#watch = watch;
  }

  /** Samples that came into memory. Throws OperationError 'limit' above the limit. */
  hold(samples: number): void {
    this.#current += samples;
    this.#watch?.held(samples);
    if (this.#current > this.#peak) this.#peak = this.#current;
    if (this.#current > this.#limit) {
      throw new OperationError(
        'limit',
        'query processing would load too many samples into memory in query execution',
      );
    }
  }

  release(samples: number): void {
    this.#current -= samples;
    this.#watch?.held(-samples);
  }

  hasRoomFor(samples: number): boolean {
    return this.#current + samples <= this.#limit;
  }

  /** The most that was held at one time. */
  get peak(): number {
    return this.#peak;
  }
}

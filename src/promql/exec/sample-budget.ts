/**
 * Counts samples as Prometheus does, whose operators hold their whole result before the next one starts:
 * an operator's result counts from its first sample until its parent has finished.
 */
import { OperationError } from '../../base/errors.ts';
import type { QueryStatistics } from '../../model/result.ts';

export class SampleBudget {
  readonly #limit: number;
  #current = 0;
  #peak = 0;
  #total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Samples that came into memory. Throws OperationError 'limit' above the limit. */
  hold(samples: number): void {
    this.#current += samples;
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
  }

  /** Samples that were read from storage, once for each step that saw them. */
  read(samples: number): void {
    this.#total += samples;
  }

  hasRoomFor(samples: number): boolean {
    return this.#current + samples <= this.#limit;
  }

  get statistics(): QueryStatistics {
    return { totalSamples: this.#total, peakSamples: this.#peak };
  }
}

/** Who reaches whom, and how slowly: every exchange between two hosts of the simulation goes through here. */
import type { Clock } from '../../src/base/clock.ts';
import { OperationError } from '../../src/base/errors.ts';
import type { Random } from '../../src/base/random.ts';

const DELAY_MS = 40;

export class SimulatedNetwork {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #cut = new Set<string>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  cut(from: string, to: string): void {
    this.#cut.add(`${from} ${to}`);
  }

  mend(from: string, to: string): void {
    this.#cut.delete(`${from} ${to}`);
  }

  /** Asks `to` and waits for its answer; both ways take time, and either may find the link cut. */
  async exchange<T>(from: string, to: string, answer: () => Promise<T>): Promise<T> {
    await this.travel(from, to);
    const value = await answer();
    await this.travel(from, to);
    return value;
  }

  /** One way. Throws OperationError 'unavailable' when nothing arrives. */
  async travel(from: string, to: string): Promise<void> {
    await this.#clock.sleep(Math.floor(this.#random.next() * DELAY_MS));
    if (!this.#cut.has(`${from} ${to}`)) return;
    throw new OperationError('unavailable', `cannot reach ${to} from ${from}: connection refused`);
  }
}

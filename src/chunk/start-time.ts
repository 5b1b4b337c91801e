import type { BitReader } from './bit-reader.ts';

/**
 * Start timestamps of encodings 4, 5 and 6. The header byte says whether the first sample has one (bit 7) and
 * which sample is the first with another one (bits 6–0, 0 never); until then the first one is repeated.
 */
export class StartTimeReader {
  readonly #firstKnown: boolean;
  readonly #changeOn: number;
  #startTime = 0;
  #difference = 0;

  constructor(header: number) {
    this.#firstKnown = header >= 0x80;
    this.#changeOn = header & 0x7f;
  }

  /** Whether any sample has a start time. */
  get present(): boolean {
    return this.#firstKnown || this.#changeOn > 0;
  }

  /**
   * What follows a sample. `reference` is the sample's own time if it is the first, else the time of the one
   * before. Gives the sample's start time in milliseconds, 0 if it is unknown.
   */
  read(reader: BitReader, sample: number, reference: number): number {
    if (sample === 0) {
      if (this.#firstKnown) this.#startTime = reference - reader.varint();
    } else if (this.#changeOn > 0 && sample >= this.#changeOn) {
      const change = reader.varbitInt();
      this.#difference = sample === this.#changeOn ? change : this.#difference + change;
      this.#startTime = reference - this.#difference;
    }
    return this.#startTime;
  }
}

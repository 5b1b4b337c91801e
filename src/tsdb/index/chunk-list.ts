/** Chunks of one series as parallel columns, reused from series to series. */
export class ChunkList {
  minTimes: Float64Array = new Float64Array(64);
  /** Inclusive. */
  maxTimes: Float64Array = new Float64Array(64);
  /** Segment number (from 0) · 2^32 + offset. */
  references: Float64Array = new Float64Array(64);
  count = 0;

  /** Empties the list and makes room. */
  clear(room: number): void {
    this.count = 0;
    if (room <= this.minTimes.length) return;
    const size = 2 * room;
    this.minTimes = new Float64Array(size);
    this.maxTimes = new Float64Array(size);
    this.references = new Float64Array(size);
  }

  push(minTime: number, maxTime: number, reference: number): void {
    this.minTimes[this.count] = minTime;
    this.maxTimes[this.count] = maxTime;
    this.references[this.count++] = reference;
  }

  /** Drops the chunks for which the condition holds. */
  drop(unwanted: (minTime: number, maxTime: number) => boolean): void {
    const { minTimes, maxTimes, references, count } = this;
    this.count = 0;
    for (let i = 0; i < count; i++) {
      const first = minTimes[i] as number;
      const last = maxTimes[i] as number;
      if (!unwanted(first, last)) this.push(first, last, references[i] as number);
    }
  }
}

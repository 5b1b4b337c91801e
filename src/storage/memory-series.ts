/** The samples of one series in plain memory, in columns that grow. */

import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import type { CounterResetHint, FloatHistogram } from '../model/histogram.ts';
import type { Labels } from '../model/labels.ts';
import { printLabels } from '../model/labels-text.ts';
import type { HistogramSample, SampleColumns } from '../model/sample.ts';
import { writeStale } from '../model/stale.ts';
import { continuesChunk } from './histogram-chunking.ts';

/** A value to append. The stale marker is a kind of its own: no JavaScript number carries it safely. */
export type MemoryValue = number | FloatHistogram | 'stale';

/** Chunks of the head never cross a multiple of two hours. */
const CHUNK_RANGE_MS = 7_200_000;

export class MemorySeries {
  readonly labels: Labels;
  #times = new Float64Array(16);
  #values = new Float64Array(16);
  #startTimes = new Float64Array(16);
  #count = 0;
  #hasStartTimes = false;
  readonly #histograms: HistogramSample[] = [];
  /** As given, without the hint that reading gives it. */
  #lastHistogram: FloatHistogram | undefined;
  #lastTime = -Infinity;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  /** Times ascend. Throws OperationError 'bad-data' otherwise. */
  append(time: number, value: MemoryValue, startTime: number): void {
    if (time <= this.#lastTime) {
      const series = printLabels(this.labels);
      throw new OperationError(
        'bad-data',
        `cannot append to ${series}: out of order sample at ${time}, newest is ${this.#lastTime}`,
      );
    }
    if (typeof value === 'object') this.#appendHistogram(time, value, startTime);
    else if (value === 'stale' && this.#lastHistogram !== undefined) {
      this.#appendHistogram(time, staleAfter(this.#lastHistogram), startTime);
    } else this.#appendFloat(time, value, startTime);
    this.#lastTime = time;
  }

  #appendFloat(time: number, value: number | 'stale', startTime: number): void {
    if (this.#count === this.#times.length) this.#grow();
    this.#times[this.#count] = time;
    this.#startTimes[this.#count] = startTime;
    if (value === 'stale') writeStale(new Uint32Array(this.#values.buffer), this.#count);
    else this.#values[this.#count] = value;
    this.#hasStartTimes ||= startTime !== 0;
    this.#lastHistogram = undefined;
    this.#count++;
  }

  #grow(): void {
    const grown = (column: Float64Array): Float64Array<ArrayBuffer> => {
      const larger = new Float64Array(2 * column.length);
      larger.set(column);
      return larger;
    };
    this.#times = grown(this.#times);
    this.#values = grown(this.#values);
    this.#startTimes = grown(this.#startTimes);
  }

  #appendHistogram(time: number, histogram: FloatHistogram, startTime: number): void {
    const previous = this.#lastHistogram;
    const continues =
      previous !== undefined &&
      Math.floor(this.#lastTime / CHUNK_RANGE_MS) === Math.floor(time / CHUNK_RANGE_MS) &&
      continuesChunk(previous, histogram);
    this.#lastHistogram = histogram;
    const counterResetHint = hintOf(histogram, continues);
    this.#histograms.push({ time, startTime, histogram: { ...histogram, counterResetHint } });
  }

  read(kernel: Kernel): SampleColumns {
    const copy = (column: Float64Array): number => {
      const address = kernel.arena.alloc(8 * this.#count);
      kernel.f64.set(column.subarray(0, this.#count), address >>> 3);
      return address;
    };
    return {
      times: copy(this.#times),
      values: copy(this.#values),
      count: this.#count,
      startTimes: this.#hasStartTimes ? copy(this.#startTimes) : 0,
      histograms: this.#histograms,
    };
  }

  /** Whether any sample lies in the range, both ends included. */
  hasSampleIn(minTime: number, maxTime: number): boolean {
    const isInside = (time: number): boolean => time >= minTime && time <= maxTime;
    return (
      this.#times.subarray(0, this.#count).some(isInside) ||
      this.#histograms.some(({ time }) => isInside(time))
    );
  }
}

/** Of what a chunk says, only its first sample's reset is not known to whoever reads it. */
function hintOf(histogram: FloatHistogram, continues: boolean): CounterResetHint {
  if (histogram.counterResetHint === 'gauge') return 'gauge';
  return continues ? 'not_reset' : 'unknown';
}

function staleAfter(previous: FloatHistogram): FloatHistogram {
  const counterResetHint = previous.counterResetHint === 'gauge' ? 'gauge' : 'unknown';
  return { ...previous, counterResetHint, stale: true };
}

/** An Appender over a MemoryStore that obeys the contract: for tests of whoever appends. */
import { OperationError } from '../../base/errors.ts';
import type { FloatHistogram } from '../../model/histogram.ts';
import { type Labels, labelsKey } from '../../model/labels.ts';
import type { Metadata } from '../../model/metadata.ts';
import type { Exemplar } from '../../model/sample.ts';
import { STALE_HIGH, STALE_LOW } from '../../model/stale.ts';
import { type Appender, type AppendResult, OUTCOMES, type Outcome } from '../appender.ts';
import type { MemoryValue } from '../memory-series.ts';
import type { MemoryStore } from '../memory-store.ts';

interface Series {
  readonly labels: Labels;
  lastTime: number;
  lastValue: MemoryValue;
}

interface Row {
  readonly ref: number;
  readonly time: number;
  readonly value: MemoryValue;
}

export class MemoryAppender implements Appender {
  readonly exemplars: { readonly labels: Labels; readonly exemplar: Exemplar }[] = [];
  /** By the labels' key. */
  readonly metadataByKey: Map<string, Metadata> = new Map();
  readonly #store: MemoryStore;
  readonly #refs = new Map<string, number>();
  readonly #series = new Map<number, Series>();
  #rows: Row[] = [];
  #pending: (() => void)[] = [];
  #made = 0;
  #failure: string | undefined;

  constructor(store: MemoryStore) {
    this.#store = store;
  }

  get seriesMade(): number {
    return this.#made;
  }

  /** The next commit fails as if its log could not be written. */
  failNextCommit(message: string): void {
    this.#failure = message;
  }

  /** Forgets a series, as a head does with one that has had no samples for long. */
  forget(labels: Labels): void {
    const key = labelsKey(labels);
    this.#series.delete(this.#refs.get(key) ?? 0);
    this.#refs.delete(key);
  }

  seriesRef(labels: Labels): number {
    if (labels.length === 0) throw new OperationError('bad-data', 'cannot add a series: no labels');
    const key = labelsKey(labels);
    const found = this.#refs.get(key);
    if (found !== undefined) return found;
    const ref = ++this.#made;
    this.#refs.set(key, ref);
    this.#series.set(ref, { labels, lastTime: -Infinity, lastValue: 0 });
    return ref;
  }

  floats(refs: Float64Array, time: number, values: Uint32Array): void {
    refs.forEach((ref, i) => {
      this.float(ref, time, values[2 * i], values[2 * i + 1]);
    });
  }

  float(ref: number, time: number, low: number, high: number): void {
    this.#rows.push({ ref, time, value: valueOfBits(low >>> 0, high >>> 0) });
  }

  histogram(ref: number, time: number, histogram: FloatHistogram, _isInteger: boolean): void {
    this.#rows.push({ ref, time, value: histogram });
  }

  exemplar(ref: number, exemplar: Exemplar): void {
    const labels = this.#series.get(ref)?.labels;
    if (labels !== undefined) this.#pending.push(() => this.exemplars.push({ labels, exemplar }));
  }

  metadata(ref: number, metadata: Metadata): void {
    const labels = this.#series.get(ref)?.labels;
    if (labels === undefined) return;
    this.#pending.push(() => this.metadataByKey.set(labelsKey(labels), metadata));
  }

  commit(): AppendResult {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) {
      this.rollback();
      throw new OperationError('unavailable', failure);
    }
    const outcomes = this.#rows.map((row) => this.#append(row));
    for (const apply of this.#pending) apply();
    this.rollback();
    return {
      outcomes: Uint8Array.from(outcomes, (outcome) => OUTCOMES.indexOf(outcome)),
      appended: outcomes.filter((outcome) => outcome === 'appended').length,
      exemplarsOutOfOrder: 0,
    };
  }

  rollback(): void {
    this.#rows = [];
    this.#pending = [];
  }

  #append({ ref, time, value }: Row): Outcome {
    const series = this.#series.get(ref);
    if (series === undefined) return 'no-series';
    if (!Number.isSafeInteger(time)) return 'bad-time';
    if (time < series.lastTime) return 'out-of-order';
    if (time === series.lastTime) {
      return Object.is(value, series.lastValue) ? 'same' : 'duplicate';
    }
    this.#store.append(series.labels, { time, value });
    series.lastTime = time;
    series.lastValue = value;
    return 'appended';
  }
}

function valueOfBits(low: number, high: number): MemoryValue {
  if (low === STALE_LOW && high === STALE_HIGH) return 'stale';
  return new Float64Array(new Uint32Array([low, high]).buffer)[0] ?? 0;
}

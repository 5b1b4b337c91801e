/**
 * The newest exemplars of a head, of all series together, up to a fixed number: a new one takes the place of the oldest.
 * They keep the labels of their series, which may have ended. Source: the behaviour of Prometheus' tsdb/exemplar.go.
 */
import { compareLabels, type Labels, labelsKey, labelValue } from '../../model/labels.ts';
import { compileMatcher, type Matcher } from '../../model/matcher.ts';
import type { Exemplar } from '../../model/sample.ts';

export interface SeriesExemplars {
  readonly labels: Labels;
  /** By time. */
  readonly exemplars: readonly Exemplar[];
}

interface Entry {
  readonly exemplar: Exemplar;
  readonly series: Series;
}

interface Series {
  readonly key: string;
  readonly labels: Labels;
  count: number;
  newest: Exemplar | undefined;
}

export type ExemplarOutcome = 'added' | 'same' | 'out-of-order' | 'too-long';

/** Characters of names and values that an exemplar's labels may have. */
const LABEL_CHARACTERS_MAX = 128;

export class ExemplarRing {
  #ring: (Entry | undefined)[] = [];
  #next = 0;
  #capacity: number;
  readonly #series = new Map<string, Series>();

  /** @param capacity 0 keeps none. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get capacity(): number {
    return this.#capacity;
  }

  get count(): number {
    return Math.min(this.#ring.length, this.#capacity);
  }

  get seriesCount(): number {
    return this.#series.size;
  }

  /** Of the oldest one; 0 when there is none. */
  get lastTime(): number {
    const oldest = this.#ring[this.#next % Math.max(1, this.#ring.length)];
    return oldest?.exemplar.time ?? 0;
  }

  /** What `add` would say. */
  check(labels: Labels, exemplar: Exemplar): ExemplarOutcome {
    const characters = exemplar.labels.reduce((sum, text) => sum + [...text].length, 0);
    if (characters > LABEL_CHARACTERS_MAX) return 'too-long';
    const newest = this.#series.get(labelsKey(labels))?.newest;
    if (newest === undefined || exemplar.time > newest.time) return 'added';
    if (exemplar.time < newest.time) return 'out-of-order';
    const isSame =
      Object.is(exemplar.value, newest.value) &&
      compareLabels(exemplar.labels, newest.labels) === 0;
    // Others at one time: in the order of their values.
    return isSame ? 'same' : exemplar.value < newest.value ? 'out-of-order' : 'added';
  }

  add(labels: Labels, exemplar: Exemplar): ExemplarOutcome {
    const outcome = this.check(labels, exemplar);
    if (outcome !== 'added' || this.#capacity === 0) return outcome;
    const key = labelsKey(labels);
    let series = this.#series.get(key);
    if (series === undefined) {
      this.#series.set(key, (series = { key, labels, count: 0, newest: undefined }));
    }
    series.count++;
    series.newest = exemplar;
    this.#drop(this.#ring[this.#next]);
    this.#ring[this.#next] = { exemplar, series };
    this.#next = (this.#next + 1) % this.#capacity;
    return outcome;
  }

  /** The newest ones stay. */
  resize(capacity: number): void {
    const kept = this.#inOrder();
    const dropped = kept.splice(0, Math.max(0, kept.length - capacity));
    for (const entry of dropped) this.#drop(entry);
    this.#ring = kept;
    this.#capacity = capacity;
    this.#next = capacity === 0 ? 0 : kept.length % capacity;
  }

  /** Those of series that one of the selectors accepts, sorted by labels. Times are inclusive. */
  select(
    selectors: readonly (readonly Matcher[])[],
    minTime: number,
    maxTime: number,
  ): SeriesExemplars[] {
    const compiled = selectors.map((matchers) => matchers.map(compileMatcher));
    const found = new Map<Series, Exemplar[]>();
    for (const series of this.#series.values()) {
      const isWanted = compiled.some((matchers) =>
        matchers.every(({ name, matches }) => matches(labelValue(series.labels, name))),
      );
      if (isWanted) found.set(series, []);
    }
    for (const { exemplar, series } of this.#inOrder()) {
      if (exemplar.time >= minTime && exemplar.time <= maxTime) found.get(series)?.push(exemplar);
    }
    return [...found]
      .filter(([, exemplars]) => exemplars.length > 0)
      .map(([{ labels }, exemplars]) => ({ labels, exemplars }))
      .sort((a, b) => compareLabels(a.labels, b.labels));
  }

  /** From the oldest on. */
  #inOrder(): Entry[] {
    const ring = [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
    return ring.filter((entry) => entry !== undefined);
  }

  #drop(entry: Entry | undefined): void {
    if (entry === undefined) return;
    entry.series.count--;
    if (entry.series.count === 0) this.#series.delete(entry.series.key);
  }
}

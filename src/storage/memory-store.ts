/** Series held in plain memory: for scripts, rule unit tests and tests. Reads as Prometheus' head does. */

import { must } from '../base/assert.ts';
import type { Kernel } from '../base/kernel.ts';
import { compareLabels, compareText, type Labels, labelsKey, labelValue } from '../model/labels.ts';
import { compileMatcher, type Matcher } from '../model/matcher.ts';
import type { SampleColumns } from '../model/sample.ts';
import { MemorySeries, type MemoryValue } from './memory-series.ts';
import type {
  LabelsRequest,
  LabelsResult,
  Queryable,
  SelectRequest,
  SeriesSet,
} from './queryable.ts';

export interface MemorySample {
  /** Milliseconds. */
  readonly time: number;
  readonly value: MemoryValue;
  /** When the counter began, 0 if that is not known. */
  readonly startTime?: number;
}

export class MemoryStore implements Queryable {
  readonly #series = new Map<string, MemorySeries>();

  /** Times of a series ascend. Throws OperationError 'bad-data' otherwise. */
  append(labels: Labels, { time, value, startTime = 0 }: MemorySample): void {
    const key = labelsKey(labels);
    let series = this.#series.get(key);
    if (series === undefined) this.#series.set(key, (series = new MemorySeries(labels)));
    series.append(time, value, startTime);
  }

  clear(): void {
    this.#series.clear();
  }

  async select(request: SelectRequest): Promise<SeriesSet> {
    const { limit, shard } = request.hints;
    const found = this.#find(request.matchers, request.minTime, request.maxTime);
    const most = limit > 0 ? limit : found.length;
    const wanted = found
      .filter((_, i) => shard === undefined || i % shard.count === shard.index)
      .slice(0, most);
    return new MemorySeriesSet(wanted);
  }

  async labelNames(request: LabelsRequest): Promise<LabelsResult> {
    const names = this.#findLabels(request).flatMap((labels) =>
      labels.filter((_, i) => i % 2 === 0),
    );
    return limited(names, request.limit);
  }

  async labelValues(name: string, request: LabelsRequest): Promise<LabelsResult> {
    const values = this.#findLabels(request).map((labels) => labelValue(labels, name));
    return limited(
      values.filter((value) => value !== ''),
      request.limit,
    );
  }

  #findLabels({ matchers, minTime, maxTime }: LabelsRequest): readonly Labels[] {
    return this.#find(matchers, minTime, maxTime).map(({ labels }) => labels);
  }

  #find(matchers: readonly Matcher[], minTime: number, maxTime: number): readonly MemorySeries[] {
    const compiled = matchers.map(compileMatcher);
    return [...this.#series.values()]
      .filter(({ labels }) =>
        compiled.every(({ name, matches }) => matches(labelValue(labels, name))),
      )
      .filter((series) => series.hasSampleIn(minTime, maxTime))
      .sort((a, b) => compareLabels(a.labels, b.labels));
  }
}

function limited(texts: readonly string[], limit: number): LabelsResult {
  const values = [...new Set(texts)].sort(compareText);
  return { values: limit > 0 ? values.slice(0, limit) : values, warnings: [] };
}

class MemorySeriesSet implements SeriesSet {
  readonly warnings: readonly string[] = [];
  readonly #series: readonly MemorySeries[];
  #at = -1;

  constructor(series: readonly MemorySeries[]) {
    this.#series = series;
  }

  next(): boolean {
    this.#at++;
    return this.#at < this.#series.length;
  }

  get labels(): Labels {
    return this.#current().labels;
  }

  read(kernel: Kernel): SampleColumns {
    return this.#current().read(kernel);
  }

  #current(): MemorySeries {
    return must(this.#series[this.#at], 'a series to be current');
  }

  [Symbol.dispose](): void {
    // Nothing is held.
  }
}

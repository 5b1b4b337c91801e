/** Series of several blocks merged by their labels. */
import type { Kernel } from '../../base/kernel.ts';
import { compareLabels, type Labels, NO_LABELS } from '../../model/labels.ts';
import type { SampleColumns } from '../../model/sample.ts';
import type { SelectHints, SeriesSet } from '../../storage/queryable.ts';
import { ofBlock } from './block.ts';
import type { BlockSeries } from './block-series.ts';
import { type BlockReading, readSeries } from './read-series.ts';

export class BlockSeriesSet implements SeriesSet {
  readonly warnings: readonly string[] = [];
  labels: Labels = NO_LABELS;
  /** Cursors that stand on a series, a heap by labels: the first is the least. */
  readonly #heap: BlockSeries[] = [];
  readonly #hints: SelectHints;
  readonly #reading: BlockReading;
  /** The cursors that stand on the current series. */
  #current: BlockSeries[];
  #given = 0;
  #seen = 0;

  constructor(cursors: readonly BlockSeries[], hints: SelectHints, reading: BlockReading) {
    this.#reading = reading;
    this.#hints = hints;
    this.#current = [...cursors];
  }

  next(): boolean {
    const { limit, shard } = this.#hints;
    if (limit > 0 && this.#given === limit) return false;
    while (this.#advance()) {
      const number = this.#seen++;
      if (shard !== undefined && number % shard.count !== shard.index) continue;
      this.#given++;
      return true;
    }
    return false;
  }

  #advance(): boolean {
    for (const cursor of this.#current) {
      if (ofBlock(cursor.block, () => cursor.next())) push(this.#heap, cursor);
    }
    const first = pop(this.#heap);
    this.#current = first === undefined ? [] : [first];
    if (first === undefined) return false;
    this.labels = first.labels;
    while (this.#heap[0] !== undefined && compareLabels(this.#heap[0].labels, this.labels) === 0) {
      this.#current.push(pop(this.#heap) as BlockSeries);
    }
    return true;
  }

  /** What the blocks hold of the current series. */
  get parts(): readonly BlockSeries[] {
    return this.#current;
  }

  read(kernel: Kernel): SampleColumns {
    return readSeries(kernel, this.#current, this.#reading);
  }

  [Symbol.dispose](): void {
    this.#heap.length = 0;
    this.#current = [];
  }
}

function push(heap: BlockSeries[], cursor: BlockSeries): void {
  let at = heap.length;
  heap.push(cursor);
  while (at > 0) {
    const above = (at - 1) >>> 1;
    const parent = heap[above] as BlockSeries;
    if (compareLabels(parent.labels, cursor.labels) <= 0) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = cursor;
}

function pop(heap: BlockSeries[]): BlockSeries | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= heap.length) break;
    const left = heap[below] as BlockSeries;
    const right = heap[below + 1];
    if (right !== undefined && compareLabels(right.labels, left.labels) < 0) below++;
    const least = heap[below] as BlockSeries;
    if (compareLabels(last.labels, least.labels) <= 0) break;
    heap[at] = least;
    at = below;
  }
  heap[at] = last;
  return first;
}

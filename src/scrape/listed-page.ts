/** A page whose rows were made one by one: of protobuf messages, or by turning classic histograms into native ones. */
import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import type { PageExemplar, PageMetadata } from './exposition-reader.ts';
import { type PageMemory, PageRows } from './page-rows.ts';
import type { LabelPairs } from './sample-labels.ts';
import type { PageHistogram, ScrapedPage } from './scraped-page.ts';

export interface ListedRow {
  readonly pairs: LabelPairs;
  readonly value: number | PageHistogram;
  readonly timeMs: number | undefined;
  readonly exemplars: readonly PageExemplar[];
}

const SEPARATOR = 0xff;

export class PageList {
  readonly metadata: PageMetadata[] = [];
  readonly #rows: ListedRow[] = [];

  add(row: ListedRow): void {
    this.#rows.push(row);
  }

  /** The rows against what the target's last page looked like. */
  finish(
    kernel: Kernel,
    memory: PageMemory | undefined,
    fault: OperationError | undefined,
  ): ScrapedPage {
    const list = this.#rows;
    const { bytes, ends } = seriesKeys(list);
    const rows = new PageRows(kernel, bytes, memory, list.length);
    const exemplars = new Map<number, readonly PageExemplar[]>();
    const histograms = new Map<number, PageHistogram>();
    list.forEach((row, i) => {
      const value = typeof row.value === 'number' ? row.value : 0;
      if (typeof row.value === 'object') histograms.set(i, row.value);
      if (row.exemplars.length > 0) exemplars.set(i, row.exemplars);
      const start = i === 0 ? 0 : ends[i - 1];
      rows.append({ start, end: ends[i], value, timeMs: row.timeMs, type: 0 });
    });
    return {
      rows,
      fault,
      metadata: this.metadata,
      newLines: [],
      exemplars,
      histograms,
      labelPairs: (row) => uniquePairs(list[row].pairs),
      release: () => rows.release(),
    };
  }
}

/** Names and values with a byte between them that is no part of any text: different for different series. */
function seriesKeys(rows: readonly ListedRow[]): {
  readonly bytes: Uint8Array;
  readonly ends: readonly number[];
} {
  let size = 0;
  for (const { pairs } of rows) {
    for (const [name, value] of pairs) size += (name.length + value.length) * 3 + 2;
  }
  const bytes = Buffer.allocUnsafeSlow(size);
  const ends: number[] = [];
  let at = 0;
  for (const { pairs } of rows) {
    for (const [name, value] of pairs) {
      at += bytes.write(name, at);
      bytes[at++] = SEPARATOR;
      at += bytes.write(value, at);
      bytes[at++] = SEPARATOR;
    }
    ends.push(at);
  }
  return { bytes: new Uint8Array(bytes.subarray(0, at)), ends };
}

function uniquePairs(pairs: LabelPairs): LabelPairs {
  const names = new Set(pairs.map(([name]) => name));
  if (names.size === pairs.length) return pairs;
  throw new OperationError('bad-data', 'a series has a label name twice');
}

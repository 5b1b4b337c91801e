/** A page that was read, whatever its format: what ingestion works on. */
import type { OperationError } from '../base/errors.ts';
import type { FloatHistogram } from '../model/histogram.ts';
import type { PageExemplar, PageMetadata } from './exposition-reader.ts';
import type { PageLine, PageRows } from './page-rows.ts';
import type { LabelPairs } from './sample-labels.ts';

export interface PageHistogram {
  readonly histogram: FloatHistogram;
  /** All counts are whole. */
  readonly isInteger: boolean;
}

/** It holds kernel memory until it is released. */
export interface ScrapedPage {
  readonly rows: PageRows;
  /** The first mistake; the rows are those before it. */
  readonly fault: OperationError | undefined;
  /** Of the lines that the memory did not hold. */
  readonly metadata: readonly PageMetadata[];
  readonly newLines: readonly PageLine[];
  /** By row. */
  readonly exemplars: ReadonlyMap<number, readonly PageExemplar[]>;
  /** By row: these have a histogram for a value. */
  readonly histograms: ReadonlyMap<number, PageHistogram>;
  /** Throws OperationError 'bad-data' for a name that comes twice. */
  labelPairs(row: number): LabelPairs;
  release(): void;
}

/** What a replica of the simulation keeps its samples in. */
import type { Labels } from '../../src/model/labels.ts';
import type { Matcher } from '../../src/model/matcher.ts';
import type { Appender } from '../../src/storage/appender.ts';

export interface ReplicaStore {
  readonly appender: Appender;
  /** Damaged places that were found and repaired when it was opened. */
  readonly damages: number;
  /** In label order, with the chunks that overlap the times. */
  series(
    matchers: readonly Matcher[],
    minTime: number,
    maxTime: number,
  ): Promise<readonly StoredSeries[]>;
  /** Both ends belong to it. */
  delete(matchers: readonly Matcher[], minTime: number, maxTime: number): void;
  /** Does a slice of what is due in the background. */
  step(): void;
  close(): void;
}

export interface StoredSeries {
  readonly labels: Labels;
  readonly chunks: readonly EncodedChunk[];
}

export interface EncodedChunk {
  readonly minTime: number;
  readonly maxTime: number;
  readonly encoding: number;
  readonly data: Uint8Array;
}

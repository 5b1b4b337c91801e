/**
 * What an answer made of both replicas must be, told from the chunks that they sent: chunks in order are distributed to
 * columns that do not overlap in themselves, and columns are merged by penalty, stale markers as any other sample.
 */
import type { ReplicaSample } from '../../src/storage/testing/dedup-oracle.ts';
import { penaltyOracle } from '../../src/storage/testing/dedup-oracle.ts';
import type { GivenSample } from './model.ts';
import type { SentChunk } from './wire.ts';

export interface Bounds {
  /** Exclusive. */
  readonly afterMs: number;
  /** Inclusive. */
  readonly untilMs: number;
}

/** The samples that are shown: without stale markers. */
export function mergedSamples(
  chunks: readonly SentChunk[],
  { afterMs, untilMs }: Bounds,
): readonly GivenSample[] {
  const columns = columnsOf(chunks).map((column) =>
    column
      .flatMap(({ samples }) => samples)
      .filter(({ time }) => time > afterMs && time <= untilMs)
      .map(({ time, value }): ReplicaSample => ({ time, value: value === 'stale' ? NaN : value })),
  );
  if (columns.length === 0) return [];
  const merged = columns.length === 1 ? (columns[0] ?? []) : penaltyOracle(columns, false);
  return merged.flatMap(({ time, value }) =>
    typeof value === 'number' && !Number.isNaN(value) ? [{ time, value }] : [],
  );
}

/** Each chunk goes to the first column that ends before it. */
function columnsOf(chunks: readonly SentChunk[]): readonly (readonly SentChunk[])[] {
  const columns: SentChunk[][] = [];
  const inOrder = [...chunks].sort((a, b) => a.minTime - b.minTime || a.maxTime - b.maxTime);
  for (const chunk of inOrder) {
    const column = columns.find((one) => (one.at(-1)?.maxTime ?? Infinity) < chunk.minTime);
    if (column === undefined) columns.push([chunk]);
    else column.push(chunk);
  }
  return columns;
}

/** What is wrong with a merged answer, by its first difference. */
export function faultsOfMerged(
  want: readonly GivenSample[],
  given: readonly GivenSample[],
): readonly string[] {
  const at = Array.from({ length: Math.max(want.length, given.length) }, (_, i) => i).find(
    (i) => want[i]?.time !== given[i]?.time || want[i]?.value !== given[i]?.value,
  );
  if (at === undefined) return [];
  const print = (sample: GivenSample | undefined): string =>
    sample === undefined ? 'nothing' : `${sample.value} at ${sample.time}`;
  return [`sample ${at + 1} is ${print(given[at])} instead of ${print(want[at])}`];
}

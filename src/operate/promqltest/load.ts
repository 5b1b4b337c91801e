/** The samples of a load command: every value at its time. */
import type { Labels } from '../../model/labels.ts';
import type { MemoryValue } from '../../storage/memory-series.ts';
import type { MemorySample } from '../../storage/memory-store.ts';
import { customBucketSeries } from './custom-buckets.ts';
import type { LoadCommand, LoadedSeries } from './script.ts';
import type { SequenceValue } from './series-notation.ts';

export interface SeriesSamples {
  readonly labels: Labels;
  readonly samples: readonly MemorySample[];
}

/** Value i is at i · gap; with the native histograms that the classic ones make, if the command wants them. */
export function samplesOf(command: LoadCommand): readonly SeriesSamples[] {
  const plain = command.series.map((series) => ({
    labels: series.labels,
    samples: seriesSamples(series, command.gapMs),
  }));
  return command.withCustomBuckets ? [...plain, ...customBucketSeries(plain)] : plain;
}

function seriesSamples({ values, startOffsets }: LoadedSeries, gapMs: number): MemorySample[] {
  const samples: MemorySample[] = [];
  for (const [i, item] of values.entries()) {
    const value = loadedValue(item);
    if (value === undefined) continue;
    const time = i * gapMs;
    const offset = startOffsets?.[i];
    samples.push({ time, value, startTime: offset === undefined ? 0 : time + offset });
  }
  return samples;
}

function loadedValue(item: SequenceValue): MemoryValue | undefined {
  switch (item.kind) {
    case 'gap':
      return undefined;
    case 'stale':
      return 'stale';
    case 'float':
      return item.value;
    case 'histogram':
      return item.histogram;
  }
}

/** Figures of a head: for its metrics, and which labels make it large. */
import { largestValues, pairFigures } from './head-index.ts';
import { type HeadParts, headTimes } from './head-parts.ts';

export interface HeadStats {
  readonly series: number;
  /** Of which the newest sample is a native histogram, and the buckets of these samples. */
  readonly histogramSeries: number;
  readonly histogramBuckets: number;
  /** Full ones in chunks_head and open ones in memory. */
  readonly chunks: number;
  readonly chunksCreated: number;
  readonly chunksRemoved: number;
  /** Infinity and −Infinity when there are no samples. */
  readonly minTime: number;
  readonly maxTime: number;
  /** Memory that the head has taken, and what of it is free for new series and chunks. */
  readonly memoryBytes: number;
  readonly freeBytes: number;
  readonly histogramBytes: number;
  readonly exemplars: number;
  readonly exemplarSeries: number;
  readonly exemplarCapacity: number;
  readonly exemplarLastTime: number;
}

/** Cheap, except that open chunks of histograms are looked at. */
export function headStats(parts: HeadParts): HeadStats {
  const { memory, histograms, exemplars } = parts;
  const { kernel, head } = memory;
  const { exports } = kernel;
  return {
    ...headTimes(parts),
    series: memory.liveSeries,
    histogramSeries: histograms.openChunks,
    histogramBuckets: histograms.buckets,
    chunks: (exports.headChunks(head) >>> 0) + histograms.openChunks,
    chunksCreated: exports.headChunksBegun(head) + histograms.chunksBegun,
    chunksRemoved: exports.headChunksDropped(head),
    memoryBytes: kernel.arena.usedBytes,
    freeBytes: (exports.headUnused(head) >>> 0) + (exports.headFreeSlabBytes(head) >>> 0),
    histogramBytes: histograms.usedBytes,
    exemplars: exemplars.count,
    exemplarSeries: exemplars.seriesCount,
    exemplarCapacity: exemplars.capacity,
    exemplarLastTime: exemplars.lastTime,
  };
}

export interface NamedFigure {
  readonly name: string;
  readonly value: number;
}

/** The largest of each kind, in falling order. */
export interface HeadCardinality {
  readonly labelPairs: number;
  readonly seriesByMetric: readonly NamedFigure[];
  readonly valuesByLabel: readonly NamedFigure[];
  readonly bytesByLabel: readonly NamedFigure[];
  /** `name=value`. */
  readonly seriesByPair: readonly NamedFigure[];
}

export function headCardinality({ memory }: HeadParts, limit: number): HeadCardinality {
  const { pairs, byName, largest } = pairFigures(memory, limit);
  const top = (figures: NamedFigure[]): readonly NamedFigure[] =>
    figures.sort((a, b) => b.value - a.value).slice(0, limit);
  const names = [...byName];
  return {
    labelPairs: pairs,
    seriesByMetric: largestValues(memory, '__name__', limit).map(({ value, series }) => ({
      name: value,
      value: series,
    })),
    valuesByLabel: top(names.map(([name, { values }]) => ({ name, value: values }))),
    bytesByLabel: top(names.map(([name, { bytes }]) => ({ name, value: bytes }))),
    seriesByPair: largest.map(({ name, value, series }) => ({
      name: `${name}=${value}`,
      value: series,
    })),
  };
}

/** Blocks from plain values, and back, for tests that compare with a model. */

import type { FileSystem } from '../../base/file-system.ts';
import { testKernel } from '../../base/testing/kernel.ts';
import { XOR } from '../../chunk/encoding.ts';
import { encodeXorChunk } from '../../chunk/xor-encode.ts';
import { compareLabels, compareText, type Labels } from '../../model/labels.ts';
import { type BlockSource, type SourceChunk, writeBlock } from '../block/block-writer.ts';
import { type BlockMeta, NO_STATS } from '../block/meta.ts';

export interface ModelSeries {
  readonly labels: Labels;
  /** Time → value. */
  readonly samples: ReadonlyMap<number, number>;
}

export function modelMeta(ulid: string, minTime: number, maxTime: number): BlockMeta {
  return {
    ulid,
    minTime,
    maxTime,
    stats: NO_STATS,
    compaction: {
      level: 1,
      sources: [ulid],
      parents: [],
      deletable: false,
      failed: false,
      hints: [],
    },
    document: {},
  };
}

/** Writes a block in one go; undefined where there are no samples. */
export function writeModelBlock(
  files: FileSystem,
  directory: string,
  meta: BlockMeta,
  series: readonly ModelSeries[],
): BlockMeta | undefined {
  const source = modelSource(series);
  const steps = writeBlock({ files, directory, source, meta, kernel: testKernel() });
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Chunks of at most `samplesPerChunk` samples. */
export function modelSource(series: readonly ModelSeries[], samplesPerChunk = 120): BlockSource {
  // Series without samples are passed on too: a writer leaves them out.
  const sorted = series.toSorted((a, b) => compareLabels(a.labels, b.labels));
  const symbols = [...new Set(sorted.flatMap(({ labels }) => labels))].sort(compareText);
  const numbers = new Map(symbols.map((symbol, number) => [symbol, number]));
  let at = -1;
  return {
    symbols: () => symbols,
    next(buffer) {
      const one = sorted[++at];
      if (one === undefined) return false;
      buffer.setLabels(Uint32Array.from(one.labels, (label) => numbers.get(label) as number));
      buffer.setChunks(chunksOf(one, samplesPerChunk));
      return true;
    },
  };
}

function chunksOf({ samples }: ModelSeries, samplesPerChunk: number): SourceChunk[] {
  const times = Float64Array.from([...samples.keys()].sort((a, b) => a - b));
  const values = Float64Array.from(times, (time) => samples.get(time) as number);
  const words = new Uint32Array(values.buffer);
  const chunks: SourceChunk[] = [];
  for (let start = 0; start < times.length; start += samplesPerChunk) {
    const end = Math.min(times.length, start + samplesPerChunk);
    const data = encodeXorChunk({ times, words, start, end });
    const minTime = times[start] as number;
    chunks.push({ minTime, maxTime: times[end - 1] as number, encoding: XOR, data });
  }
  return chunks;
}

/** The SAMPLES answer of a Prometheus that cannot stream chunks: its samples are put into chunks here. */
import type { Kernel } from '../base/kernel.ts';
import { XOR } from '../chunk/encoding.ts';
import { encodeXorChunk } from '../chunk/xor-encode.ts';
import { type SampledSeries, walkReadResponse } from '../wire/read-response.ts';
import { SeriesResponseEncoder } from '../wire/series-response.ts';
import { decodeSnappyBlock } from '../wire/snappy.ts';
import type { WireChunk } from '../wire/wire-series.ts';
import { type LabelRewrite, rewriteLabels } from './prometheus-labels.ts';
import type { EncodedSeries } from './prometheus-stream.ts';

const SAMPLES_PER_CHUNK = 120;

/**
 * Series in the order of the answer, which is none. Throws OperationError 'corrupt', or 'limit' when the answer
 * is larger than maxBytes. Such a Prometheus has no native histograms.
 */
export function* sampledSeries(
  kernel: Kernel,
  body: Uint8Array,
  rewrite: LabelRewrite,
  maxBytes: number,
): Generator<EncodedSeries> {
  const encoder = new SeriesResponseEncoder();
  for (const series of walkReadResponse(decodeSnappyBlock(kernel, body, maxBytes))) {
    const chunks = [...chunksOf(series)];
    if (chunks.length === 0) continue;
    const labels = rewriteLabels(series.labels, rewrite);
    yield { labels, field: encoder.series([{ labels, chunks }]), chunks: chunks.length };
  }
}

function* chunksOf({ times, values }: SampledSeries): Generator<WireChunk> {
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  for (let start = 0; start < times.length; start += SAMPLES_PER_CHUNK) {
    const end = Math.min(start + SAMPLES_PER_CHUNK, times.length);
    const bytes = encodeXorChunk({ times, words, start, end });
    yield {
      minTime: times[start] as number,
      maxTime: times[end - 1] as number,
      aggregate: 'raw',
      encoding: XOR,
      bytes,
      offset: 0,
      length: bytes.length,
    };
  }
}

/**
 * Encodes remote write requests of version 1 (prometheus.WriteRequest in proto/prometheus/remote.proto) from
 * columns, by hand because generated code would lose the bits of stale markers.
 */
import type { CounterResetHint, FloatHistogram, Span } from '../model/histogram.ts';
import type { Labels } from '../model/labels.ts';
import type { HistogramSample } from '../model/sample.ts';
import { STALE_HIGH, STALE_LOW } from '../model/stale.ts';
import { Histogram_ResetHint, HistogramSchema } from './gen/prometheus/remote_pb.ts';
import { encodeMessage } from './message.ts';
import { ReverseWriter } from './reverse-writer.ts';

export interface WriteSeries {
  readonly labels: Labels;
  /** Parallel columns, times in milliseconds; stale markers keep their bits. */
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly histograms: readonly HistogramSample[];
}

const LENGTH_DELIMITED = 2;
const FIXED64 = 1;

/** Not compressed yet. */
export function encodeWriteRequest(all: readonly WriteSeries[]): Uint8Array<ArrayBuffer> {
  const writer = new ReverseWriter();
  for (const series of all.toReversed()) {
    message(writer, 1, () => writeSeries(writer, series));
  }
  return writer.take();
}

/** Writes what is inside first, as everything here is written from its end. */
function message(writer: ReverseWriter, field: number, writeBody: () => void): void {
  const before = writer.length;
  writeBody();
  writer.header((field << 3) | LENGTH_DELIMITED, before);
}

function writeSeries(writer: ReverseWriter, series: WriteSeries): void {
  const { labels, times, values, histograms } = series;
  for (const sample of histograms.toReversed()) {
    message(writer, 4, () => writer.raw(encodeHistogram(sample)));
  }
  const bits = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let i = times.length - 1; i >= 0; i--) {
    message(writer, 2, () => {
      writer.int64(times[i] as number);
      writer.varint(2 << 3);
      writer.raw(bits.subarray(8 * i, 8 * i + 8));
      writer.varint((1 << 3) | FIXED64);
    });
  }
  for (let i = labels.length - 2; i >= 0; i -= 2) {
    message(writer, 1, () => {
      message(writer, 2, () => writer.text(labels[i + 1] as string));
      message(writer, 1, () => writer.text(labels[i] as string));
    });
  }
}

const RESET_HINTS: Readonly<Record<CounterResetHint, Histogram_ResetHint>> = {
  unknown: Histogram_ResetHint.UNKNOWN,
  reset: Histogram_ResetHint.YES,
  not_reset: Histogram_ResetHint.NO,
  gauge: Histogram_ResetHint.GAUGE,
};

/** The sum, field 3, as it stands in the bytes of a stale histogram. */
const STALE_SUM = (3 << 3) | FIXED64;

function encodeHistogram({ time, histogram }: HistogramSample): Uint8Array {
  const bytes = encodeMessage(HistogramSchema, {
    count: { case: 'countFloat', value: histogram.stale ? 0 : histogram.count },
    sum: histogram.stale ? 0 : histogram.sum,
    zeroCount: { case: 'zeroCountFloat', value: histogram.stale ? 0 : histogram.zeroCount },
    resetHint: RESET_HINTS[histogram.counterResetHint],
    timestamp: BigInt(time),
    ...(histogram.stale ? {} : buckets(histogram)),
  });
  if (!histogram.stale) return bytes;
  // A sum of 0 is left out by the encoder: the marker can follow as a field of its own.
  const marked = new Uint8Array(bytes.length + 9);
  marked.set(bytes);
  marked[bytes.length] = STALE_SUM;
  const view = new DataView(marked.buffer);
  view.setUint32(bytes.length + 1, STALE_LOW, true);
  view.setUint32(bytes.length + 5, STALE_HIGH, true);
  return marked;
}

function buckets(histogram: FloatHistogram) {
  const span = ({ offset, length }: Span): { offset: number; length: number } => ({
    offset,
    length,
  });
  return {
    schema: histogram.schema,
    zeroThreshold: histogram.zeroThreshold,
    positiveSpans: histogram.positiveSpans.map(span),
    negativeSpans: histogram.negativeSpans.map(span),
    positiveCounts: [...histogram.positiveBuckets],
    negativeCounts: [...histogram.negativeBuckets],
    customValues: [...histogram.customValues],
  };
}

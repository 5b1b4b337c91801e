/** Decodes io.prometheus.client.MetricFamily, by hand and only what scraping needs. */
import type { Span } from '../model/histogram.ts';
import { makeLabels } from '../model/labels.ts';
import { FIXED64, ProtobufReader, VARINT } from '../wire/protobuf-reader.ts';
import type { PageExemplar } from './exposition-reader.ts';
import type { LabelPairs } from './sample-labels.ts';

export interface MessageFamily {
  readonly name: string;
  readonly help: string;
  readonly unit: string;
  readonly type: number;
  /** The encoded metrics, decoded one by one. */
  readonly metrics: readonly Uint8Array[];
}

export interface MessageMetric {
  readonly labels: LabelPairs;
  /** Of a counter, gauge or untyped metric. */
  readonly value: number;
  readonly exemplar: PageExemplar | undefined;
  /** 0 for none. */
  readonly timeMs: number;
  readonly summary: MessageSummary;
  readonly histogram: MessageHistogram;
}

export interface MessageSummary {
  readonly count: number;
  readonly sum: number;
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
}

export interface MessageSide {
  readonly spans: readonly Span[];
  readonly deltas: readonly number[];
  readonly counts: readonly number[];
}

export interface MessageHistogram {
  readonly count: number;
  readonly countFloat: number;
  readonly sum: number;
  readonly buckets: readonly MessageBucket[];
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly zeroCountFloat: number;
  readonly positive: MessageSide;
  readonly negative: MessageSide;
  readonly exemplars: readonly PageExemplar[];
}

export interface MessageBucket {
  readonly count: number;
  readonly bound: number;
  readonly exemplar: PageExemplar | undefined;
}

const EMPTY_SUMMARY: MessageSummary = { count: 0, sum: 0, quantiles: [] };
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const NONE = new Uint8Array(0);
const EMPTY_HISTOGRAM = readHistogram(readerOf(NONE));

/** Throws OperationError 'corrupt'. */
export function decodeFamily(bytes: Uint8Array): MessageFamily {
  const reader = new ProtobufReader('io.prometheus.client.MetricFamily', bytes);
  let [name, help, unit, type] = ['', '', '', 0];
  const metrics: Uint8Array[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) name = readText(reader);
    else if (field === 2) help = readText(reader);
    else if (field === 3) type = reader.int64();
    else if (field === 4) metrics.push(reader.range());
    else if (field === 5) unit = readText(reader);
    else reader.skip();
  }
  return { name, help, unit, type, metrics };
}

/** Throws OperationError 'corrupt'. */
export function decodeMetric(bytes: Uint8Array): MessageMetric {
  const reader = readerOf(bytes);
  const labels: (readonly [string, string])[] = [];
  let value = 0;
  let timeMs = 0;
  let exemplar: PageExemplar | undefined;
  let summary = EMPTY_SUMMARY;
  let histogram = EMPTY_HISTOGRAM;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) labels.push(readLabel(readerOf(reader.range())));
    else if (field === 2 || field === 3 || field === 5) {
      ({ value, exemplar } = readSimple(readerOf(reader.range())));
    } else if (field === 4) summary = readSummary(readerOf(reader.range()));
    else if (field === 6) timeMs = reader.int64();
    else if (field === 7) histogram = readHistogram(readerOf(reader.range()));
    else reader.skip();
  }
  return { labels, value, exemplar, timeMs, summary, histogram };
}

function readerOf(bytes: Uint8Array): ProtobufReader {
  return new ProtobufReader('io.prometheus.client.Metric', bytes);
}

function readText(reader: ProtobufReader): string {
  const bytes = reader.range();
  try {
    return DECODER.decode(bytes);
  } catch {
    throw reader.corrupt('a text is no UTF-8');
  }
}

function readDouble(reader: ProtobufReader): number {
  const bytes = new Uint8Array(8);
  reader.copyDouble(bytes, 0);
  return new DataView(bytes.buffer).getFloat64(0, true);
}

function readLabel(reader: ProtobufReader): readonly [string, string] {
  let [name, value] = ['', ''];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) name = readText(reader);
    else if (field === 2) value = readText(reader);
    else reader.skip();
  }
  return [name, value];
}

/** A gauge, an untyped metric or a counter, whose exemplar is the second field. */
function readSimple(reader: ProtobufReader): Pick<MessageMetric, 'value' | 'exemplar'> {
  let value = 0;
  let exemplar: PageExemplar | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) value = readDouble(reader);
    else if (field === 2) exemplar = readExemplar(readerOf(reader.range()));
    else reader.skip();
  }
  return { value, exemplar };
}

function readExemplar(reader: ProtobufReader): PageExemplar {
  const labels: (readonly [string, string])[] = [];
  let value = 0;
  let timeMs: number | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) labels.push(readLabel(readerOf(reader.range())));
    else if (field === 2) value = readDouble(reader);
    else if (field === 3) timeMs = readTimestamp(readerOf(reader.range()));
    else reader.skip();
  }
  return { labels: makeLabels(labels), value, timeMs };
}

function readTimestamp(reader: ProtobufReader): number {
  let [seconds, nanos] = [0, 0];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) seconds = reader.int64();
    else if (field === 2) nanos = reader.int64();
    else reader.skip();
  }
  return seconds * 1000 + Math.trunc(nanos / 1e6);
}

function readSummary(reader: ProtobufReader): MessageSummary {
  let [count, sum] = [0, 0];
  const quantiles: { quantile: number; value: number }[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) count = reader.int64();
    else if (field === 2) sum = readDouble(reader);
    else if (field === 3) quantiles.push(readQuantile(readerOf(reader.range())));
    else reader.skip();
  }
  return { count, sum, quantiles };
}

function readQuantile(reader: ProtobufReader): MessageSummary['quantiles'][number] {
  let [quantile, value] = [0, 0];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) quantile = readDouble(reader);
    else if (field === 2) value = readDouble(reader);
    else reader.skip();
  }
  return { quantile, value };
}

function readHistogram(reader: ProtobufReader): MessageHistogram {
  const numbers = { count: 0, countFloat: 0, sum: 0, schema: 0 };
  const zero = { zeroThreshold: 0, zeroCount: 0, zeroCountFloat: 0 };
  const buckets: MessageBucket[] = [];
  const exemplars: PageExemplar[] = [];
  const positive: GrowingSide = { spans: [], deltas: [], counts: [] };
  const negative: GrowingSide = { spans: [], deltas: [], counts: [] };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 1:
        numbers.count = reader.int64();
        break;
      case 2:
        numbers.sum = readDouble(reader);
        break;
      case 3:
        buckets.push(readBucket(readerOf(reader.range())));
        break;
      case 4:
        numbers.countFloat = readDouble(reader);
        break;
      case 5:
        numbers.schema = unzigzag(reader.int64());
        break;
      case 6:
        zero.zeroThreshold = readDouble(reader);
        break;
      case 7:
        zero.zeroCount = reader.int64();
        break;
      case 8:
        zero.zeroCountFloat = readDouble(reader);
        break;
      case 16:
        exemplars.push(readExemplar(readerOf(reader.range())));
        break;
      default:
        if (field >= 9 && field <= 11) readSideField(reader, field - 9, negative);
        else if (field >= 12 && field <= 14) readSideField(reader, field - 12, positive);
        else reader.skip();
    }
  }
  return { ...numbers, ...zero, buckets, positive, negative, exemplars };
}

type GrowingSide = { readonly spans: Span[]; readonly deltas: number[]; readonly counts: number[] };

/** Field 0 is a span, 1 holds deltas, 2 counts. */
function readSideField(reader: ProtobufReader, field: number, side: GrowingSide): void {
  if (field === 0) side.spans.push(readSpan(readerOf(reader.range())));
  else if (field === 1) reader.forEach(VARINT, () => side.deltas.push(unzigzag(reader.int64())));
  else reader.forEach(FIXED64, () => side.counts.push(readDouble(reader)));
}

function readBucket(reader: ProtobufReader): MessageBucket {
  let [count, countFloat, bound] = [0, 0, 0];
  let exemplar: PageExemplar | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) count = reader.int64();
    else if (field === 2) bound = readDouble(reader);
    else if (field === 3) exemplar = readExemplar(readerOf(reader.range()));
    else if (field === 4) countFloat = readDouble(reader);
    else reader.skip();
  }
  return { count: countFloat === 0 ? count : countFloat, bound, exemplar };
}

function readSpan(reader: ProtobufReader): Span {
  let [offset, length] = [0, 0];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) offset = unzigzag(reader.int64());
    else if (field === 2) length = reader.int64();
    else reader.skip();
  }
  return { offset, length };
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

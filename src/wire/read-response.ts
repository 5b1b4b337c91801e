/** Remote read's SAMPLES answer: a walk over an encoded prometheus.ReadResponse (after snappy), series by series. */
import type { Labels } from '../model/labels.ts';
import type { Histogram } from './gen/prometheus/remote_pb.ts';
import { HistogramSchema } from './gen/prometheus/remote_pb.ts';
import { decodeMessage } from './message.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { TextCache } from './text-cache.ts';
import { readLabel, toLabels } from './wire-series.ts';

export interface SampledSeries {
  /** Which of the request's queries it answers. */
  readonly queryIndex: number;
  readonly labels: Labels;
  /** Milliseconds. */
  readonly times: Float64Array;
  /** As long as times; the bits are those received. */
  readonly values: Float64Array;
  readonly histograms: readonly Histogram[];
}

/** @throws OperationError 'corrupt' with the offset. */
export function* walkReadResponse(response: Uint8Array): Generator<SampledSeries> {
  const reader = new ProtobufReader('prometheus.ReadResponse', response);
  const texts = new TextCache();
  let queryIndex = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 1) {
      reader.skip();
      continue;
    }
    const outer = reader.enter();
    for (let inner = reader.next(); inner !== 0; inner = reader.next()) {
      if (inner === 1) yield readSeries(reader, texts, queryIndex);
      else reader.skip();
    }
    reader.leave(outer);
    queryIndex++;
  }
}

function readSeries(reader: ProtobufReader, texts: TextCache, queryIndex: number): SampledSeries {
  const outer = reader.enter();
  const pairs: string[] = [];
  const samples = new SampleList();
  const histograms: Histogram[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) readLabel(reader, texts, pairs);
    else if (field === 2) samples.read(reader);
    else if (field === 4) histograms.push(decodeMessage(HistogramSchema, reader.range()));
    else reader.skip();
  }
  reader.leave(outer);
  return { queryIndex, labels: toLabels(pairs), ...samples.take(), histograms };
}

class SampleList {
  #times = new Float64Array(256);
  #values = new Float64Array(256);
  #valueBytes = new Uint8Array(this.#values.buffer);
  #count = 0;

  /** The Sample message ({1 value, 2 timestamp}) in the reader's current field. */
  read(reader: ProtobufReader): void {
    if (this.#count === this.#times.length) this.#grow();
    const outer = reader.enter();
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) reader.copyDouble(this.#valueBytes, this.#count * 8);
      else if (field === 2) this.#times[this.#count] = reader.int64();
      else reader.skip();
    }
    reader.leave(outer);
    this.#count++;
  }

  take(): { times: Float64Array; values: Float64Array } {
    const count = this.#count;
    return { times: this.#times.subarray(0, count), values: this.#values.subarray(0, count) };
  }

  #grow(): void {
    const times = new Float64Array(this.#count * 2);
    times.set(this.#times);
    const valueBytes = new Uint8Array(this.#count * 16);
    valueBytes.set(this.#valueBytes);
    this.#times = times;
    this.#values = new Float64Array(valueBytes.buffer);
    this.#valueBytes = valueBytes;
  }
}

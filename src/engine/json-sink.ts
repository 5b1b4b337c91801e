/** Writes a query's result as JSON while it is evaluated, up to a number of series. */
import type { Kernel } from '../base/kernel.ts';
import { printFixed } from '../model/number-text.ts';
import type { ResultSink } from '../promql/exec/result-sink.ts';
import { negativeBuckets, positiveBuckets } from '../promql/function/histogram-buckets.ts';
import { JsonResultWriter } from '../wire/json-result.ts';
import type { EngineRequest } from './engine.ts';

export interface JsonSink extends ResultSink {
  /** The result's members in slices; whether series were left out. */
  finish(): { readonly slices: readonly Uint8Array[]; readonly isTruncated: boolean };
}

/** Takes memory from the kernel's arena; the caller releases it after `finish`. */
export function createJsonSink(kernel: Kernel, request: EngineRequest): JsonSink {
  const { startMs, endMs, stepMs, limit } = request;
  const slices: Uint8Array[] = [];
  const steps = stepMs === 0 ? 1 : Math.floor((endMs - startMs) / stepMs) + 1;
  const writer = new JsonResultWriter(kernel, {
    grid: { startMs, stepMs: stepMs === 0 ? 1 : stepMs, steps },
    write: (slice) => slices.push(slice),
    plainNumber: printFixed,
    positiveBuckets,
    negativeBuckets,
  });
  let elements = 0;
  const admits = (): boolean => ++elements <= limit || limit === 0;
  return {
    begin: (kind) => writer.begin(kind),
    scalar: (timeMs, value) => writer.scalar(timeMs, value),
    string: (timeMs, value) => writer.string(timeMs, value),
    sample(labels, timeMs, value) {
      if (admits()) writer.sample(labels, timeMs, value);
    },
    stepSeries(labels, grid, column) {
      if (admits()) writer.stepSeries(labels, grid, column);
    },
    sampleSeries(labels, columns) {
      if (admits()) writer.sampleSeries(labels, columns);
    },
    finish() {
      writer.end();
      return { slices, isTruncated: limit > 0 && elements > limit };
    },
  };
}

/**
 * A query's result as Prometheus' HTTP API writes it: "resultType":"matrix","result":[…], in bytes, without the
 * braces around it, since others put more members beside. The kernel formats numbers into its own memory; what is complete is copied out in slices of at most 1 MiB, since a socket
 * must never see memory that later calls overwrite. Source: web/api/v1/json_codec.go of Prometheus 3.14.
 */
import { assert } from '../base/assert.ts';
import type { Kernel } from '../base/kernel.ts';
import type { FloatHistogram } from '../model/histogram.ts';
import type { Labels } from '../model/labels.ts';
import type { SampleColumns } from '../model/sample.ts';
import { histogramJson, type JsonBucketReader } from './json-histogram.ts';

export interface JsonStepGrid {
  readonly startMs: number;
  readonly stepMs: number;
  readonly steps: number;
}

/** Values of one series at every step, in kernel memory: what the engine calls a StepColumn. */
export interface JsonStepColumn {
  /** Address of one float64 a step. */
  readonly values: number;
  /** Address of one byte a step: 0 absent, 1 float, 2 histogram. */
  readonly present: number;
  readonly histograms: readonly (FloatHistogram | undefined)[] | undefined;
}

export interface JsonResultOptions extends JsonBucketReader {
  /** The steps of every series that stepSeries will be given. */
  readonly grid: JsonStepGrid;
  /** Takes each slice, which then belongs to it. */
  readonly write: (slice: Uint8Array) => void;
  /** A scalar's text, which never has an exponent: Go's 'f' form. */
  readonly plainNumber: (value: number) => string;
}

const SLICE_BYTES = 1 << 20;
const PREFIX_BYTES = 32;
/** What the kernel may write for one point. */
const POINT_BYTES = 64;
/** Points that one kernel call formats at most. */
const TILE = 4096;

const OPEN_BRACKET = 0x5b;

/**
 * Takes a result piece by piece, as the engine gives it: begin, the parts in their order, end. Its memory comes
 * from the kernel's arena on construction, thus below the query's own; the owner of the arena releases it.
 */
export class JsonResultWriter {
  readonly #kernel: Kernel;
  readonly #options: JsonResultOptions;
  readonly #slice: number;
  readonly #prefixes: number;
  readonly #encoder = new TextEncoder();
  #used = 0;
  #elements = 0;
  #closing = '';

  constructor(kernel: Kernel, options: JsonResultOptions) {
    this.#kernel = kernel;
    this.#options = options;
    const { startMs, stepMs, steps } = options.grid;
    this.#slice = kernel.arena.alloc(SLICE_BYTES + POINT_BYTES);
    this.#prefixes = kernel.arena.alloc(PREFIX_BYTES * steps);
    kernel.exports.writeStepPrefixes(startMs, stepMs, steps, this.#prefixes);
  }

  begin(kind: 'scalar' | 'string' | 'vector' | 'matrix'): void {
    const isList = kind === 'vector' || kind === 'matrix';
    this.#write(`"resultType":"${kind}","result":${isList ? '[' : ''}`);
    this.#closing = isList ? ']' : '';
  }

  scalar(timeMs: number, value: number): void {
    this.#write(`[${timeMs / 1000},"${this.#options.plainNumber(value)}"]`);
  }

  string(timeMs: number, value: string): void {
    this.#write(`[${timeMs / 1000},${JSON.stringify(value)}]`);
  }

  /** One element of a vector. */
  sample(labels: Labels, timeMs: number, value: number | FloatHistogram): void {
    if (typeof value !== 'number') {
      this.#write(`${this.#metric(labels)},"histogram":${this.#histogram(timeMs, value)}}`);
      return;
    }
    this.#write(`${this.#metric(labels)},"value":`);
    this.#used += this.#kernel.exports.writePoint(timeMs, value, this.#reserve(POINT_BYTES));
    this.#write('}');
  }

  /** One series of a matrix at the steps of the grid. */
  stepSeries(labels: Labels, grid: JsonStepGrid, column: JsonStepColumn): void {
    const { startMs, stepMs, steps } = this.#options.grid;
    assert(
      grid.startMs === startMs && grid.steps === steps && (steps === 1 || grid.stepMs === stepMs),
      `series of ${grid.steps} steps from ${grid.startMs} in a result of ${steps} from ${startMs}`,
    );
    const { writeMatrixValues } = this.#kernel.exports;
    this.#write(this.#metric(labels));
    this.#points(steps, (from, count, out) =>
      writeMatrixValues(
        column.values + 8 * from,
        column.present + from,
        count,
        this.#prefixes + PREFIX_BYTES * from,
        out,
      ),
    );
    const { histograms = [] } = column;
    const { present } = column;
    this.#write(
      this.#histogramList(
        histograms.flatMap((histogram, k) =>
          histogram === undefined || this.#kernel.u8[present + k] !== 2
            ? []
            : [this.#histogram(startMs + k * stepMs, histogram)],
        ),
      ),
    );
  }

  /** One series of raw samples. */
  sampleSeries(labels: Labels, columns: SampleColumns): void {
    const { writeSampleValues } = this.#kernel.exports;
    this.#write(this.#metric(labels));
    this.#points(columns.count, (from, count, out) =>
      writeSampleValues(columns.times + 8 * from, columns.values + 8 * from, count, out),
    );
    const { histograms } = columns;
    this.#write(
      this.#histogramList(
        histograms.map(({ time, histogram }) => this.#histogram(time, histogram)),
      ),
    );
  }

  /** Closes the result and hands out what is left of it. */
  end(): void {
    this.#write(this.#closing);
    this.#flush();
  }

  /** The beginning of an element: `{"metric":{…}`, after a comma if it is not the first. */
  #metric(labels: Labels): string {
    let text = '';
    for (let i = 0; i < labels.length; i += 2) {
      text += `${i > 0 ? ',' : ''}${JSON.stringify(labels[i])}:${JSON.stringify(labels[i + 1])}`;
    }
    return `${this.#elements++ > 0 ? ',' : ''}{"metric":{${text}}`;
  }

  /** The key `values` with all points that the kernel writes, each after a comma, or nothing. */
  #points(total: number, write: (from: number, count: number, out: number) => number): void {
    const head = ',"values":';
    let isFirst = true;
    for (let from = 0; from < total; from += TILE) {
      const out = this.#reserve(TILE * POINT_BYTES + head.length);
      const skipped = isFirst ? head.length : 0;
      const length = write(from, Math.min(TILE, total - from), out + skipped);
      if (length === 0) continue;
      if (isFirst) {
        this.#encoder.encodeInto(head, this.#kernel.u8.subarray(out));
        this.#kernel.u8[out + head.length] = OPEN_BRACKET;
      }
      this.#used += skipped + length;
      isFirst = false;
    }
    if (!isFirst) this.#write(']');
  }

  /** The end of an element, with the key `histograms` if there are any. */
  #histogramList(histograms: readonly string[]): string {
    return histograms.length === 0 ? '}' : `,"histograms":[${histograms.join(',')}]}`;
  }

  #histogram(timeMs: number, histogram: FloatHistogram): string {
    return `[${timeText(timeMs)},${histogramJson(histogram, this.#options)}]`;
  }

  #write(text: string): void {
    const out = this.#reserve(Math.min(3 * text.length, SLICE_BYTES));
    if (3 * text.length <= SLICE_BYTES) {
      const space = this.#kernel.u8.subarray(out, this.#slice + SLICE_BYTES);
      this.#used += this.#encoder.encodeInto(text, space).written;
      return;
    }
    const bytes = this.#encoder.encode(text);
    for (let from = 0; from < bytes.length; from += SLICE_BYTES) {
      this.#options.write(bytes.slice(from, from + SLICE_BYTES));
    }
  }

  /** Address of so much space, after handing out the slice if it has no more. */
  #reserve(sizeBytes: number): number {
    if (this.#used + sizeBytes > SLICE_BYTES) this.#flush();
    return this.#slice + this.#used;
  }

  #flush(): void {
    if (this.#used === 0) return;
    const slice = this.#kernel.u8.slice(this.#slice, this.#slice + this.#used);
    this.#used = 0;
    this.#options.write(slice);
  }
}

/** Seconds: with three decimals, or none when they are zero. */
function timeText(timeMs: number): string {
  return timeMs % 1000 === 0 ? String(timeMs / 1000) : (timeMs / 1000).toFixed(3);
}

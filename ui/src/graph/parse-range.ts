/** The body of /api/v1/query_range to columns. Shapes: Prometheus' HTTP API, "range vectors" and native histograms. */
import { AnswerScanner } from './answer-scanner.ts';
import {
  type HistogramSeries,
  type Labels,
  type MatrixSeries,
  type RangeResult,
  type StepGrid,
  statsOf,
} from './matrix.ts';

/** Columns of many series share a buffer of this many values, so that a worker hands over few buffers. */
const POOL_VALUES = 1 << 18;

type JsonHistogram = readonly [
  number,
  {
    readonly count: string;
    readonly sum: string;
    readonly buckets?: readonly (readonly [number, string, string, string])[];
  },
];

/** Throws SyntaxError with the position where `text` is not what the API promises. */
export function parseRange(text: string, asked: StepGrid): RangeResult {
  const scanner = new AnswerScanner(text);
  const reader = new ResultReader(scanner, asked);
  const lists = { warnings: [] as string[], infos: [] as string[] };
  const extras: Record<string, unknown> = {};
  scanner.object((key) => {
    if (key === 'data') {
      readData(scanner, reader, extras);
    } else {
      const value = scanner.value();
      if (key === 'warnings' || key === 'infos') lists[key] = textsOf(value);
    }
  });
  scanner.end();
  const matrix = { times: reader.times(), stepMs: asked.stepMs, series: reader.series };
  const { stats, analysis } = extras;
  return { matrix, histograms: reader.histograms, ...lists, stats, analysis };
}

function readData(
  scanner: AnswerScanner,
  reader: ResultReader,
  extras: Record<string, unknown>,
): void {
  scanner.object((key) => {
    if (key === 'result') {
      scanner.array(() => reader.readSeries());
    } else {
      const value = scanner.value();
      if (key === 'resultType' && value !== 'matrix') {
        throw new SyntaxError(
          `cannot draw an answer of type ${value}: a range query gives a matrix`,
        );
      }
      extras[key] = value;
    }
  });
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** The buffers that a worker gives away with a result. */
export function buffersOf({ matrix, histograms }: RangeResult): ArrayBuffer[] {
  const columns: (Float64Array | Uint8Array | Uint32Array)[] = [matrix.times];
  for (const { values, present } of matrix.series) columns.push(values, present);
  for (const { steps, counts, sums, offsets, rules, lower, upper, inBucket } of histograms) {
    columns.push(steps, counts, sums, offsets, rules, lower, upper, inBucket);
  }
  const buffers = new Set<ArrayBuffer>();
  for (const { buffer } of columns) if (buffer instanceof ArrayBuffer) buffers.add(buffer);
  return [...buffers];
}

class ResultReader {
  readonly series: MatrixSeries[] = [];
  readonly histograms: HistogramSeries[] = [];
  readonly #scanner: AnswerScanner;
  readonly #asked: StepGrid;
  readonly #values: Float64Array;
  readonly #present: Uint8Array;
  readonly #pool = new ColumnPool();
  /** Where the grid starts: known exactly with the first sample. */
  #startMs: number | undefined;

  constructor(scanner: AnswerScanner, asked: StepGrid) {
    this.#scanner = scanner;
    this.#asked = asked;
    const steps = Math.floor((asked.endMs - asked.startMs) / asked.stepMs) + 2;
    this.#values = new Float64Array(steps).fill(Number.NaN);
    this.#present = new Uint8Array(steps);
  }

  times(): Float64Array {
    const { startMs, endMs, stepMs } = this.#asked;
    const first = this.#startMs ?? startMs;
    const steps = endMs < first ? 0 : Math.floor((endMs - first) / stepMs) + 1;
    return Float64Array.from({ length: steps }, (_, i) => first + i * stepMs);
  }

  readSeries(): void {
    let labels: Labels = {};
    let first = this.#values.length;
    let last = -1;
    let histograms: readonly JsonHistogram[] = [];
    this.#scanner.object((key) => {
      if (key === 'metric') {
        labels = this.#scanner.value() as Labels;
      } else if (key === 'values') {
        this.#scanner.samples((timeMs, value) => {
          const step = this.#stepOf(timeMs);
          if (step < 0) return;
          this.#values[step] = value;
          this.#present[step] = 1;
          if (step < first) first = step;
          if (step > last) last = step;
        });
      } else if (key === 'histograms') {
        histograms = this.#scanner.value() as readonly JsonHistogram[];
      } else {
        this.#scanner.value();
      }
    });
    if (last >= first) this.series.push(this.#takeColumn(labels, first, last + 1));
    if (histograms.length > 0) {
      this.histograms.push(histogramColumns(labels, histograms, (timeMs) => this.#stepOf(timeMs)));
    }
  }

  #takeColumn(labels: Labels, first: number, end: number): MatrixSeries {
    const { values, present } = this.#pool.take(end - first);
    values.set(this.#values.subarray(first, end));
    present.set(this.#present.subarray(first, end));
    this.#values.fill(Number.NaN, first, end);
    this.#present.fill(0, first, end);
    return { labels, first, values, present, stats: statsOf(values, present) };
  }

  /** -1 outside of what was asked for. A frontend that aligns to the step begins up to one step earlier. */
  #stepOf(timeMs: number): number {
    const { startMs, endMs, stepMs } = this.#asked;
    if (this.#startMs === undefined) {
      const phase = (((timeMs - startMs) % stepMs) + stepMs) % stepMs;
      this.#startMs = phase === 0 ? startMs : startMs + phase - stepMs;
    }
    if (timeMs > endMs) return -1;
    return Math.round((timeMs - this.#startMs) / stepMs);
  }
}

class ColumnPool {
  #values = new Float64Array(0);
  #present = new Uint8Array(0);
  #used = 0;

  take(length: number): { values: Float64Array; present: Uint8Array } {
    if (this.#used + length > this.#values.length) {
      const size = Math.max(length, Math.min(POOL_VALUES, this.#values.length * 2));
      this.#values = new Float64Array(size);
      this.#present = new Uint8Array(size);
      this.#used = 0;
    }
    const from = this.#used;
    this.#used += length;
    return {
      values: this.#values.subarray(from, this.#used),
      present: this.#present.subarray(from, this.#used),
    };
  }
}

function histogramColumns(
  labels: Labels,
  samples: readonly JsonHistogram[],
  stepOf: (timeMs: number) => number,
): HistogramSeries {
  const kept = samples
    .map(([seconds, histogram]) => ({ step: stepOf(Math.round(seconds * 1000)), histogram }))
    .filter(({ step }) => step >= 0);
  const buckets = kept.flatMap(({ histogram }) => histogram.buckets ?? []);
  const offsets = new Uint32Array(kept.length + 1);
  for (let i = 0; i < kept.length; i++) {
    offsets[i + 1] = offsets[i] + (kept[i].histogram.buckets?.length ?? 0);
  }
  return {
    labels,
    steps: Uint32Array.from(kept, ({ step }) => step),
    counts: Float64Array.from(kept, ({ histogram }) => parseSampleValue(histogram.count)),
    sums: Float64Array.from(kept, ({ histogram }) => parseSampleValue(histogram.sum)),
    offsets,
    rules: Uint8Array.from(buckets, ([rule]) => rule),
    lower: Float64Array.from(buckets, ([, lower]) => parseSampleValue(lower)),
    upper: Float64Array.from(buckets, ([, , upper]) => parseSampleValue(upper)),
    inBucket: Float64Array.from(buckets, ([, , , count]) => parseSampleValue(count)),
  };
}

/** A value as the API writes it: a decimal, NaN, +Inf or -Inf. */
export function parseSampleValue(text: string): number {
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return Number(text);
}

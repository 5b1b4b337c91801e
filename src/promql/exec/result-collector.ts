import { must } from '../../base/assert.ts';
import type { Kernel } from '../../base/kernel.ts';
import type { FloatHistogram } from '../../model/histogram.ts';
import type { Labels } from '../../model/labels.ts';
import type { MatrixSeries, QueryResult, VectorSample } from '../../model/result.ts';
import type { SampleColumns } from '../../model/sample.ts';
import type { ResultKind, ResultSink, StepGrid } from './result-sink.ts';
import type { StepColumn } from './step-column.ts';

/** Keeps a whole result as plain data, in the order in which it came. */
export class ResultCollector implements ResultSink {
  readonly #kernel: Kernel;
  readonly #samples: VectorSample[] = [];
  readonly #series: MatrixSeries[] = [];
  #result: QueryResult | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** What has been collected, once the query has run. */
  get result(): QueryResult {
    return must(this.#result, 'a query to have begun its result');
  }

  begin(kind: ResultKind): void {
    if (kind === 'vector') this.#result = { kind, samples: this.#samples };
    else if (kind === 'matrix') this.#result = { kind, series: this.#series };
  }

  scalar(time: number, value: number): void {
    this.#result = { kind: 'scalar', time, value };
  }

  string(time: number, value: string): void {
    this.#result = { kind: 'string', time, value };
  }

  sample(labels: Labels, time: number, value: number | FloatHistogram): void {
    this.#samples.push({ labels, time, value });
  }

  stepSeries(labels: Labels, grid: StepGrid, column: StepColumn): void {
    const present = this.#kernel.u8.subarray(column.present, column.present + grid.steps);
    const floats: number[] = [];
    const histograms: { readonly time: number; readonly histogram: FloatHistogram }[] = [];
    present.forEach((kind, step) => {
      if (kind === 1) floats.push(step);
      const histogram = kind === 2 ? column.histograms?.[step] : undefined;
      if (histogram !== undefined) histograms.push({ time: timeOf(grid, step), histogram });
    });
    const times = Float64Array.from(floats, (step) => timeOf(grid, step));
    const first = column.values >>> 3;
    const values = Float64Array.from(floats, (step) => this.#kernel.f64[first + step] as number);
    this.#series.push({ labels, times, values, histograms });
  }

  sampleSeries(labels: Labels, columns: SampleColumns): void {
    const copy = (address: number): Float64Array =>
      this.#kernel.f64.slice(address >>> 3, (address >>> 3) + columns.count);
    this.#series.push({
      labels,
      times: copy(columns.times),
      values: copy(columns.values),
      histograms: columns.histograms.map(({ time, histogram }) => ({ time, histogram })),
    });
  }
}

function timeOf({ startMs, stepMs }: StepGrid, step: number): number {
  return startMs + step * stepMs;
}

/** Data for pictures on their own: the same at every start. */
import { printSample } from '../../../../src/model/number-text.ts';
import { type Labels, type Matrix, matrixOf, type StepGrid } from '../matrix.ts';
import { parseRange } from '../parse-range.ts';
import type { InstantResult } from '../result-rows.ts';

export const START_MS = Date.UTC(2026, 10, 24, 9);
export const STEP_MS = 15_000;

export function gridOf(steps: number): StepGrid {
  return { startMs: START_MS, endMs: START_MS + (steps - 1) * STEP_MS, stepMs: STEP_MS };
}

/** Lehmer's generator: chance that is the same every time. */
function chance(seed: number): () => number {
  let state = seed * 7919 + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** A walk that stays above zero. */
function walk(seed: number, steps: number): number[] {
  const next = chance(seed);
  let value = 10 + next() * 60;
  return Array.from({ length: steps }, () => {
    value = Math.max(0.5, value + (next() - 0.5) * 6);
    return value;
  });
}

export function walks(count: number, steps: number): Matrix {
  const rows = Array.from({ length: count }, (_, i) => ({
    labels: { __name__: 'requests', instance: `host-${i}:9100`, job: 'node' },
    values: walk(i, steps),
  }));
  return matrixOf(timesOf(steps), STEP_MS, rows);
}

function timesOf(steps: number): Float64Array {
  return Float64Array.from({ length: steps }, (_, i) => START_MS + i * STEP_MS);
}

/** One flat line a value: what is drawn where is known. */
export function flat(values: readonly number[], steps: number): Matrix {
  const rows = values.map((value, i) => ({
    labels: { __name__: 'flat', shard: String(i) },
    values: new Array<number>(steps).fill(value),
  }));
  return matrixOf(timesOf(steps), STEP_MS, rows);
}

/** Gaps, a lone sample, a spike to infinity, a series that ends early. */
export function broken(): Matrix {
  const at = (f: (i: number) => number | undefined): (number | undefined)[] =>
    Array.from({ length: 120 }, (_, i) => f(i));
  const wave = (i: number, phase: number): number => 20 + 12 * Math.sin(i / 9 + phase);
  return matrixOf(timesOf(120), STEP_MS, [
    { labels: { i: 'gap' }, values: at((i) => (i > 40 && i < 60 ? undefined : wave(i, 0))) },
    { labels: { i: 'lone' }, values: at((i) => (i === 30 ? 40 : undefined)) },
    { labels: { i: 'inf' }, values: at((i) => (i === 80 ? Infinity : wave(i, 2))) },
    { labels: { i: 'ends' }, values: at((i) => (i < 70 ? wave(i, 4) : undefined)) },
    { labels: { i: 'below' }, values: at((i) => wave(i, 1) - 25) },
  ]);
}

/** One sample of `answerText` that stands out. */
const SPIKE = { series: 7, at: 0.7, value: 300 };

/** The body of an answer with so many series and steps, as a server writes it. */
export function answerText(count: number, steps: number): string {
  const series = Array.from({ length: count }, (_, i) => {
    const next = chance(i);
    let value = next() * 100;
    const samples: string[] = [];
    for (let k = 0; k < steps; k++) {
      value += next() - 0.5;
      const isSpike = i === SPIKE.series && k === Math.floor(steps * SPIKE.at);
      const shown = isSpike ? SPIKE.value : value;
      samples.push(`[${(START_MS + k * STEP_MS) / 1000},"${shown}"]`);
    }
    return `{"metric":{"__name__":"load","i":"${i}"},"values":[${samples.join(',')}]}`;
  });
  return `{"status":"success","data":{"resultType":"matrix","result":[${series.join(',')}]}}`;
}

/** Native histograms of latencies whose middle moves. */
export function histograms(steps: number) {
  const samples = Array.from({ length: steps }, (_, i) => {
    const middle = 8 + 4 * Math.sin(i / 15);
    const buckets = Array.from({ length: 24 }, (_, b) => {
      const inBucket = Math.round(900 * Math.exp(-((b - middle) ** 2) / 6));
      return `[0,"${0.001 * 2 ** (b / 2)}","${0.001 * 2 ** ((b + 1) / 2)}","${inBucket}"]`;
    });
    const seconds = (START_MS + i * STEP_MS) / 1000;
    return `[${seconds},{"count":"3900","sum":"120.5","buckets":[${buckets.join(',')}]}]`;
  });
  const series = `{"metric":{"job":"api"},"histograms":[${samples.join(',')}]}`;
  const text = `{"data":{"resultType":"matrix","result":[${series}]}}`;
  return parseRange(text, gridOf(steps));
}

export function vector(count: number): InstantResult {
  const next = chance(3);
  const result = Array.from({ length: count }, (_, i) => {
    const metric: Labels = {
      __name__: 'node_filesystem_avail_bytes',
      device: `/dev/nvme${i % 8}n1p${(i % 3) + 1}`,
      fstype: i % 2 === 0 ? 'ext4' : 'xfs',
      instance: `host-${i}.example.org:9100`,
      job: 'node',
    };
    if (i === 2) {
      const bounds = [1, 2, 4, 8, 16].map((n) => [0, String(n), String(n * 2), String(n * 3)]);
      const buckets = bounds as unknown as readonly (readonly [number, string, string, string])[];
      return { metric, histogram: [1, { count: '93', sum: '1234.5', buckets }] as const };
    }
    const value = i === 4 ? 'NaN' : i === 5 ? '+Inf' : printSample(Math.floor(next() * 1e12));
    return { metric, value: [START_MS / 1000, value] as const };
  });
  return { resultType: 'vector', result };
}

/** A range selector's answer: many samples a series. */
export function samples(): InstantResult {
  const result = Array.from({ length: 3 }, (_, s) => ({
    metric: { __name__: 'up', instance: `host-${s}` },
    values: Array.from({ length: 40 }, (_, i) => [START_MS / 1000 + i * 15, '1'] as const),
  }));
  return { resultType: 'matrix', result };
}

export const EXEMPLARS = [
  {
    seriesLabels: { __name__: 'requests', job: 'node' },
    exemplars: [
      {
        labels: { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', path: '/cart' },
        value: '42',
        timestamp: (START_MS + 60 * STEP_MS) / 1000,
      },
      {
        labels: { trace_id: '00f067aa0ba902b7' },
        value: '55',
        timestamp: (START_MS + 20 * STEP_MS) / 1000,
      },
    ],
  },
];

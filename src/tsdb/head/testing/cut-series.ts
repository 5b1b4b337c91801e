/** Series whose chunks end for every reason there is; test/golden/chunk-cuts.json says where Prometheus ended them. */
import { seededRandom } from '../../../base/random.ts';
import type { FloatHistogram } from '../../../model/histogram.ts';

export interface CutSample {
  readonly time: number;
  readonly value: number | FloatHistogram;
}

export interface CutSeries {
  readonly name: string;
  readonly samples: readonly CutSample[];
}

/** 50 minutes after a multiple of two hours. */
export const CUT_START: number = 1_699_999_200_000 + 3_000_000;
const LENGTH_MS = 9_000_000;

type Next = (sample: number, random: () => number) => readonly [gapMs: number, value: number];

const FLOATS: Readonly<Record<string, Next>> = {
  every_15s: (i) => [15_000, i],
  every_60s: (i) => [60_000, i * 2],
  every_10m: (i) => [600_000, i],
  every_5s: (i) => [5000, i % 7],
  every_second: (i) => [1000, i % 3],
  jitter: (i, random) => [15_000 + Math.floor(random() * 9), i],
  random_bits: (_, random) => [15_000 + Math.floor(random() * 90), random()],
  random_bits_and_times: (_, random) => [1 + Math.floor(random() * 20_000), random() * 1e9],
  faster: (i) => [i < 40 ? 60_000 : 2000, i],
  slower: (i) => [i < 200 ? 1000 : 30_000, i],
};

export function cutSeries(): CutSeries[] {
  return [
    ...Object.entries(FLOATS).map(([name, next]) => floatSeries(name, next)),
    ...[4, 40, 200].map((buckets) => histogramSeries(`histogram_${buckets}`, buckets)),
    histogramSeries('histogram_resets', 12),
  ];
}

function floatSeries(name: string, next: Next): CutSeries {
  const random = seededRandom(name.length);
  const samples: CutSample[] = [];
  let time = CUT_START;
  for (let i = 0; time < CUT_START + LENGTH_MS; i++) {
    const [gapMs, value] = next(i, () => random.next());
    samples.push({ time, value });
    time += gapMs;
  }
  return { name, samples };
}

function histogramSeries(name: string, buckets: number): CutSeries {
  const random = seededRandom(buckets);
  const samples: CutSample[] = [];
  let counts = new Float64Array(buckets).fill(1);
  for (let i = 0; i < LENGTH_MS / 15_000; i++) {
    const isReset = name === 'histogram_resets' && i % 37 === 36;
    counts = counts.map((count) => (isReset ? 0 : count) + Math.floor(random.next() * 20));
    const value: FloatHistogram = {
      counterResetHint: 'unknown',
      schema: 1,
      zeroThreshold: 0.001,
      zeroCount: i,
      count: counts.reduce((a, b) => a + b, i),
      sum: 3 * i,
      stale: false,
      positiveSpans: [{ offset: 1, length: buckets }],
      negativeSpans: [],
      positiveBuckets: counts,
      negativeBuckets: new Float64Array(0),
      customValues: new Float64Array(0),
    };
    samples.push({ time: CUT_START + 15_000 * i, value });
  }
  return { name, samples };
}

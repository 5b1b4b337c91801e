import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { testKernel } from '../base/testing/kernel.ts';
import { SeriesResponseEncoder } from '../wire/series-response.ts';
import type { Aggregate, WireSeries } from '../wire/wire-series.ts';
import type { AggregateChoice } from './aggregate-columns.ts';
import { aggregateChoice } from './aggregate-columns.ts';
import { FramePacker, SlabPool } from './frame-batches.ts';
import { FrameSeriesSet } from './frame-series-set.ts';
import { fakeSeries } from './testing/fake-store.ts';

const kernel = testKernel();
type Sample = readonly [number, number];

/** The samples of the only series in the message. */
function read(message: Uint8Array, aggregate: AggregateChoice): Sample[] {
  const packer = new FramePacker(new SlabPool());
  packer.add(message);
  const answered = {
    address: 'a:1',
    labelSets: [],
    durationMs: 0,
    bytes: 0,
    responses: 0,
    failure: undefined,
  };
  const answers = [{ store: 'a:1', batches: packer.batches, answered, hasReplicaLabels: false }];
  using set = new FrameSeriesSet({
    answer: { answers, warnings: [] },
    minTime: 0,
    maxTime: 2 ** 53,
    replicaLabels: [],
    aggregate,
    deduplicate: undefined,
    partialResponse: false,
    limit: 0,
    shard: undefined,
    account: undefined,
  });
  assert.equal(set.next(), true);
  const mark = kernel.arena.mark();
  const { times, values, count } = set.read(kernel);
  const { f64 } = kernel;
  const samples = Array.from({ length: count }, (_, i): Sample => {
    return [f64[(times >>> 3) + i] ?? 0, f64[(values >>> 3) + i] ?? 0];
  });
  kernel.arena.release(mark);
  return samples;
}

test('each function gets the aggregate it needs', () => {
  const f = (func: string, want: AggregateChoice): void => {
    assert.equal(aggregateChoice(func), want, func);
  };
  f('', 'average');
  f('sum', 'average');
  f('avg_over_time', 'average');
  f('sum_over_time', 'sum');
  f('min', 'min');
  f('max_over_time', 'max');
  f('count', 'count');
  f('count_over_time', 'count');
  f('rate', 'counter');
  f('resets', 'counter');
  f('delta', 'average');
});

interface Golden {
  readonly name: string;
  readonly message: string;
  readonly series: readonly {
    readonly chunks: readonly { readonly aggregate: Aggregate; readonly samples: Sample[] }[];
  }[];
}

test('aggregates of a real store gateway are read as its library reads them', () => {
  const path = new URL('../../test/golden/store-series.json', import.meta.url);
  const golden = JSON.parse(readFileSync(path, 'utf8')) as readonly Golden[];
  const all = golden.find(({ name }) => name === 'series-store-downsampled-all');
  const message = Buffer.from(all?.message ?? '', 'base64');
  const samples = (aggregate: Aggregate): Sample[] =>
    all?.series[0]?.chunks.find((chunk) => chunk.aggregate === aggregate)?.samples ?? [];
  for (const aggregate of ['count', 'sum', 'min', 'max'] as const) {
    assert.ok(samples(aggregate).length > 10);
    assert.deepEqual(read(message, aggregate), samples(aggregate));
  }
  const counts = samples('count');
  const averages = samples('sum').map(([time, sum], i) => [time, sum / (counts[i]?.[1] ?? 0)]);
  assert.deepEqual(read(message, 'average'), averages);
  const raw = samples('counter');
  const last = raw.length - 1;
  assert.equal(raw[last]?.[0], raw[last - 1]?.[0]);
  const steps = raw.slice(0, last).map(([, value], i) => value - (raw[i - 1]?.[1] ?? 0));
  let total = 0;
  const rising = raw.slice(0, last).map(([time, value], i): Sample => {
    const step = steps[i] ?? 0;
    total += step < 0 ? value : step;
    return [time, total];
  });
  assert.deepEqual(read(message, 'counter'), rising);
});

/** One series whose chunks have the aggregates in their order. */
function messageOf(aggregates: readonly Aggregate[], ...chunks: Sample[][]): Uint8Array {
  const { labels, chunks: made } = fakeSeries(['a', 'b'], ...chunks);
  const series: WireSeries = {
    labels,
    chunks: made.map((chunk, i) => ({ ...chunk, aggregate: aggregates[i] ?? 'raw' })),
  };
  return new SeriesResponseEncoder().series([series]);
}

test('resets between chunks of a counter show by the last raw value', () => {
  const f = (chunks: Sample[][], want: Sample[]): void => {
    const aggregates = chunks.map((): Aggregate => 'counter');
    assert.deepEqual(read(messageOf(aggregates, ...chunks), 'counter'), want);
  };
  const first: Sample[] = [
    [1, 10],
    [2, 15],
  ];
  f(
    [
      [...first, [2, 15]],
      [
        [3, 16],
        [3, 16],
      ],
    ],
    [
      [1, 10],
      [2, 15],
      [3, 16],
    ],
  );
  f(
    [
      [...first, [2, 15]],
      [
        [3, 4],
        [3, 4],
      ],
    ],
    [
      [1, 10],
      [2, 15],
      [3, 19],
    ],
  );
  f(
    [
      [...first, [2, 3]],
      [
        [3, 4],
        [3, 4],
      ],
    ],
    [
      [1, 10],
      [2, 15],
      [3, 16],
    ],
  );
  f(
    [
      [
        [1, 10],
        [2, 5],
        [3, 7],
        [3, 7],
      ],
    ],
    [
      [1, 10],
      [2, 15],
      [3, 17],
    ],
  );
});

test('raw chunks among downsampled ones are read as they are', () => {
  const raw: Sample[] = [
    [10, 4],
    [11, 6],
  ];
  assert.deepEqual(read(messageOf(['max', 'raw'], [[1, 3]], raw), 'max'), [[1, 3], ...raw]);
  assert.deepEqual(
    read(
      messageOf(
        ['counter', 'raw'],
        [
          [1, 3],
          [1, 3],
        ],
        raw,
      ),
      'counter',
    ),
    [[1, 3], ...raw],
  );
});

test('a store that sends other aggregates than it was asked for is named', () => {
  for (const choice of ['min', 'average', 'counter'] as const) {
    assert.throws(() => read(messageOf(['max'], [[1, 3]]), choice), {
      kind: 'corrupt',
      message: /^cannot decode the downsampled chunk from 1 to 1 from a:1: it has no \w+$/,
    });
  }
});

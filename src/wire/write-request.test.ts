import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { FloatHistogram } from '../model/histogram.ts';
import { writeStale } from '../model/stale.ts';
import { WriteRequestSchema } from './gen/prometheus/remote_pb.ts';
import { decodeMessage } from './message.ts';
import { encodeWriteRequest } from './write-request.ts';

test('generated code reads what is written by hand', () => {
  const values = Float64Array.of(1.5, 0, -1e300);
  const histogram: FloatHistogram = {
    counterResetHint: 'gauge',
    schema: 1,
    zeroThreshold: 0.001,
    zeroCount: 2,
    count: 9,
    sum: -4.5,
    stale: false,
    positiveSpans: [{ offset: -3, length: 2 }],
    negativeSpans: [{ offset: 4, length: 1 }],
    positiveBuckets: Float64Array.of(3, 1),
    negativeBuckets: Float64Array.of(3),
    customValues: new Float64Array(0),
  };
  const bytes = encodeWriteRequest([
    {
      labels: ['__name__', 'up', 'é', '日本'],
      times: Float64Array.of(-1, 0, 1_700_000_000_123),
      values,
      histograms: [],
    },
    {
      labels: ['__name__', 'h'],
      times: new Float64Array(0),
      values: new Float64Array(0),
      histograms: [{ time: 5000, startTime: 0, histogram }],
    },
  ]);
  const { timeseries } = decodeMessage(WriteRequestSchema, bytes);
  const [first, second] = timeseries;
  assert.deepEqual(
    first?.labels.map(({ name, value }) => [name, value]),
    [
      ['__name__', 'up'],
      ['é', '日本'],
    ],
  );
  assert.deepEqual(
    first?.samples.map(({ value, timestamp }) => [Number(timestamp), value]),
    [
      [-1, 1.5],
      [0, 0],
      [1_700_000_000_123, -1e300],
    ],
  );
  const got = second?.histograms[0];
  assert.deepEqual(got?.count, { case: 'countFloat', value: 9 });
  assert.deepEqual(got?.zeroCount, { case: 'zeroCountFloat', value: 2 });
  assert.deepEqual([got?.sum, got?.schema, got?.zeroThreshold], [-4.5, 1, 0.001]);
  assert.deepEqual([got?.positiveCounts, got?.negativeCounts], [[3, 1], [3]]);
  assert.deepEqual(
    [got?.positiveSpans[0]?.offset, got?.negativeSpans[0]?.offset, got?.resetHint],
    [-3, 4, 3],
  );
});

test('stale markers keep their bits', () => {
  const values = new Float64Array(1);
  writeStale(new Uint32Array(values.buffer), 0);
  const marker = Buffer.from(values.buffer);
  const none = new Float64Array(0);
  const histogram: FloatHistogram = {
    counterResetHint: 'unknown',
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    count: 0,
    sum: 0,
    stale: true,
    positiveSpans: [],
    negativeSpans: [],
    positiveBuckets: none,
    negativeBuckets: none,
    customValues: none,
  };
  const float = encodeWriteRequest([
    { labels: [], times: Float64Array.of(1), values, histograms: [] },
  ]);
  assert.ok(Buffer.from(float).includes(Buffer.concat([Buffer.of(0x09), marker])));
  const histograms = [{ time: 1, startTime: 0, histogram }];
  const stale = encodeWriteRequest([{ labels: [], times: none, values: none, histograms }]);
  assert.ok(Buffer.from(stale).includes(Buffer.concat([Buffer.of(0x19), marker])));
  const decoded = decodeMessage(WriteRequestSchema, stale).timeseries[0]?.histograms[0];
  assert.ok(Number.isNaN(decoded?.sum));
});

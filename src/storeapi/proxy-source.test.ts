import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import xxhash from 'xxhash-wasm';
import { labelsOf } from '../model/labels.ts';
import { printLabels } from '../model/labels-text.ts';
import { LabelMatcher_Type as Type } from '../wire/gen/thanos/label_pb.ts';
import {
  LabelNamesRequestSchema,
  LabelValuesRequestSchema,
  SeriesRequestSchema,
} from '../wire/gen/thanos/store_pb.ts';
import { decodeSeriesResponse } from '../wire/series-response.ts';
import { TextCache } from '../wire/text-cache.ts';
import { realClock } from '../world/clock.ts';
import { ProxySource } from './proxy-source.ts';
import { StoreProxy } from './store-proxy.ts';
import type { FakeStore } from './testing/fake-store.ts';
import { fakeSeries, fakeStore } from './testing/fake-store.ts';

const { signal } = new AbortController();
const up = { type: Type.EQ, name: '__name__', value: 'up' };

async function sourceOf(...stores: readonly FakeStore[]): Promise<ProxySource> {
  const limits = { responseTimeoutMs: 0, answerMaxBytes: 1 << 20 };
  const proxy = new StoreProxy({ stores: () => stores, clock: realClock, limits });
  const { h64Raw: hash } = await xxhash();
  return new ProxySource({ proxy, selectorLabels: labelsOf({ querier: 'q1' }), hash });
}

type Request = Parameters<typeof create<typeof SeriesRequestSchema>>[1];

/** Each message as "warning: …" or its series as "labels/number of chunks". */
async function messages(source: ProxySource, request: Request): Promise<string[]> {
  const texts = new TextCache();
  const got: string[] = [];
  const all = create(SeriesRequestSchema, { maxTime: 10_000n, matchers: [up], ...request });
  for await (const message of source.series(all, signal)) {
    const frame = decodeSeriesResponse(message, texts);
    if (frame.kind === 'warning') got.push(`warning: ${frame.warning}`);
    if (frame.kind === 'series') {
      const list = frame.series.map(
        ({ labels, chunks }) => `${printLabels(labels)}/${chunks.length}`,
      );
      got.push(list.join(' '));
    }
  }
  return got;
}

function series(job: string, replica: string, ...chunks: Parameters<typeof fakeSeries>[1][]) {
  return fakeSeries(['__name__', 'up', 'job', job, 'replica', replica], ...chunks);
}

const a = () =>
  fakeStore({
    address: 'a:1',
    external: [{ replica: 'A' }],
    minTime: 5,
    series: [
      series('x', 'A', [
        [1, 1],
        [2, 2],
      ]),
      series('y', 'A', [[1, 1]], [[3, 3]]),
    ],
  });
const b = () =>
  fakeStore({
    address: 'b:1',
    external: [{ replica: 'B' }],
    maxTime: 900,
    series: [
      series('x', 'B', [
        [1, 1],
        [2, 2],
      ]),
      series('y', 'B', [[1, 5]]),
      series('z', 'B', [[1, 1]]),
    ],
  });

test('series of the stores beneath come merged, with doubled chunks once', async () => {
  const source = await sourceOf(a(), b());
  const without = { withoutReplicaLabels: ['replica'] };
  assert.deepEqual(await messages(source, without), [
    '{__name__="up", job="x"}/1',
    '{__name__="up", job="y"}/3',
    '{__name__="up", job="z"}/1',
  ]);
  assert.deepEqual(await messages(source, { ...without, responseBatchSize: 2n }), [
    '{__name__="up", job="x"}/1 {__name__="up", job="y"}/3',
    '{__name__="up", job="z"}/1',
  ]);
  assert.deepEqual(await messages(source, { ...without, limit: 1n }), [
    '{__name__="up", job="x"}/1',
  ]);
  assert.equal(
    (await messages(source, { responseBatchSize: 64n })).join().split('/').length - 1,
    5,
  );
});

test('matchers on selector labels are fulfilled here or give nothing', async () => {
  const store = a();
  const source = await sourceOf(store);
  const querier = (value: string) => ({
    matchers: [up, { type: Type.EQ, name: 'querier', value }],
  });
  assert.equal((await messages(source, querier('q1'))).length, 2);
  assert.deepEqual(
    store.requests[0]?.matchers.map(({ name }) => name),
    ['__name__'],
  );
  assert.deepEqual(await messages(source, querier('q2')), []);
  await assert.rejects(messages(source, { matchers: [] }), {
    kind: 'bad-data',
    message: 'no matchers specified (excluding selector labels)',
  });
});

test('warnings pass on, or the whole fails', async () => {
  const failing = fakeStore({ address: 'bad:1', series: [], behaviour: 'fails' });
  const source = await sourceOf(a(), failing);
  const [warning, ...rest] = await messages(source, {});
  assert.match(warning ?? '', /^warning: receive series from Addr: bad:1 .*: connection refused$/);
  assert.equal(rest.length, 2);
  await assert.rejects(messages(source, { partialResponseStrategy: 1 }), { kind: 'execution' });
  await assert.rejects(messages(source, { partialResponseDisabled: true }), { kind: 'execution' });
});

test('shards are disjoint and complete', async () => {
  const many = Array.from({ length: 100 }, (_, i) => series(String(i), 'A', [[1, i]]));
  const source = await sourceOf(fakeStore({ address: 'a:1', series: many }));
  const parts = await Promise.all(
    [0n, 1n, 2n].map((shardIndex) =>
      messages(source, { shardInfo: { shardIndex, totalShards: 3n, by: true, labels: ['job'] } }),
    ),
  );
  assert.ok(parts.every((part) => part.length > 15));
  assert.deepEqual(parts.flat().sort(), (await messages(source, {})).sort());
});

test('it tells the label sets and times of all beneath it, under its own labels', async () => {
  const info = await (await sourceOf(a(), b())).info();
  assert.equal(info.componentType, 'query');
  assert.deepEqual(
    info.labelSets.map(({ labels }) => labels.map(({ name, value }) => `${name}=${value}`)),
    [
      ['querier=q1', 'replica=A'],
      ['querier=q1', 'replica=B'],
    ],
  );
  assert.equal(info.store?.minTime, -9223372036854775808n);
  assert.equal(info.store?.maxTime, 9223372036854775807n);
  assert.deepEqual(
    info.store?.tsdbInfos.map(({ minTime }) => minTime),
    [5n, -9223372036854775808n],
  );
  const empty = await (await sourceOf()).info();
  assert.equal(empty.labelSets.length, 1);
  assert.equal(empty.store?.minTime, -9223372036854775808n);
});

test('names and values pass through', async () => {
  const source = await sourceOf(a(), b());
  const names = await source.labelNames(create(LabelNamesRequestSchema, { end: 9n }), signal);
  assert.deepEqual(names.values, ['__name__', 'job', 'replica']);
  const values = create(LabelValuesRequestSchema, { label: 'job', end: 9n, limit: 3n });
  assert.deepEqual((await source.labelValues(values, signal)).values, ['A', 'B', 'up']);
  const none = create(LabelValuesRequestSchema, {});
  await assert.rejects(source.labelValues(none, signal), { kind: 'bad-data' });
});

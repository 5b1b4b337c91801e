import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { create, fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import xxhash from 'xxhash-wasm';
import { errorText } from '../base/errors.ts';
import { testKernel } from '../base/testing/kernel.ts';
import { XOR } from '../chunk/encoding.ts';
import { encodeXorChunk } from '../chunk/xor-encode.ts';
import { type Labels, labelsOf } from '../model/labels.ts';
import { clientPost } from '../remote/client-post.ts';
import { PrometheusApi } from '../remote/http-api.ts';
import { plainPost } from '../remote/plain-post.ts';
import { createHttpClient } from '../transport/http-client.ts';
import { ReadResponseSchema } from '../wire/gen/prometheus/remote_pb.ts';
import { LabelMatcher_Type as Type } from '../wire/gen/thanos/label_pb.ts';
import {
  LabelNamesRequestSchema,
  LabelValuesRequestSchema,
  SeriesRequestSchema,
  SeriesResponseSchema,
} from '../wire/gen/thanos/store_pb.ts';
import { encodeMessage } from '../wire/message.ts';
import { encodeSnappyBlock } from '../wire/snappy.ts';
import { realClock } from '../world/clock.ts';
import { realFileSystem } from '../world/file-system.ts';
import { PrometheusSource } from './prometheus-source.ts';
import { PrometheusWatch, readExternalLabels, readLowestTime } from './prometheus-watch.ts';
import { FakePrometheus } from './testing/fake-prometheus.ts';
import type { StoredSeries } from './testing/remote-read.ts';

const EXTERNAL = ['cluster', 'c', 'replica', 'A'];

interface Bench extends AsyncDisposable {
  readonly prometheus: FakePrometheus;
  readonly source: PrometheusSource;
  readonly watch: PrometheusWatch;
}

async function start(path: 'plain' | 'client' = 'plain', given?: FakePrometheus): Promise<Bench> {
  const prometheus = given ?? new FakePrometheus(EXTERNAL);
  prometheus.stored = [
    series({ __name__: 'up', job: 'a' }, 3),
    series({ __name__: 'up', job: 'a', replica: 'inner' }, 3),
    series({ __name__: 'up', job: 'b' }, 300),
  ];
  prometheus.answers.set('/api/v1/status/buildinfo', { version: '2.42.0' });
  const url = await prometheus.listen();
  const client = createHttpClient(realFileSystem);
  const api = new PrometheusApi({ client, url, answerMaxBytes: 1 << 20 });
  const watch = new PrometheusWatch({
    api,
    clock: realClock,
    intervalMs: 1000,
    firstIntervalMs: 10,
    timeoutMs: 1000,
    minTimeLimit: () => 5,
    onAttempt: () => undefined,
  });
  await watch.ask(new AbortController().signal);
  const source = new PrometheusSource({
    api,
    post:
      path === 'plain' ? plainPost({ clock: realClock, dialTimeoutMs: 1000 }) : clientPost(client),
    readHeaders: () => ({ authorization: 'Basic x' }),
    watch,
    kernel: testKernel(),
    hash: (await xxhash()).h64Raw,
    sortBudgetBytes: 1 << 20,
    seriesMax: 0,
    samplesMax: 0,
    frames: { observe: () => undefined },
  });
  return {
    prometheus,
    source,
    watch,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await prometheus[Symbol.asyncDispose]();
    },
  };
}

function series(labels: Record<string, string>, samples: number): StoredSeries {
  const times = Float64Array.from({ length: samples }, (_, i) => 1_000_000 + i * 1000);
  const values = times.map((time) => time / 7);
  const words = new Uint32Array(values.buffer);
  const data = encodeXorChunk({ times, words, start: 0, end: samples });
  const chunk = { minTime: 1_000_000, maxTime: times.at(-1) ?? 0, type: XOR, data };
  return { labels: labelsOf(labels), chunks: [chunk] };
}

type SeriesInit = Exclude<MessageInitShape<typeof SeriesRequestSchema>, { $typeName: string }>;

const matcher = (name: string, value: string, type: Type = Type.EQ) => ({ type, name, value });
const UP = [matcher('__name__', 'up')];

/** The label sets of the answer, one text a series. */
async function select(
  { source }: Bench,
  init: SeriesInit,
  signal?: AbortSignal,
): Promise<string[]> {
  const request = create(SeriesRequestSchema, { matchers: UP, maxTime: 10n ** 15n, ...init });
  const found: string[] = [];
  for await (const message of source.series(request, signal ?? new AbortController().signal)) {
    const { result } = fromBinary(SeriesResponseSchema, message);
    const list =
      result.case === 'series'
        ? [result.value]
        : result.case === 'batch'
          ? result.value.series
          : [];
    for (const { labels, chunks } of list) {
      const text = labels.map(({ name, value }) => `${name}=${value}`).join(' ');
      found.push(`${text} ${chunks.length}`);
    }
  }
  return found;
}

test('external labels override, replica labels go, by either way to Prometheus', async () => {
  for (const path of ['plain', 'client'] as const) {
    await using bench = await start(path);
    assert.deepEqual(await select(bench, {}), [
      '__name__=up cluster=c job=a replica=A 1',
      '__name__=up cluster=c job=a replica=A 1',
      '__name__=up cluster=c job=b replica=A 1',
    ]);
    assert.deepEqual(await select(bench, { withoutReplicaLabels: ['replica'], limit: 1n }), [
      '__name__=up cluster=c job=a 1',
      '__name__=up cluster=c job=a 1',
    ]);
  }
});

test('matchers on external labels are fulfilled and dropped, or nothing matches', async () => {
  await using bench = await start();
  assert.equal((await select(bench, { matchers: [...UP, matcher('cluster', 'c')] })).length, 3);
  assert.equal(
    (await select(bench, { matchers: [...UP, matcher('replica', 'A|B', Type.RE)] })).length,
    3,
  );
  assert.deepEqual(bench.prometheus.lastReads.at(-1), [
    { type: '=', name: '__name__', value: 'up' },
    { type: '=', name: 'cluster', value: '' },
    { type: '=', name: 'replica', value: '' },
  ]);
  assert.deepEqual(await select(bench, { matchers: [...UP, matcher('cluster', 'd')] }), []);
  await assert.rejects(select(bench, { matchers: [matcher('cluster', 'c')] }), {
    kind: 'bad-data',
    message: 'no matchers specified (excluding external labels)',
  });
  await assert.rejects(select(bench, { matchers: [matcher('job', '(', Type.RE)] }), {
    kind: 'bad-data',
  });
});

test('shards divide the series as the real sidecar does', async () => {
  await using bench = await start();
  const external = { cluster: 'demo', region: 'local', replica: 'A' };
  bench.prometheus.stored = ['i1', 'i2'].map((instance) =>
    series({ __name__: 'up', job: 'demo', ...external, instance }, 3),
  );
  const withoutReplicaLabels = ['cluster', 'replica', 'region'];
  const select2 = (shardIndex: bigint, by: boolean, labels: readonly string[]) => {
    const shardInfo = { shardIndex, totalShards: 2n, by, labels: [...labels] };
    return select(bench, { shardInfo, withoutReplicaLabels });
  };
  assert.deepEqual(await select2(0n, true, ['instance']), ['__name__=up instance=i2 job=demo 1']);
  assert.deepEqual(await select2(1n, true, ['instance']), ['__name__=up instance=i1 job=demo 1']);
  assert.deepEqual(await select2(0n, false, ['__name__', 'job']), [
    '__name__=up instance=i2 job=demo 1',
  ]);
  await assert.rejects(select2(2n, true, []), /there is no shard 2 of 2/);
});

test('labels alone come from the series API', async () => {
  await using bench = await start();
  bench.prometheus.answers.set('/api/v1/series', [
    { __name__: 'up', z: '1' },
    { __name__: 'up', job: 'a', replica: 'inner' },
  ]);
  assert.deepEqual(await select(bench, { skipChunks: true, withoutReplicaLabels: ['replica'] }), [
    '__name__=up cluster=c job=a 0',
    '__name__=up cluster=c z=1 0',
  ]);
  assert.equal(
    bench.prometheus.asked.at(-1),
    '/api/v1/series?start=1000&end=253402300799&match[]={__name__="up"}',
  );
});

test('label names and values include the external ones', async () => {
  await using bench = await start();
  const signal = new AbortController().signal;
  bench.prometheus.answers.set('/api/v1/labels', ['job', '__name__']);
  bench.prometheus.answers.set('/api/v1/label/job/values', ['b', 'a']);
  bench.prometheus.answers.set('/api/v1/series', [{ job: 'a' }]);
  const names = async (init: MessageInitShape<typeof LabelNamesRequestSchema>) =>
    (await bench.source.labelNames(create(LabelNamesRequestSchema, init), signal)).values;
  const values = async (init: MessageInitShape<typeof LabelValuesRequestSchema>) =>
    (await bench.source.labelValues(create(LabelValuesRequestSchema, init), signal)).values;
  assert.deepEqual(await names({}), ['__name__', 'cluster', 'job', 'replica']);
  assert.deepEqual(await names({ withoutReplicaLabels: ['replica'], limit: 2n }), [
    '__name__',
    'cluster',
  ]);
  assert.deepEqual(await names({ matchers: [matcher('cluster', 'x')] }), []);
  assert.deepEqual(await values({ label: 'job' }), ['a', 'b']);
  assert.deepEqual(await values({ label: 'cluster' }), ['c']);
  assert.deepEqual(await values({ label: 'cluster', matchers: [matcher('job', 'a')] }), ['c']);
  assert.deepEqual(await values({ label: 'replica', withoutReplicaLabels: ['replica'] }), []);
  await assert.rejects(values({ label: '' }), { kind: 'bad-data' });
  await assert.rejects(values({ label: 'gone' }), {
    kind: 'execution',
    message:
      /^cannot read GET http:.*\/api\/v1\/label\/gone\/values\?.*: it answers 422: no such thing$/,
  });
});

test('a Prometheus without streaming is read too, in chunks of 120 samples', async () => {
  await using bench = await start();
  bench.prometheus.fault = (_, response, send) => {
    response.setHeader('content-type', 'application/x-protobuf');
    const samples = Array.from({ length: 250 }, (_, i) => ({
      timestamp: BigInt(i * 1000),
      value: i / 3,
    }));
    const labels = [
      { name: '__name__', value: 'up' },
      { name: 'z', value: '1' },
    ];
    const message = {
      results: [
        { timeseries: [{ labels, samples }] },
        { timeseries: [{ labels: labels.slice(0, 1), samples }] },
      ],
    };
    send(Buffer.from(encodeSnappyBlock(testKernel(), encodeMessage(ReadResponseSchema, message))));
  };
  assert.deepEqual(await select(bench, {}), [
    '__name__=up cluster=c replica=A 3',
    '__name__=up cluster=c replica=A z=1 3',
  ]);
});

test('a failing Prometheus is an error with URL and fault, and leaves nothing open', async () => {
  await using bench = await start();
  const { prometheus } = bench;
  const fails = async (
    fault: FakePrometheus['fault'],
    kind: string,
    want: RegExp,
  ): Promise<void> => {
    prometheus.fault = fault;
    await assert.rejects(select(bench, {}), (error: Error & { kind: string }) => {
      assert.match(error.message, /^cannot read from http:\/\/127\.0\.0\.1:\d+\/api\/v1\/read: /);
      assert.match(errorText(error), want);
      assert.equal(error.kind, kind);
      return true;
    });
  };
  await fails(
    (body, _, send) => send(body.subarray(0, body.length - 3)),
    'corrupt',
    /the stream ends in frame 2/,
  );
  await fails(
    (body, _, send) => send(body.fill(0, 40, 41)),
    'corrupt',
    /frame 0 of \d+ bytes: checksum/,
  );
  await fails(
    (_, __, send) => send(Buffer.from('<html>what?')),
    'corrupt',
    /it reads "<html>what\?"/,
  );
  const plain =
    (status: number): FakePrometheus['fault'] =>
    (_, response, send) => {
      response.writeHead(status, { 'content-type': 'text/plain' });
      send(Buffer.from('remote read limit\n'));
    };
  await fails(plain(400), 'bad-data', /it answers 400: remote read limit$/);
  await fails(plain(503), 'unavailable', /it answers 503/);
  await fails(
    (_, response, send) => {
      response.setHeader('content-type', 'text/html');
      send(Buffer.from('x'));
    },
    'corrupt',
    /content type "text\/html"/,
  );
  await fails(
    (body, response) => {
      response.write(body.subarray(0, 50));
      setImmediate(() => response.destroy());
    },
    'corrupt',
    /the connection ended in the middle of the body/,
  );
  prometheus.fault = undefined;
  assert.equal((await select(bench, {})).length, 3);
  await drained(prometheus);
});

/** Connections of remote reads are closed; the kept one of the API client is not counted. */
async function drained(prometheus: FakePrometheus): Promise<void> {
  for (let i = 0; i < 200 && prometheus.connections > 3; i++) await sleep(5);
  assert.ok(prometheus.connections <= 3, `${prometheus.connections} connections are open`);
}

test('a caller that leaves or whose time is up frees the connection', async () => {
  await using bench = await start();
  const { prometheus } = bench;
  prometheus.fault = (body, response) => void response.write(body.subarray(0, 80));
  const controller = new AbortController();
  const pending = select(bench, {}, controller.signal);
  setTimeout(() => controller.abort(new DOMException('too late', 'TimeoutError')), 30);
  await assert.rejects(pending, { kind: 'timeout', message: /^cannot read from http/ });
  prometheus.fault = undefined;
  const { chunks } = series({ __name__: 'up' }, 2000);
  prometheus.stored = Array.from({ length: 1000 }, (_, i) => ({
    labels: ['__name__', 'up', 'i', String(i)],
    chunks,
  }));
  const request = create(SeriesRequestSchema, { matchers: UP, maxTime: 10n ** 15n });
  for await (const message of bench.source.series(request, new AbortController().signal)) {
    assert.ok(message.length > 0);
    break;
  }
  await drained(prometheus);
});

test('a Prometheus that is away is unavailable', async () => {
  const bench = await start();
  await bench.prometheus[Symbol.asyncDispose]();
  await assert.rejects(select(bench, {}), {
    kind: 'unavailable',
    message: /^cannot read from http.*: connect ECONNREFUSED/,
  });
  await bench.watch.ask(new AbortController().signal);
  await assert.rejects(bench.source.info(), {
    kind: 'unavailable',
    message: /Prometheus is not ready/,
  });
  assert.deepEqual(bench.watch.externalLabels, EXTERNAL);
  await bench[Symbol.asyncDispose]();
});

test('info gives the range, the external labels and what is supported', async () => {
  await using bench = await start();
  const info = await bench.source.info();
  assert.equal(info.componentType, 'sidecar');
  assert.equal(info.store?.minTime, 1_000_000n);
  assert.equal(info.store?.maxTime, 2n ** 63n - 1n);
  assert.equal(info.store?.tsdbInfos.length, 1);
});

test('external labels and lowest time are read as Prometheus prints them', () => {
  const f = (yaml: string, want: Labels): void =>
    assert.deepEqual(readExternalLabels(yaml, 'x'), want);
  f('global:\n  external_labels:\n    b: "1"\n    a: yes it is\n', ['a', 'yes it is', 'b', '1']);
  f('global:\n  scrape_interval: 1m\n', []);
  f('scrape_configs: []\n', []);
  assert.throws(() => readExternalLabels('global: [', 'http://x/config'), /http:\/\/x\/config:1/);
  const lowest = (text: string): bigint | undefined => readLowestTime(text, 'http://x/metrics');
  assert.equal(
    lowest('a 1\nprometheus_tsdb_lowest_timestamp_seconds 1.7672256e+09\n'),
    1767225600000n,
  );
  assert.equal(lowest('prometheus_tsdb_lowest_timestamp_seconds 9.223372036854776e+15'), undefined);
  assert.throws(
    () => lowest('up 1\n'),
    /cannot read http:\/\/x\/metrics: prometheus_tsdb_lowest_timestamp_seconds is missing/,
  );
});

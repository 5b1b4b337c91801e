import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Clock } from '../base/clock.ts';
import { KernelPool } from '../base/kernel-pool.ts';
import { testKernel } from '../base/testing/kernel.ts';
import { compareLabels, type Labels, labelsOf, labelValue } from '../model/labels.ts';
import { printLabels } from '../model/labels-text.ts';
import { compileMatcher, type Matcher } from '../model/matcher.ts';
import type { ChunkQueryable, EncodedChunk } from '../storage/chunk-queryable.ts';
import { MemoryStore } from '../storage/memory-store.ts';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import type { HttpAnswer } from '../transport/http-route.ts';
import {
  type ChunkedReadResponse,
  ChunkedReadResponseSchema,
  ReadRequestSchema,
  LabelMatcher_Type as Type,
} from '../wire/gen/prometheus/remote_pb.ts';
import { decodeMessage, encodeMessage } from '../wire/message.ts';
import { walkReadResponse } from '../wire/read-response.ts';
import { decodeSnappyBlock, encodeSnappyBlock } from '../wire/snappy.ts';
import { FrameReader } from './frame-reader.ts';
import { encodeReadRequest } from './read-request.ts';
import { mergeLabels, type ReadServerOptions, remoteReadRoute } from './read-server.ts';

const clock: Clock = {
  nowMs: () => 0,
  monotonicMs: () => 0,
  after: () => () => undefined,
  sleep: async () => undefined,
};

interface Stored {
  readonly labels: Labels;
  readonly chunks: readonly EncodedChunk[];
}

/** Chunks are opaque to the server: any bytes do. */
function chunksOf(stored: readonly Stored[]): ChunkQueryable {
  return {
    async selectChunks({ matchers }) {
      const compiled = matchers.map(compileMatcher);
      const found = stored
        .filter(({ labels }) =>
          compiled.every(({ name, matches }) => matches(labelValue(labels, name))),
        )
        .toSorted((a, b) => compareLabels(a.labels, b.labels));
      let at = -1;
      const current = (): Stored => found[at] ?? assert.fail('no current series');
      return {
        warnings: [],
        next: () => ++at < found.length,
        get labels() {
          return current().labels;
        },
        chunks: () => current().chunks,
        [Symbol.dispose]: () => undefined,
      };
    },
  };
}

const chunk = (minTime: number, maxTime: number, size: number, encoding = 1): EncodedChunk => ({
  minTime,
  maxTime,
  encoding,
  data: new Uint8Array(size).fill(minTime & 255),
});

const up = (job: string): Labels => labelsOf({ __name__: 'up', job });
const external = labelsOf({ cluster: 'one', job: 'outside' });

function route(options: Partial<ReadServerOptions> = {}) {
  return remoteReadRoute({
    chunks: () => chunksOf([]),
    samples: () => new MemoryStore(),
    externalLabels: () => external,
    kernels: new KernelPool(() => testKernel()),
    metrics: createMetricRegistry(),
    clock,
    sampleLimit: 0,
    concurrency: 10,
    frameBytes: 1 << 20,
    ...options,
  });
}

async function call(body: Uint8Array, options: Partial<ReadServerOptions>): Promise<HttpAnswer> {
  return route(options).handle({
    method: 'POST',
    path: '/api/v1/read',
    params: {},
    queryText: '',
    query: new URLSearchParams(),
    headers: {},
    body,
    signal: new AbortController().signal,
    peer: '127.0.0.1:1',
  });
}

async function bytesOf({ body }: HttpAnswer): Promise<Buffer> {
  if (typeof body === 'string' || body === undefined) return Buffer.from(body ?? '');
  return body instanceof Uint8Array
    ? Buffer.from(body)
    : Buffer.concat(await Array.fromAsync(body));
}

function request(...queries: (readonly Matcher[])[]): Uint8Array {
  const times = { minTime: 1000n, maxTime: 9000n };
  return encodeReadRequest(
    testKernel(),
    queries.map((matchers) => ({ ...times, matchers })),
  );
}

/** What our own reader of frames finds, by the generated messages. */
function framesOf(bytes: Buffer): ChunkedReadResponse[] {
  const found: ChunkedReadResponse[] = [];
  const reader = new FrameReader((all, start, end) => {
    found.push(decodeMessage(ChunkedReadResponseSchema, all.slice(start, end)));
  });
  reader.push(bytes, 0, bytes.length);
  reader.end();
  return found;
}

function shown(frames: readonly ChunkedReadResponse[]): string[] {
  return frames.map(({ chunkedSeries, queryIndex }) => {
    const [{ labels, chunks } = assert.fail('a frame without a series'), ...others] = chunkedSeries;
    assert.equal(others.length, 0);
    const text = labels.map(({ name, value }) => `${name}=${value}`).join(',');
    const spans = chunks.map(
      ({ minTimeMs, maxTimeMs, type, data }) => `${minTimeMs}-${maxTimeMs}/${type}/${data.length}`,
    );
    return `${queryIndex} {${text}} ${spans.join(' ')}`;
  });
}

const nameIsUp: Matcher = { type: '=', name: '__name__', value: 'up' };

test('chunks are streamed as they are, a series a frame, with external labels', async () => {
  const stored = [
    { labels: up('b'), chunks: [chunk(-5, 20, 30), chunk(21, 40, 31, 2)] },
    { labels: labelsOf({ __name__: 'up' }), chunks: [chunk(2 ** 41, 2 ** 42, 200)] },
  ];
  const answer = await call(request([nameIsUp]), { chunks: () => chunksOf(stored) });
  assert.equal(
    answer.headers?.['content-type'],
    'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse',
  );
  const frames = framesOf(await bytesOf(answer));
  assert.deepEqual(shown(frames), [
    `0 {__name__=up,cluster=one,job=outside} ${2 ** 41}-${2 ** 42}/1/200`,
    '0 {__name__=up,cluster=one,job=b} -5-20/1/30 21-40/2/31',
  ]);
  assert.deepEqual([...(frames[0]?.chunkedSeries[0]?.chunks[0]?.data ?? [])], Array(200).fill(0));
});

test('a matcher for an external label asks for series without the label', async () => {
  const stored = [
    { labels: labelsOf({ __name__: 'up' }), chunks: [chunk(1, 2, 5)] },
    { labels: up('outside'), chunks: [chunk(1, 2, 6)] },
    { labels: up('other'), chunks: [chunk(1, 2, 7)] },
  ];
  const f = async (matcher: Matcher, want: readonly number[]): Promise<void> => {
    const answer = await call(request([nameIsUp, matcher]), { chunks: () => chunksOf(stored) });
    const sizes = framesOf(await bytesOf(answer)).map(
      ({ chunkedSeries }) => chunkedSeries[0]?.chunks[0]?.data.length,
    );
    assert.deepEqual(sizes, want);
  };
  await f({ type: '=', name: 'job', value: 'outside' }, [5]);
  await f({ type: '=', name: 'job', value: 'other' }, [7]);
  await f({ type: '=~', name: 'job', value: 'out.*' }, [6]);
  await f({ type: '!=', name: 'job', value: 'outside' }, [5, 7]);
});

test('frames end when they are full, and say which query they answer', async () => {
  const chunks = Array.from({ length: 10 }, (_, i) => chunk(i, i, 400));
  const stored = [{ labels: up('a'), chunks }];
  const answer = await call(request([nameIsUp], [], [nameIsUp]), {
    chunks: () => chunksOf(stored),
    frameBytes: 1000,
  });
  const frames = framesOf(await bytesOf(answer));
  const lengths = frames.map(({ chunkedSeries }) => chunkedSeries[0]?.chunks.length);
  assert.deepEqual(lengths, [3, 3, 3, 1, 3, 3, 3, 1, 3, 3, 3, 1]);
  const indexes = frames.map(({ queryIndex }) => Number(queryIndex));
  assert.deepEqual(indexes, [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
});

test('a client that takes no chunks gets samples, clipped, with stale markers', async () => {
  const store = new MemoryStore();
  for (let time = 0; time < 12; time++) {
    store.append(up('a'), { time: time * 1000, value: time === 5 ? 'stale' : time / 4 });
  }
  const kernel = testKernel();
  const body = encodeMessage(ReadRequestSchema, {
    queries: [
      {
        startTimestampMs: 3000n,
        endTimestampMs: 6000n,
        matchers: [{ type: Type.RE, name: 'job', value: 'a|b' }],
      },
      {
        startTimestampMs: 0n,
        endTimestampMs: 1n,
        matchers: [{ type: Type.EQ, name: 'x', value: 'y' }],
      },
    ],
  });
  const options = { samples: () => store };
  const answer = await call(encodeSnappyBlock(kernel, body), options);
  assert.deepEqual(answer.headers, {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
  });
  const response = decodeSnappyBlock(kernel, await bytesOf(answer), 1 << 20);
  const series = [...walkReadResponse(response)];
  assert.deepEqual(
    series.map(({ labels }) => printLabels(labels)),
    ['{__name__="up", cluster="one", job="a"}'],
  );
  assert.deepEqual([...(series[0]?.times ?? [])], [3000, 4000, 5000, 6000]);
  const bits = new Uint32Array((series[0]?.values ?? assert.fail('no values')).slice().buffer);
  assert.deepEqual([...bits], [0, 0x3fe80000, 0, 0x3ff00000, 2, 0x7ff00000, 0, 0x3ff80000]);

  const limited = await call(encodeSnappyBlock(kernel, body), { ...options, sampleLimit: 3 });
  assert.equal(limited.status, 400);
  assert.equal(limited.body, 'exceeded sample limit (3)\n');
});

test('what is no request is refused with its fault', async () => {
  const kernel = testKernel();
  const f = async (body: Uint8Array, want: RegExp): Promise<void> => {
    const answer = await call(body, {});
    assert.equal(answer.status, 400);
    assert.match(String(answer.body), want);
  };
  await f(Uint8Array.of(255, 255, 255), /snappy/);
  await f(encodeSnappyBlock(kernel, Uint8Array.of(0x0a, 200)), /prometheus.ReadRequest/);
  const strange = encodeMessage(ReadRequestSchema, {
    queries: [],
    acceptedResponseTypes: [7 as 0],
  });
  await f(encodeSnappyBlock(kernel, strange), /does not support any of the requested/);
});

test('labels of series go before external ones', () => {
  const f = (own: Record<string, string>, outside: Record<string, string>, want: string): void =>
    assert.equal(printLabels(mergeLabels(labelsOf(own), labelsOf(outside))), want);
  f({ a: '1' }, {}, '{a="1"}');
  f({}, { a: '1' }, '{a="1"}');
  f({ a: '1', c: '2' }, { b: '3', c: '4', d: '5' }, '{a="1", b="3", c="2", d="5"}');
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { testKernel } from '../../base/testing/kernel.ts';
import { labelsOf } from '../../model/labels.ts';
import type { HttpClient, HttpClientAnswer } from '../../transport/http-client.ts';
import { WriteRequestSchema } from '../../wire/gen/prometheus/remote_pb.ts';
import { decodeMessage } from '../../wire/message.ts';
import { decodeSnappyBlock } from '../../wire/snappy.ts';
import { HttpTarget } from './http-target.ts';

interface Asked {
  readonly url: string;
  readonly body: string | Uint8Array;
}

/** A server that answers everything alike. */
function fakeServer(text: string, status = 200): { client: HttpClient; asked: Asked[] } {
  const asked: Asked[] = [];
  const answer = { status, headers: {}, text: async () => text } as Partial<HttpClientAnswer>;
  const client: HttpClient = {
    async request({ url, body = '' }) {
      asked.push({ url, body });
      return answer as HttpClientAnswer;
    },
    async [Symbol.asyncDispose]() {},
  };
  return { client, asked };
}

function targetOf(client: HttpClient): HttpTarget {
  const { signal } = new AbortController();
  return new HttpTarget({ client, url: 'http://server/base/', kernel: testKernel(), signal });
}

const instant = { query: 'x', startMs: 1500, endMs: 1500, stepMs: 0 };

test('samples are written by remote write, a year later after each clear', async () => {
  const { client, asked } = fakeServer('', 204);
  const target = targetOf(client);
  const labels = labelsOf({ __name__: 'x' });
  await target.clear();
  await target.load([
    {
      labels,
      samples: [
        { time: 0, value: 1 },
        { time: 5, value: 'stale' },
      ],
    },
  ]);
  await target.clear();
  await target.load([{ labels, samples: [{ time: 7, value: 2 }] }]);
  assert.deepEqual(
    asked.map(({ url }) => url),
    ['http://server/base/api/v1/write', 'http://server/base/api/v1/write'],
  );
  const samples = asked.map(({ body }) => {
    assert.ok(body instanceof Uint8Array);
    const message = decodeSnappyBlock(testKernel(), body, 1000);
    const [series] = decodeMessage(WriteRequestSchema, message).timeseries;
    return series?.samples.map(({ timestamp, value }) => [Number(timestamp), value]);
  });
  assert.deepEqual(samples, [
    [
      [0, 1],
      [5, NaN],
    ],
    [[31_536_000_007, 2]],
  ]);
});

test('a refused load says what the server needs', async () => {
  const { client } = fakeServer('remote write receiver needs to be enabled\n', 404);
  await assert.rejects(targetOf(client).load([]), {
    kind: 'unavailable',
    message:
      'cannot load 0 series into http://server/base: status 404: remote write receiver needs to be enabled; it needs the remote write receiver and an out-of-order window',
  });
});

test('answers become results', async () => {
  const f = async (data: unknown, want: unknown): Promise<void> => {
    const { client, asked } = fakeServer(JSON.stringify({ status: 'success', data, infos: ['i'] }));
    const { result, warnings, infos } = await targetOf(client).query(instant);
    assert.deepEqual(result, want);
    assert.deepEqual([warnings, infos], [[], ['i']]);
    assert.deepEqual(asked, [{ url: 'http://server/base/api/v1/query', body: 'query=x&time=1.5' }]);
  };
  const labels = ['a', 'b'];
  const metric = { a: 'b' };
  await f({ resultType: 'scalar', result: [1.5, '+Inf'] }, { kind: 'scalar', value: Infinity });
  await f({ resultType: 'string', result: [1.5, 's'] }, { kind: 'string', value: 's' });
  await f(
    { resultType: 'vector', result: [{ metric, value: [1.5, 'NaN'] }] },
    { kind: 'vector', samples: [{ labels, value: NaN }] },
  );
  const histogram = { count: '3', sum: '-1.5', buckets: [[0, '1', '2', '3']] };
  const listed = {
    kind: 'listed',
    count: 3,
    sum: -1.5,
    buckets: [{ lower: 1, upper: 2, count: 3 }],
  };
  await f(
    { resultType: 'vector', result: [{ metric, histogram: [1.5, histogram] }] },
    { kind: 'vector', samples: [{ labels, value: listed }] },
  );
  const values = [
    [1, '1e-07'],
    [2.001, '-2'],
  ];
  const samples = new Map<number, unknown>([
    [1000, 1e-7],
    [2001, -2],
    [3000, listed],
  ]);
  await f(
    { resultType: 'matrix', result: [{ metric, values, histograms: [[3, histogram]] }] },
    { kind: 'matrix', series: [{ labels, samples }] },
  );
});

test('errors keep the words of the server', async () => {
  const { client, asked } = fakeServer(
    '{"status":"error","errorType":"execution","error":"no (1:2)"}',
  );
  const range = { query: 'x', startMs: 0, endMs: 60_000, stepMs: 15_000 };
  await assert.rejects(targetOf(client).query(range), { kind: 'execution', message: 'no (1:2)' });
  assert.equal(asked[0]?.body, 'query=x&start=0&end=60&step=15');
  await assert.rejects(targetOf(fakeServer('<html>', 502).client).query(range), {
    kind: 'unavailable',
    message: 'the answer is not JSON: "<html>"',
  });
});

test('what a server cannot be asked is refused', async () => {
  const { client, asked } = fakeServer('{}', 200);
  const target = targetOf(client);
  const labels = labelsOf({ __name__: 'x' });
  await target.load([{ labels, samples: [{ time: 1000, value: 1, startTime: 500 }] }]);
  assert.equal(asked.length, 0);
  await assert.rejects(target.query(instant), {
    kind: 'not-acceptable',
    message: 'remote write 1 carries no start timestamps',
  });
  await target.clear();
  await assert.rejects(target.query({ ...instant, query: 'time()' }), {
    kind: 'not-acceptable',
    message: 'absolute times have moved since the clear above',
  });
  await assert.rejects(target.query({ ...instant, query: 'x @ 1 + y @ start()' }));
  const body = new URLSearchParams(String(asked.at(-1)?.body));
  assert.equal(body.get('query'), 'x @ 31536001.000 + y @ start()');
  assert.equal(body.get('time'), '31536001.5');
});

import { strict as assert } from 'node:assert';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { silentLogger } from '../telemetry/logger.ts';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import { createReadiness } from '../telemetry/readiness.ts';
import { createHttpClient } from '../transport/http-client.ts';
import { textAnswer } from '../transport/http-route.ts';
import { startHttpServer } from '../transport/http-server.ts';
import { realClock } from '../world/clock.ts';
import { realFileSystem } from '../world/file-system.ts';
import { createEntryProxy } from './entry-proxy.ts';

interface Querier extends AsyncDisposable {
  readonly url: string;
  readonly asked: string[];
  /** What the next questions get. */
  answer: RequestListener;
}

/** A querier that is ready and answers what the test tells it to. */
async function startQuerier(answer: RequestListener): Promise<Querier> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    if (request.url === '/-/ready') return void response.end('OK');
    asked.push(`${request.method} ${request.url}`);
    querier.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const querier: Querier = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return querier;
}

async function startEntry(urls: readonly string[], routePrefix = '') {
  const metrics = createMetricRegistry();
  const readiness = createReadiness(metrics, 'entry');
  const client = createHttpClient(realFileSystem);
  const stop = new AbortController();
  const proxy = createEntryProxy({
    urls,
    client,
    clock: realClock,
    logger: silentLogger,
    metrics,
    probeIntervalMs: 200,
    routePrefix,
    missing: ({ path }) => (path.endsWith('/nowhere') ? textAnswer(404, 'missing') : undefined),
    onAvailability: (isAvailable) =>
      isAvailable ? readiness.setReady() : readiness.setNotReady('none'),
  });
  const server = await startHttpServer({
    address: '127.0.0.1:0',
    gracePeriodMs: 0,
    webConfigPath: '',
    routePrefix,
    allowOtherOrigins: false,
    routes: proxy.routes,
    metrics,
    readiness,
    logger: silentLogger,
    clock: realClock,
    files: realFileSystem,
  });
  const watching = proxy.watch(stop.signal);
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await realClock.sleep(5);
  };
  await until(() => proxy.states().every(({ isUp }) => isUp || urls.length === 0));
  return {
    proxy,
    until,
    metrics,
    url: server.url,
    ask: async (path: string, init?: RequestInit) => {
      const response = await fetch(`${server.url}${path}`, init);
      return { status: response.status, text: await response.text(), headers: response.headers };
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
      await server[Symbol.asyncDispose]();
      await client[Symbol.asyncDispose]();
    },
  };
}

const good: RequestListener = (request, response) => {
  response.writeHead(200, { 'x-from': 'querier' });
  request.pipe(response);
};
const failing: RequestListener = (_request, response) => {
  response.writeHead(503).end('overloaded');
};
const torn: RequestListener = (_request, response) => {
  response.write('half an ');
  setImmediate(() => response.destroy());
};

test('questions go to the queriers in turn, with body, query and headers', async () => {
  await using a = await startQuerier(good);
  await using b = await startQuerier(good);
  await using entry = await startEntry([a.url, b.url]);
  for (let i = 0; i < 4; i++) {
    const answer = await entry.ask('/api/v1/query?x=%2B', { method: 'POST', body: 'query=up' });
    assert.deepEqual([answer.status, answer.text], [200, 'query=up']);
    assert.equal(answer.headers.get('x-from'), 'querier');
  }
  assert.deepEqual([a.asked.length, b.asked.length], [2, 2]);
  assert.equal(a.asked[0], 'POST /api/v1/query?x=%2B');
});

test('a question that fails is put once to the other, however it fails', async () => {
  await using bad = await startQuerier(failing);
  await using other = await startQuerier((_request, response) => response.end('right'));
  await using entry = await startEntry([bad.url, other.url]);
  for (const fault of [failing, torn, ((request) => request.destroy()) as RequestListener]) {
    bad.answer = fault;
    await entry.until(() => entry.proxy.states().every(({ isUp }) => isUp));
    for (let i = 0; i < 2; i++) assert.equal((await entry.ask('/api/v1/query')).text, 'right');
  }
  assert.match((await entry.metrics.print('text')).body, /tsanos_entry_retries_total [1-9]/);
});

test('when both fail, the first answer is given', async () => {
  await using a = await startQuerier(failing);
  await using b = await startQuerier(failing);
  await using entry = await startEntry([a.url, b.url]);
  const answer = await entry.ask('/api/v1/query');
  assert.deepEqual([answer.status, answer.text], [503, 'overloaded']);
  assert.equal(a.asked.length + b.asked.length, 2);
});

test('a wrong question and a change are not repeated', async () => {
  const wrong: RequestListener = (_request, response) => void response.writeHead(400).end('wrong');
  await using a = await startQuerier(wrong);
  await using b = await startQuerier(wrong);
  await using entry = await startEntry([a.url, b.url]);
  assert.equal((await entry.ask('/api/v1/query')).status, 400);
  a.answer = failing;
  b.answer = failing;
  assert.equal((await entry.ask('/admin', { method: 'POST' })).status, 503);
  assert.equal(a.asked.length + b.asked.length, 2);
});

test('a querier that is gone is noticed, left out, and taken back', async () => {
  await using a = await startQuerier(good);
  const b = await startQuerier(good);
  await using entry = await startEntry([a.url, b.url]);
  await b[Symbol.asyncDispose]();
  await entry.until(() => entry.proxy.states()[1].isUp === false);
  for (let i = 0; i < 4; i++) assert.equal((await entry.ask('/x')).status, 200);
  assert.equal(a.asked.length, 4);
  const states = JSON.parse((await entry.ask('/-/queriers')).text) as { readonly isUp: boolean }[];
  assert.deepEqual(
    states.map(({ isUp }) => isUp),
    [true, false],
  );
  assert.equal((await entry.ask('/-/ready')).status, 200);
});

test('without any querier the entry is not ready and says why', async () => {
  await using entry = await startEntry([]).catch(() => assert.fail());
  assert.equal((await entry.ask('/-/ready')).status, 503);
});

test('without a living querier the API says so in its own form', async () => {
  const a = await startQuerier(good);
  await using entry = await startEntry([a.url], '/tsanos');
  await a[Symbol.asyncDispose]();
  await entry.until(() => !entry.proxy.states()[0].isUp);
  const { status, text } = await entry.ask('/tsanos/api/v1/query?query=up');
  assert.equal(status, 503);
  const envelope = JSON.parse(text) as Readonly<Record<string, string>>;
  assert.deepEqual([envelope.status, envelope.errorType], ['error', 'unavailable']);
  assert.ok(envelope.error.includes(a.url), envelope.error);
});

test('a question in flight at a querier that goes down moves to the other', async () => {
  const asked = Promise.withResolvers<void>();
  let isGone = false;
  const hanging = createServer((request, response) => {
    if (request.url !== '/-/ready') return void asked.resolve();
    if (isGone) response.writeHead(503);
    response.end();
  });
  await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`;
  await using b = await startQuerier((_request, response) => response.end('right'));
  await using entry = await startEntry([url, b.url]);
  const answer = entry.ask('/api/v1/query');
  await asked.promise;
  isGone = true;
  assert.equal((await answer).text, 'right');
  hanging.closeAllConnections();
  hanging.close();
});

test('long answers are streamed', async () => {
  const piece = Buffer.alloc(1 << 16, 'x');
  await using a = await startQuerier((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    for (let i = 0; i < 64; i++) response.write(piece);
    response.end();
  });
  await using entry = await startEntry([a.url]);
  const answer = await entry.ask('/api/v1/query_range');
  assert.equal(answer.text.length, 64 << 16);
});

test('the prefix of the entry is not handed on; what nothing has is not asked for', async () => {
  await using a = await startQuerier((request, response) => response.end(request.url));
  await using entry = await startEntry([a.url], '/tsanos');
  assert.equal(
    (await entry.ask('/tsanos/api/v1/labels?match[]=x')).text,
    '/api/v1/labels?match[]=x',
  );
  assert.equal((await entry.ask('/tsanos/nowhere')).text, 'missing');
});

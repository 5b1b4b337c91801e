/** Our client with our server. */
import { strict as assert } from 'node:assert';
import { connect } from 'node:http2';
import { connect as connectTcp, createServer } from 'node:net';
import { test } from 'node:test';
import { errorText, OperationError } from '../base/errors.ts';
import { HealthCheckResponseSchema } from '../wire/gen/grpc/health_pb.ts';
import { decodeMessage } from '../wire/message.ts';
import type { GrpcMethod, GrpcServices } from './grpc.ts';
import { healthMethods, ServingState } from './grpc-health.ts';
import {
  Closing,
  clock,
  collect,
  forever,
  number,
  readNumber,
  startClient,
  startServer,
  stream,
  unary,
} from './testing/grpc.ts';

const noise = Buffer.from(Array.from({ length: 70_001 }, (_, i) => (i * i) >> 7));

/** What the tests call. `counts` says what happened on the server. */
function services(counts: { open: number; sent: number } = { open: 0, sent: 0 }): GrpcServices {
  return new Map([
    ['/test.Echo/Echo', unary(async (request) => request)],
    ['/test.Echo/Metadata', unary(async (_, call) => Buffer.from(JSON.stringify(call.metadata)))],
    [
      '/test.Echo/Fail',
      unary(async () => {
        throw new OperationError('limit', 'too many: 100 % ä\n');
      }),
    ],
    [
      '/test.Echo/Count',
      stream(async function* (request) {
        for (let i = 0; i < readNumber(request); i++) yield number(i);
      }),
    ],
    [
      '/test.Echo/Bytes',
      stream(async function* (request) {
        yield noise.subarray(0, 10);
        yield Buffer.alloc(readNumber(request), noise);
      }),
    ],
    [
      '/test.Echo/Endless',
      stream(async function* (_, { signal }) {
        counts.open++;
        try {
          for (; !signal.aborted; counts.sent++) yield noise;
        } finally {
          counts.open--;
        }
      }),
    ],
    [
      '/test.Echo/FailLate',
      stream(async function* () {
        yield number(1);
        throw new OperationError('corrupt', 'the block is torn');
      }),
    ],
    [
      '/test.Echo/Hang',
      unary((_request, { signal }) => {
        counts.open++;
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            counts.open--;
            reject(signal.reason);
          });
        });
      }),
    ],
  ]);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await clock.sleep(2);
}

const call = { signal: forever };

test('a unary call returns its answer, with metadata in lower case', async () => {
  await using closing = new Closing();
  const { address } = await startServer(closing, services());
  const client = startClient(closing, address);
  assert.deepEqual(await client.unary('/test.Echo/Echo', noise, call), noise);
  assert.equal((await client.unary('/test.Echo/Echo', new Uint8Array(), call)).length, 0);
  const metadata = { 'THANOS-TENANT': 'team a' };
  const got = await client.unary('/test.Echo/Metadata', noise, { ...call, metadata });
  assert.deepEqual(JSON.parse(Buffer.from(got).toString()), { 'thanos-tenant': 'team a' });
});

test('a stream gives its messages in order, none included', async () => {
  await using closing = new Closing();
  const { address } = await startServer(closing, services());
  const client = startClient(closing, address);
  for (const count of [0, 1, 3000]) {
    const messages = await collect(client.serverStream('/test.Echo/Count', number(count), call));
    assert.deepEqual(
      messages.map(readNumber),
      Array.from({ length: count }, (_, i) => i),
    );
  }
});

for (const compression of ['none', 'snappy'] as const) {
  test(`memory of sent messages is used again with compression ${compression}`, async () => {
    const free: Buffer[] = [];
    let made = 0;
    const method: GrpcMethod = {
      kind: 'serverStream',
      async *handle() {
        for (let i = 0; i < 100; i++) {
          // Some are small enough to be copied on the way.
          const message = free.pop() ?? Buffer.alloc(++made % 5 === 0 ? 9000 : 100_000 + made);
          yield message.fill(i);
        }
      },
      sent: (message) => free.push(message as Buffer),
    };
    await using closing = new Closing();
    const { address } = await startServer(closing, new Map([['/test.Echo/Again', method]]));
    const client = startClient(closing, address, { compression });
    const read = async (pauseEvery: number, leaveAfter: number): Promise<void> => {
      let count = 0;
      for await (const message of client.serverStream('/test.Echo/Again', number(0), call)) {
        assert.ok(
          message.every((byte) => byte === count),
          `message ${count}`,
        );
        if (++count === leaveAfter) return;
        if (count % pauseEvery === 0) await clock.sleep(1);
      }
      assert.equal(count, 100);
    };
    await Promise.all([read(3, 0), read(7, 0), read(1000, 0), read(1000, 20), read(2, 50)]);
    assert.ok(made < 200, `${made} buffers for 500 messages`);
  });
}

for (const compression of ['none', 'gzip', 'snappy'] as const) {
  test(`messages of any size pass with compression ${compression}`, async () => {
    await using closing = new Closing();
    const { address } = await startServer(closing, services());
    const client = startClient(closing, address, { compression });
    for (const size of [0, 1, 16_383, 16_384, 70_001, 3_000_000]) {
      const [, got] = await collect(client.serverStream('/test.Echo/Bytes', number(size), call));
      assert.ok(Buffer.alloc(size, noise).equals(got ?? noise), `${size} bytes`);
      const echo = await client.unary('/test.Echo/Echo', Buffer.alloc(size, noise), call);
      assert.equal(echo.length, size);
    }
  });
}

test('a message of 80 MB passes both ways', async () => {
  await using closing = new Closing();
  const { address } = await startServer(closing, services());
  const client = startClient(closing, address);
  const large = Buffer.alloc(80_000_000, noise);
  assert.ok(large.equals(await client.unary('/test.Echo/Echo', large, call)));
});

test('failures keep their kind, code and text', async () => {
  await using closing = new Closing();
  const { address } = await startServer(closing, services());
  const client = startClient(closing, address);
  const text = (path: string, rest: string): string =>
    `cannot call ${path} at ${address}: rpc error: code = ${rest}`;
  await assert.rejects(client.unary('/test.Echo/Fail', noise, call), {
    kind: 'limit',
    message: text('/test.Echo/Fail', 'ResourceExhausted desc = too many: 100 % ä\n'),
  });
  await assert.rejects(client.unary('/test.Echo/None', noise, call), {
    kind: 'not-acceptable',
    message: text(
      '/test.Echo/None',
      'Unimplemented desc = unknown method None for service test.Echo',
    ),
  });
  await assert.rejects(client.unary('/test.Other/None', noise, call), {
    message: text('/test.Other/None', 'Unimplemented desc = unknown service test.Other'),
  });
  const late = client.serverStream('/test.Echo/FailLate', noise, call);
  const got: number[] = [];
  await assert.rejects(
    async () => {
      for await (const message of late) got.push(readNumber(message));
    },
    { kind: 'corrupt', message: text('/test.Echo/FailLate', 'DataLoss desc = the block is torn') },
  );
  assert.deepEqual(got, [1]);
});

test('a deadline ends the call on both sides', async () => {
  await using closing = new Closing();
  const counts = { open: 0, sent: 0 };
  const { address } = await startServer(closing, services(counts));
  const client = startClient(closing, address);
  const timed = { ...call, timeoutMs: 50 };
  const late = {
    kind: 'timeout' as const,
    message: /code = DeadlineExceeded desc = context deadline exceeded/,
  };
  await assert.rejects(client.unary('/test.Echo/Hang', noise, timed), late);
  await assert.rejects(collect(client.serverStream('/test.Echo/Endless', number(0), timed)), late);
  await until(() => counts.open === 0);
});

test('the server ends a call at its deadline when the client does not', async () => {
  await using closing = new Closing();
  const counts = { open: 0, sent: 0 };
  const { address } = await startServer(closing, services(counts));
  const session = connect(`http://${address}`);
  closing.add(() => session.destroy());
  const request = session.request({
    ':method': 'POST',
    ':path': '/test.Echo/Hang',
    'content-type': 'application/grpc',
    'grpc-timeout': '20m',
  });
  request.end(Buffer.alloc(5));
  const headers = await new Promise<Record<string, unknown>>((resolve) => {
    request.on('response', resolve);
  });
  assert.equal(headers['grpc-status'], '4');
  await until(() => counts.open === 0);
});

test('cancelling and breaking off end the handler', async () => {
  await using closing = new Closing();
  const counts = { open: 0, sent: 0 };
  const { address } = await startServer(closing, services(counts));
  const client = startClient(closing, address);
  const controller = new AbortController();
  const cancelled = client.unary('/test.Echo/Hang', noise, { signal: controller.signal });
  await until(() => counts.open === 1);
  controller.abort();
  await assert.rejects(cancelled, {
    kind: 'canceled',
    message: /Canceled desc = context canceled/,
  });
  await until(() => counts.open === 0);
  for await (const message of client.serverStream('/test.Echo/Endless', number(0), call)) {
    assert.equal(message.length, noise.length);
    break;
  }
  await until(() => counts.open === 0);
  const before = AbortSignal.abort();
  await assert.rejects(client.unary('/test.Echo/Echo', noise, { signal: before }), {
    kind: 'canceled',
  });
});

test('a client that does not read stops the server', async () => {
  await using closing = new Closing();
  const counts = { open: 0, sent: 0 };
  const { address } = await startServer(closing, services(counts));
  const client = startClient(closing, address);
  const endless = client
    .serverStream('/test.Echo/Endless', number(0), call)
    [Symbol.asyncIterator]();
  await endless.next();
  let before = -1;
  while (counts.sent !== before) {
    before = counts.sent;
    await clock.sleep(100);
  }
  assert.ok(before * noise.length < 20e6, `${before} messages`);
  // Another call on the same connection is not held up by it.
  assert.deepEqual(await client.unary('/test.Echo/Echo', noise, call), noise);
  for (let i = 0; i < before * 2; i++) assert.equal((await endless.next()).done, false);
  await endless.return?.();
});

test('a thousand quick cancellations leave the connection usable', async () => {
  await using closing = new Closing();
  const counts = { open: 0, sent: 0 };
  const { address } = await startServer(closing, services(counts));
  const client = startClient(closing, address);
  const started = Array.from({ length: 1000 }, async () => {
    for await (const _ of client.serverStream('/test.Echo/Endless', number(0), call)) break;
  });
  await Promise.all(started);
  assert.deepEqual(await client.unary('/test.Echo/Echo', noise, call), noise);
  await until(() => counts.open === 0);
});

test('a hundred streams at once share a connection', async () => {
  await using closing = new Closing();
  const { address } = await startServer(closing, services());
  const client = startClient(closing, address);
  const all = await Promise.all(
    Array.from({ length: 100 }, () =>
      collect(client.serverStream('/test.Echo/Bytes', number(500_000), call)),
    ),
  );
  assert.ok(all.every(([, large]) => large?.length === 500_000));
});

test('a connection at its age is replaced without a failed call', async () => {
  await using closing = new Closing();
  const peers = new Set<string>();
  const methods: GrpcServices = new Map([
    [
      '/test.Echo/Slow',
      unary(async (request, { peer, signal }) => {
        peers.add(peer);
        await clock.sleep(10, signal);
        return request;
      }),
    ],
  ]);
  const { address } = await startServer(closing, methods, { maxConnectionAgeMs: 60 });
  const client = startClient(closing, address);
  const worker = async (): Promise<void> => {
    while (peers.size < 4) await client.unary('/test.Echo/Slow', noise, call);
  };
  await Promise.all(Array.from({ length: 20 }, worker));
  assert.ok(peers.size >= 4);
});

test('a server that closes lets running calls end and the client meets its successor', async () => {
  await using closing = new Closing();
  const { server, address } = await startServer(closing, services());
  const client = startClient(closing, address);
  const running = client.serverStream('/test.Echo/Count', number(1000), call);
  const iterator = running[Symbol.asyncIterator]();
  await iterator.next();
  const closed = server.close(10_000);
  let count = 1;
  while ((await iterator.next()).done !== true) count++;
  assert.equal(count, 1000);
  await closed;
  await assert.rejects(client.unary('/test.Echo/Echo', noise, call), (error) => {
    assert.equal((error as OperationError).kind, 'unavailable');
    assert.match(errorText(error), /^cannot connect to [\d.:]+: connect ECONNREFUSED/);
    return true;
  });
  await startServer(closing, services(), {}, Number(address.split(':')[1]));
  assert.deepEqual(await client.unary('/test.Echo/Echo', noise, call), noise);
});

test('calls on a connection that breaks fail as unavailable', async () => {
  await using closing = new Closing();
  const counts = { open: 0, sent: 0 };
  const { server, address } = await startServer(closing, services(counts));
  const client = startClient(closing, address);
  const hanging = client.unary('/test.Echo/Hang', noise, call);
  await until(() => counts.open === 1);
  const rejected = assert.rejects(hanging, {
    kind: 'unavailable',
    message: /the connection was lost/,
  });
  await server.close(0);
  await rejected;
});

test('something that is no gRPC server is named, never waited for', async () => {
  await using closing = new Closing();
  const answers: readonly (readonly [string, RegExp])[] = [
    ['HTTP/1.1 400 Bad Request\r\n\r\n', /cannot connect to 127.0.0.1:\d+|the connection was lost/],
    ['', /cannot connect to 127.0.0.1:\d+|the connection was lost/],
  ];
  for (const [answer, message] of answers) {
    const server = createServer((socket) => socket.end(answer));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.add(() => server.close());
    const { port } = server.address() as { port: number };
    const client = startClient(closing, `127.0.0.1:${port}`);
    await assert.rejects(client.unary('/a.B/C', noise, call), { kind: 'unavailable', message });
  }
});

test('malformed calls get a status, and the server lives on', async () => {
  await using closing = new Closing();
  const { address } = await startServer(closing, services(), { requestMaxBytes: 1000 });
  const session = connect(`http://${address}`);
  closing.add(() => session.destroy());
  const good = {
    ':method': 'POST',
    ':path': '/test.Echo/Echo',
    'content-type': 'application/grpc',
  };
  const send = (headers: object, body: Uint8Array): Promise<Record<string, unknown>> =>
    new Promise((resolve, reject) => {
      const request = session.request({ ...good, ...headers });
      let answer: Record<string, unknown> = {};
      request.on('response', (got) => {
        answer = { ...got };
      });
      request.on('trailers', (got) => {
        answer = { ...answer, ...got };
      });
      request.on('error', reject);
      request.on('close', () => resolve(answer));
      request.resume();
      request.end(body);
    });
  const status = async (headers: object, body: Uint8Array, want: string): Promise<void> => {
    const answer = await send(headers, body);
    assert.equal(answer['grpc-status'], want, JSON.stringify(answer));
  };
  const empty = Buffer.alloc(5);
  await status({}, empty, '0');
  await status({}, new Uint8Array(), '13'); // no message
  await status({}, Buffer.alloc(10), '13'); // two messages
  await status({}, Buffer.of(0, 0, 0), '13'); // header cut off
  await status({}, Buffer.of(0, 0, 0, 0, 9, 1), '13'); // message cut off
  await status({}, Buffer.of(7, 0, 0, 0, 0), '13'); // unknown flag
  await status({}, Buffer.of(1, 0, 0, 0, 0), '13'); // compressed, but how?
  await status({}, Buffer.of(0, 0xff, 0xff, 0xff, 0xff, 1), '8'); // 4 GiB declared
  await status({ 'grpc-encoding': 'brotli' }, empty, '12');
  await status({ 'grpc-encoding': 'gzip' }, Buffer.of(1, 0, 0, 0, 2, 1, 2), '15');
  await status({ 'grpc-encoding': 'snappy' }, Buffer.of(1, 0, 0, 0, 2, 1, 2), '15');
  await status({ 'grpc-timeout': 'soon' }, empty, '13');
  await status({ 'grpc-timeout': '123456789S' }, empty, '13');
  await status({ ':path': '/nothing' }, empty, '12');
  assert.equal((await send({ 'content-type': 'text/plain' }, empty))[':status'], 415);
  assert.equal((await send({ ':method': 'PUT' }, empty))[':status'], 405);
  const bomb = startClient(closing, address, { compression: 'gzip' });
  await assert.rejects(bomb.unary('/test.Echo/Echo', new Uint8Array(100_000), call), {
    kind: 'limit',
    message: /more than 1000 bytes decoded/,
  });
  const garbage = connectTcp(Number(address.split(':')[1]), '127.0.0.1', () =>
    garbage.write('GET / HTTP/1.1\r\n\r\n'),
  );
  await new Promise((resolve) =>
    garbage
      .on('close', resolve)
      .on('error', () => {})
      .resume(),
  );
  await status({}, empty, '0');
});

test('metadata that HTTP/2 cannot carry is refused', async () => {
  await using closing = new Closing();
  const { address } = await startServer(closing, services());
  const client = startClient(closing, address);
  for (const metadata of [{ 'a b': 'c' }, { a: 'line\nbreak' }, { ':path': '/x' }]) {
    await assert.rejects(client.unary('/test.Echo/Echo', noise, { ...call, metadata }), {
      kind: 'bad-data',
    });
  }
});

test('a client that pings too often is turned away', async () => {
  await using closing = new Closing();
  const { address } = await startServer(closing, services());
  const session = connect(`http://${address}`);
  closing.add(() => session.destroy());
  session.on('error', () => {});
  const goaway = new Promise<[number, string]>((resolve) => {
    session.on('goaway', (code, _, data) => resolve([code, Buffer.from(data ?? '').toString()]));
  });
  session.on('connect', () => {
    for (let i = 0; i < 4; i++) session.ping(() => {});
  });
  assert.deepEqual(await goaway, [11, 'too_many_pings']);
});

test('observers on both sides see every call and how it ended', async () => {
  await using closing = new Closing();
  const events: string[] = [];
  const observe = (side: string) => ({
    started: (method: string, kind: string) => ({
      sent: () => {},
      received: () => {},
      ended: (code: string) => events.push(`${side} ${method} ${kind} ${code}`),
    }),
  });
  const { address } = await startServer(closing, services(), { observer: observe('server') });
  const client = startClient(closing, address, { observer: observe('client') });
  await client.unary('/test.Echo/Echo', noise, call);
  await collect(client.serverStream('/test.Echo/Count', number(2), call));
  await assert.rejects(client.unary('/test.Echo/Fail', noise, call));
  assert.deepEqual(events.sort(), [
    'client /test.Echo/Count serverStream OK',
    'client /test.Echo/Echo unary OK',
    'client /test.Echo/Fail unary ResourceExhausted',
    'server /test.Echo/Count serverStream OK',
    'server /test.Echo/Echo unary OK',
    'server /test.Echo/Fail unary ResourceExhausted',
  ]);
});

test('health is told when asked and when it changes', async () => {
  await using closing = new Closing();
  const state = new ServingState(false);
  const { address } = await startServer(closing, healthMethods(state, ['thanos.Store']));
  const client = startClient(closing, address);
  const ask = (service: string): Uint8Array =>
    Buffer.concat([Buffer.of(0x0a, service.length), Buffer.from(service)]);
  const status = (answer: Uint8Array): number =>
    decodeMessage(HealthCheckResponseSchema, answer).status;
  const check = (service: string): Promise<Uint8Array> =>
    client.unary('/grpc.health.v1.Health/Check', ask(service), call);
  assert.equal(status(await check('')), 2);
  await assert.rejects(check('thanos.Rules'), { kind: 'not-found' });
  const seen: number[] = [];
  const watch = client.serverStream('/grpc.health.v1.Health/Watch', ask('thanos.Store'), call);
  for await (const answer of watch) {
    seen.push(status(answer));
    if (seen.length === 3) break;
    state.set(!state.isServing);
  }
  assert.deepEqual(seen, [2, 1, 2]);
});

import { strict as assert } from 'node:assert';
import { createServer as createPlainServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { OperationError } from '../base/errors.ts';
import { ManualClock } from '../base/testing/manual-clock.ts';
import { realClock } from '../world/clock.ts';
import { KeptConnections, type WholeRequest } from './kept-connections.ts';
import type { BodyPlace } from './placed-body.ts';
import { listen, type TestServer } from './testing/http.ts';

const { signal } = new AbortController();

/** A server that answers the n-th request of all its connections as told, piece by piece. */
async function scripted(
  answer: (n: number, socket: Socket) => readonly (string | Uint8Array)[],
): Promise<TestServer & { readonly connections: () => number; readonly heads: string[] }> {
  let connections = 0;
  let requests = 0;
  const heads: string[] = [];
  const server = createPlainServer((socket) => {
    connections++;
    socket.on('error', () => undefined);
    socket.on('data', async (head) => {
      heads.push(head.toString());
      for (const piece of answer(++requests, socket)) {
        socket.write(piece);
        await new Promise(setImmediate);
      }
    });
  });
  return Object.assign(await listen(server as never), { connections: () => connections, heads });
}

class Place implements BodyPlace {
  readonly bytesMax: number;
  memory: Uint8Array = new Uint8Array(0);
  rooms = 0;

  constructor(bytesMax = 1 << 20) {
    this.bytesMax = bytesMax;
  }

  tooLong = (): Error => new OperationError('limit', 'too long');

  room(bytes: number): Uint8Array {
    if (bytes <= this.memory.length) return this.memory;
    this.rooms++;
    this.memory = new Uint8Array(new SharedArrayBuffer(Math.max(bytes, this.memory.length * 2)));
    return this.memory;
  }
}

function clientOf(clock = realClock): KeptConnections & Disposable {
  const client = new KeptConnections({
    clock,
    tls: {},
    dialTimeoutMs: 5000,
    idleTimeoutMs: 60_000,
  });
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}

function request(url: string, others: Partial<WholeRequest> = {}): WholeRequest {
  return { url: new URL(url), headers: {}, place: new Place(), signal, ...others };
}

async function bodyOf(client: KeptConnections, given: WholeRequest): Promise<string> {
  const { status, body } = await client.get(given);
  return `${status} ${Buffer.from(body).toString('latin1')}`;
}

function torn(text: string, size: number): readonly string[] {
  const count = Math.ceil(text.length / size);
  return Array.from({ length: count }, (_, i) => text.slice(i * size, (i + 1) * size));
}

function sized(body: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

test('a body is one piece in whatever pieces it comes, over one connection', async () => {
  const page = 'up 1\n'.repeat(30_000);
  const chunks = torn(page, 7001);
  const chunked = chunks.map((one) => `${one.length.toString(16)};x=y\r\n${one}\r\n`).join('');
  const whole = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}0\r\nA: b\r\n\r\n`;
  const answers = [[sized(page)], torn(sized(page), 4111), [whole], torn(whole, 997)];
  await using server = await scripted((n) => answers[n - 1] ?? []);
  using client = clientOf();
  for (let i = 0; i < 4; i++) {
    const place = new Place();
    const { body } = await client.get(request(`${server.url}/metrics?x=${i}`, { place }));
    assert.ok(Buffer.from(body).equals(Buffer.from(page)), `answer ${i}`);
    assert.equal(body.buffer, place.memory.buffer);
    if (i < 2) assert.equal(place.rooms, 1);
  }
  assert.equal(server.connections(), 1);
  assert.match(
    server.heads[1] ?? '',
    /^GET \/metrics\?x=1 HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\n/,
  );
});

test('a body above the limit fails, whether its length is told or not', async () => {
  const long = 'x'.repeat(101);
  const f = async (answer: string, want: string | RegExp): Promise<void> => {
    await using server = await scripted((_, socket) => {
      if (!answer.includes('Length') && !answer.includes('chunked'))
        setImmediate(() => socket.end());
      return [answer];
    });
    using client = clientOf();
    const asked = bodyOf(client, request(server.url, { place: new Place(100) }));
    if (typeof want === 'string') assert.equal(await asked, want);
    else await assert.rejects(asked, { message: want });
  };
  await f(sized(long), /too long/);
  await f(
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n${long}\r\n0\r\n\r\n`,
    /too long/,
  );
  await f(`HTTP/1.0 200 OK\r\n\r\n${long}`, /too long/);
  await f(sized(long.slice(1)), `200 ${long.slice(1)}`);
  await f(`HTTP/1.0 200 OK\r\n\r\n${long.slice(1)}`, `200 ${long.slice(1)}`);
  await f(`HTTP/1.1 500 No\r\nContent-Length: 101\r\n\r\n${long}`, '500 ');
  await f(`HTTP/1.1 500 No\r\nContent-Length: 999999\r\n\r\n${'x'.repeat(70_000)}`, '500 ');
});

test('an answer that is cut off or no HTTP fails; the next has a new connection', async () => {
  const f = async (answer: string, want: RegExp): Promise<void> => {
    await using server = await scripted((n, socket) => {
      if (n === 1) setImmediate(() => socket.end());
      return [n === 1 ? answer : sized('later')];
    });
    using client = clientOf();
    await assert.rejects(client.get(request(server.url)), { message: want });
    assert.equal(await bodyOf(client, request(server.url)), '200 later');
    assert.equal(server.connections(), 2);
  };
  await f('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort', /ended in the middle of the body/);
  await f(
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab',
    /in the middle of the body/,
  );
  await f('HTTP/1.1 200 OK\r\nConte', /ended in the head of the answer/);
  await f('', /ended in the head of the answer/);
  await f('SSH-2.0-OpenSSH\r\n\r\n', /not HTTP/);
});

test('bytes after a body whose length is too small are not taken for the next answer', async () => {
  await using server = await scripted((n) => [n === 1 ? `${sized('one')}two` : sized('three')]);
  using client = clientOf();
  assert.equal(await bodyOf(client, request(server.url)), '200 one');
  assert.equal(await bodyOf(client, request(server.url)), '200 three');
  assert.equal(server.connections(), 2);
});

test('a server that says so, or is of HTTP/1.0, is asked over a new connection', async () => {
  const answers = [
    'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na',
    'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nb',
    sized('c'),
  ];
  await using server = await scripted((n) => [answers[n - 1] ?? '']);
  using client = clientOf();
  for (const want of ['200 a', '200 b', '200 c']) {
    assert.equal(await bodyOf(client, request(server.url)), want);
  }
  assert.equal(server.connections(), 3);
});

test('a connection that the server has closed, or closes at once, is replaced', async () => {
  await using server = await scripted((n, socket) => {
    if (n === 1) setImmediate(() => socket.end());
    if (n !== 3) return [sized(`answer ${n}`)];
    socket.destroy();
    return [];
  });
  using client = clientOf();
  assert.equal(await bodyOf(client, request(server.url)), '200 answer 1');
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
  assert.equal(await bodyOf(client, request(server.url)), '200 answer 2');
  assert.equal(await bodyOf(client, request(server.url)), '200 answer 4');
  assert.equal(server.connections(), 3);
});

test('a server that sends a byte now and then is given up when the signal says so', async () => {
  let sent = 0;
  await using server = await scripted((n, socket) => {
    if (n > 1) return [sized('well')];
    const drip = (): void => {
      if (socket.destroyed) return;
      socket.write('x');
      sent++;
      setImmediate(drip);
    };
    drip();
    return [];
  });
  using client = clientOf();
  const controller = new AbortController();
  const asked = client.get(request(server.url, { signal: controller.signal }));
  while (sent < 50) await new Promise(setImmediate);
  controller.abort(new OperationError('timeout', 'given up'));
  await assert.rejects(asked, { message: 'given up' });
  assert.equal(await bodyOf(client, request(server.url)), '200 well');
});

test('idle connections are closed after a while, all of them with the client', async () => {
  const clock = new ManualClock(0);
  await using server = await scripted((n) => [sized(String(n))]);
  const client = clientOf(clock);
  await client.get(request(server.url));
  clock.advance(30_000);
  await client.get(request(server.url));
  assert.equal(server.connections(), 1);
  clock.advance(61_000);
  await client.get(request(server.url));
  assert.equal(server.connections(), 2);
  const hanging = scripted(() => []);
  await using silent = await hanging;
  const asked = client.get(request(silent.url));
  await new Promise(setImmediate);
  client.close();
  await assert.rejects(asked, { kind: 'canceled' });
});

test('a line break in a header is refused', async () => {
  using client = clientOf();
  const headers = { 'x-a': 'b\r\nhost: c' };
  await assert.rejects(client.get(request('http://127.0.0.1:1/', { headers })), {
    message: /value of header x-a/,
  });
});

test('a server that does not listen is told as the system tells it', async () => {
  using client = clientOf();
  const place = new Place();
  await assert.rejects(client.get(request('http://127.0.0.1:1/', { place })), /ECONNREFUSED/);
  assert.equal(place.rooms, 0);
});

test("an empty body is nobody else's: its memory may be given away", async () => {
  await using server = await scripted((n) => [sized(n === 1 ? '' : 'after')]);
  using client = clientOf();
  const { body } = await client.get(request(server.url));
  assert.equal(body.length, 0);
  structuredClone(body.buffer, { transfer: [body.buffer] as ArrayBuffer[] });
  assert.equal(await bodyOf(client, request(server.url)), '200 after');
});

test('what a header may not hold costs no connection, kept or new', async () => {
  await using server = await scripted((n) => [sized(String(n))]);
  using client = clientOf();
  await client.get(request(server.url));
  for (let i = 0; i < 3; i++) {
    const headers = { 'x-a': 'b\nc' };
    await assert.rejects(client.get(request(server.url, { headers })), { kind: 'bad-data' });
  }
  assert.equal(await bodyOf(client, request(server.url)), '200 2');
  assert.equal(server.connections(), 1);
});

test('a request on a used connection ends with the client and is not sent again', async () => {
  await using server = await scripted((n) => (n === 1 ? [sized('one')] : []));
  const client = clientOf();
  await client.get(request(server.url));
  const asked = client.get(request(server.url));
  while (server.heads.length < 2) await new Promise(setImmediate);
  client.close();
  await assert.rejects(asked, { kind: 'canceled' });
  assert.equal(server.connections(), 1);
});

test('an answer that is refused for its head is not asked for again', async () => {
  const f = async (answer: string, want: RegExp): Promise<void> => {
    await using server = await scripted((n) => [n === 2 ? answer : sized('well')]);
    using client = clientOf();
    await client.get(request(server.url));
    const place = new Place(100);
    await assert.rejects(client.get(request(server.url, { place })), { message: want });
    assert.equal(server.heads.length, 2);
  };
  await f(sized('x'.repeat(101)), /too long/);
  await f('SSH-2.0-OpenSSH\r\n\r\n', /not HTTP/);
});

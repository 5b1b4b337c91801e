/** Our client with the server of grpc-js, and its client with our server. */
import { strict as assert } from 'node:assert';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ServiceClientConstructor, ServiceDefinition } from '@grpc/grpc-js';
import grpc from '@grpc/grpc-js';
import { OperationError } from '../base/errors.ts';
import { realFileSystem } from '../world/file-system.ts';
import type { GrpcServices } from './grpc.ts';
import { TlsFiles } from './grpc-tls.ts';
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

const identity = (bytes: Buffer): Buffer => bytes;
const codec = {
  requestStream: false,
  requestSerialize: identity,
  requestDeserialize: identity,
  responseSerialize: identity,
  responseDeserialize: identity,
};
const definition: ServiceDefinition = {
  Echo: { path: '/test.Peer/Echo', responseStream: false, ...codec },
  Fail: { path: '/test.Peer/Fail', responseStream: false, ...codec },
  Hang: { path: '/test.Peer/Hang', responseStream: false, ...codec },
  Count: { path: '/test.Peer/Count', responseStream: true, ...codec },
  Endless: { path: '/test.Peer/Endless', responseStream: true, ...codec },
};
const noise = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * i) >> 7));
const unlimited = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
};
const call = { signal: forever };

interface Counts {
  open: number;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await clock.sleep(2);
}

function pem(name: string): string {
  return new URL(`../../test/tls/${name}`, import.meta.url).pathname;
}

// Their server ---------------------------------------------------------------------------------------------------

type Unary = grpc.handleUnaryCall<Buffer, Buffer>;
type Streaming = grpc.handleServerStreamingCall<Buffer, Buffer>;

function handlers(counts: Counts): grpc.UntypedServiceImplementation {
  const echo: Unary = ({ request, metadata }, done) => {
    const trailing = new grpc.Metadata();
    trailing.set('seen', metadata.get('thanos-tenant').join());
    done(null, request, trailing);
  };
  const fail: Unary = (_, done) => done({ code: grpc.status.NOT_FOUND, details: 'kein ä %' });
  const hang: Unary = (running) => {
    counts.open++;
    running.on('cancelled', () => counts.open--);
  };
  const count: Streaming = (running) => {
    for (let i = 0; i < readNumber(running.request); i++) running.write(number(i));
    running.end();
  };
  const endless: Streaming = (running) => {
    counts.open++;
    const write = (): void => {
      while (!running.cancelled && running.write(noise));
      if (!running.cancelled) running.once('drain', write);
    };
    running.on('cancelled', () => counts.open--);
    write();
  };
  return { Echo: echo, Fail: fail, Hang: hang, Count: count, Endless: endless };
}

async function startPeer(
  closing: Closing,
  options: {
    readonly counts?: Counts;
    readonly credentials?: grpc.ServerCredentials;
    readonly server?: grpc.ServerOptions;
  } = {},
): Promise<string> {
  const { counts = { open: 0 }, credentials = grpc.ServerCredentials.createInsecure() } = options;
  const server = new grpc.Server({ ...unlimited, ...options.server });
  server.addService(definition, handlers(counts));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  closing.add(() => server.forceShutdown());
  return `127.0.0.1:${port}`;
}

for (const compression of ['none', 'gzip'] as const) {
  test(`our client calls grpc-js with compression ${compression}`, async () => {
    await using closing = new Closing();
    const algorithm = compression === 'gzip' ? 2 : 0;
    const server = { 'grpc.default_compression_algorithm': algorithm };
    const address = await startPeer(closing, { server });
    const client = startClient(closing, address, { compression });
    for (const size of [0, 1, 5_000_000]) {
      const sent = Buffer.alloc(size, noise);
      assert.ok(sent.equals(await client.unary('/test.Peer/Echo', sent, call)), `${size} bytes`);
    }
    const messages = await collect(client.serverStream('/test.Peer/Count', number(500), call));
    assert.deepEqual(
      messages.map(readNumber),
      Array.from({ length: 500 }, (_, i) => i),
    );
  });
}

test('our client moves 70 MB to grpc-js and back', async () => {
  await using closing = new Closing();
  const client = startClient(closing, await startPeer(closing));
  const large = Buffer.alloc(70_000_000, noise);
  assert.ok(large.equals(await client.unary('/test.Peer/Echo', large, call)));
});

test('our client understands statuses of grpc-js', async () => {
  await using closing = new Closing();
  const client = startClient(closing, await startPeer(closing));
  await assert.rejects(client.unary('/test.Peer/Fail', noise, call), {
    kind: 'not-found',
    message: /code = NotFound desc = kein ä %$/,
  });
  await assert.rejects(client.unary('/test.Peer/Other', noise, call), { kind: 'not-acceptable' });
});

test('our deadlines and cancellations reach grpc-js', async () => {
  await using closing = new Closing();
  const counts = { open: 0 };
  const client = startClient(closing, await startPeer(closing, { counts }));
  const timed = { ...call, timeoutMs: 50 };
  await assert.rejects(client.unary('/test.Peer/Hang', number(0), timed), { kind: 'timeout' });
  await until(() => counts.open === 0);
  for await (const _ of client.serverStream('/test.Peer/Endless', number(0), call)) break;
  await until(() => counts.open === 0);
  const controller = new AbortController();
  const hanging = client.unary('/test.Peer/Hang', number(0), { signal: controller.signal });
  await until(() => counts.open === 1);
  controller.abort();
  await assert.rejects(hanging, { kind: 'canceled' });
  await until(() => counts.open === 0);
});

test('our client survives a thousand cancellations and a hundred streams on grpc-js', async () => {
  await using closing = new Closing();
  const counts = { open: 0 };
  const client = startClient(closing, await startPeer(closing, { counts }));
  await Promise.all(
    Array.from({ length: 1000 }, async () => {
      const controller = new AbortController();
      const hanging = client.unary('/test.Peer/Hang', number(0), { signal: controller.signal });
      queueMicrotask(() => controller.abort());
      await assert.rejects(hanging, { kind: 'canceled' });
    }),
  );
  const all = await Promise.all(
    Array.from({ length: 100 }, () =>
      collect(client.serverStream('/test.Peer/Count', number(100), call)),
    ),
  );
  assert.ok(all.every((messages) => messages.length === 100));
});

test('our client follows a GOAWAY of grpc-js without a failed call', async () => {
  await using closing = new Closing();
  const server = { 'grpc.max_connection_age_ms': 40, 'grpc.max_connection_age_grace_ms': 5000 };
  const client = startClient(closing, await startPeer(closing, { server }));
  const startMs = clock.monotonicMs();
  const worker = async (): Promise<void> => {
    while (clock.monotonicMs() - startMs < 300) await client.unary('/test.Peer/Echo', noise, call);
  };
  await Promise.all(Array.from({ length: 10 }, worker));
});

test('our client verifies the certificate of grpc-js and shows its own', async () => {
  await using closing = new Closing();
  const [ca, cert, key] = ['ca.pem', 'server.pem', 'server.key'].map((name) =>
    readFileSync(pem(name)),
  );
  if (ca === undefined || cert === undefined || key === undefined) return;
  const pairs = [{ cert_chain: cert, private_key: key }];
  const credentials = grpc.ServerCredentials.createSsl(ca, pairs, true);
  const address = await startPeer(closing, { credentials });
  const paths = { cert: '', key: '', ca: pem('ca.pem'), minVersion: '1.3' as const };
  const own = { ...paths, cert: pem('client.pem'), key: pem('client.key') };
  const known = startClient(closing, address, {
    tls: { files: new TlsFiles(realFileSystem, own) },
  });
  assert.equal((await known.unary('/test.Peer/Echo', noise, call)).length, noise.length);
  const wrongName = { files: new TlsFiles(realFileSystem, own), serverName: 'elsewhere.test' };
  for (const tls of [{ files: new TlsFiles(realFileSystem, paths) }, {}, wrongName]) {
    const refused = startClient(closing, address, { tls });
    await assert.rejects(refused.unary('/test.Peer/Echo', noise, call), { kind: 'unavailable' });
  }
});

// Our server -----------------------------------------------------------------------------------------------------

function services(counts: Counts): GrpcServices {
  return new Map([
    ['/test.Peer/Echo', unary(async (request) => request)],
    [
      '/test.Peer/Fail',
      unary(async () => {
        throw new OperationError('not-found', 'kein ä %');
      }),
    ],
    [
      '/test.Peer/Hang',
      unary(async (_, { signal }) => {
        counts.open++;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        counts.open--;
        return noise;
      }),
    ],
    [
      '/test.Peer/Count',
      stream(async function* (request) {
        for (let i = 0; i < readNumber(request); i++) yield number(i);
      }),
    ],
    [
      '/test.Peer/Endless',
      stream(async function* (_, { signal }) {
        counts.open++;
        try {
          while (!signal.aborted) yield noise;
        } finally {
          counts.open--;
        }
      }),
    ],
  ]);
}

const Peer: ServiceClientConstructor = grpc.makeGenericClientConstructor(definition, 'Peer');

interface PeerClient {
  unary(path: string, request: Buffer, options?: grpc.CallOptions): Promise<Buffer>;
  stream(path: string, request: Buffer): grpc.ClientReadableStream<Buffer>;
  start(path: string, request: Buffer): grpc.ClientUnaryCall;
}

function peerClient(
  closing: Closing,
  address: string,
  credentials: grpc.ChannelCredentials = grpc.credentials.createInsecure(),
  options: grpc.ClientOptions = {},
): PeerClient {
  const client = new Peer(address, credentials, { ...unlimited, ...options });
  closing.add(() => client.close());
  return {
    unary: (path, request, call = {}) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(path, identity, identity, request, call, (error, answer) =>
          error === null && answer !== undefined ? resolve(answer) : reject(error),
        );
      }),
    stream: (path, request) =>
      client.makeServerStreamRequest(path, identity, identity, request) as never,
    start: (path, request) =>
      client.makeUnaryRequest(path, identity, identity, request, () => {}) as never,
  };
}

for (const algorithm of [0, 2]) {
  test(`grpc-js calls our server with compression algorithm ${algorithm}`, async () => {
    await using closing = new Closing();
    const { address } = await startServer(closing, services({ open: 0 }));
    const options = { 'grpc.default_compression_algorithm': algorithm };
    const client = peerClient(closing, address, undefined, options);
    for (const size of [0, 1, 5_000_000]) {
      const sent = Buffer.alloc(size, noise);
      assert.ok(sent.equals(await client.unary('/test.Peer/Echo', sent)), `${size} bytes`);
    }
    const got: number[] = [];
    for await (const message of client.stream('/test.Peer/Count', number(500))) {
      got.push(readNumber(message));
    }
    assert.deepEqual(
      got,
      Array.from({ length: 500 }, (_, i) => i),
    );
  });
}

test('grpc-js understands statuses of our server', async () => {
  await using closing = new Closing();
  const { address } = await startServer(closing, services({ open: 0 }));
  const client = peerClient(closing, address);
  await assert.rejects(client.unary('/test.Peer/Fail', noise), { code: 5, details: 'kein ä %' });
  await assert.rejects(client.unary('/test.Peer/Other', noise), { code: 12 });
});

test('deadlines and cancellations of grpc-js reach our server', async () => {
  await using closing = new Closing();
  const counts = { open: 0 };
  const { address } = await startServer(closing, services(counts));
  const client = peerClient(closing, address);
  const deadline = clock.nowMs() + 100;
  await assert.rejects(client.unary('/test.Peer/Hang', noise, { deadline }), { code: 4 });
  await until(() => counts.open === 0);
  const endless = client.stream('/test.Peer/Endless', number(0));
  endless.on('error', () => {});
  await new Promise((resolve) => endless.once('data', resolve));
  endless.cancel();
  await until(() => counts.open === 0);
});

test('our server survives a thousand cancellations and a hundred streams of grpc-js', async () => {
  await using closing = new Closing();
  const counts = { open: 0 };
  const { address } = await startServer(closing, services(counts));
  const client = peerClient(closing, address);
  for (let round = 0; round < 10; round++) {
    const running = Array.from({ length: 100 }, () => client.start('/test.Peer/Hang', noise));
    await until(() => counts.open > 50);
    for (const one of running) one.cancel();
    await until(() => counts.open === 0);
  }
  const streams = Array.from({ length: 100 }, async () => {
    let count = 0;
    for await (const _ of client.stream('/test.Peer/Count', number(100))) count++;
    return count;
  });
  assert.ok((await Promise.all(streams)).every((count) => count === 100));
});

test('grpc-js follows our GOAWAY without a failed call', async () => {
  await using closing = new Closing();
  const { address } = await startServer(closing, services({ open: 0 }), { maxConnectionAgeMs: 40 });
  const client = peerClient(closing, address);
  const startMs = clock.monotonicMs();
  const worker = async (): Promise<void> => {
    while (clock.monotonicMs() - startMs < 300) await client.unary('/test.Peer/Echo', noise);
  };
  await Promise.all(Array.from({ length: 10 }, worker));
});

test('our server asks for certificates and takes renewed files for new connections', async () => {
  await using closing = new Closing();
  const directory = mkdtempSync(join(tmpdir(), 'tls-'));
  closing.add(() => rmSync(directory, { recursive: true }));
  const install = (name: string): void => {
    copyFileSync(pem(`${name}.pem`), join(directory, 'cert'));
    copyFileSync(pem(`${name}.key`), join(directory, 'key'));
  };
  install('server');
  const tls = new TlsFiles(realFileSystem, {
    cert: join(directory, 'cert'),
    key: join(directory, 'key'),
    ca: pem('ca.pem'),
    minVersion: '1.3',
  });
  const { address } = await startServer(closing, services({ open: 0 }), { tls });
  const ca = readFileSync(pem('ca.pem'));
  const [key, cert] = [readFileSync(pem('client.key')), readFileSync(pem('client.pem'))];
  const connect = (host: string, credentials: grpc.ChannelCredentials): PeerClient =>
    peerClient(closing, address, credentials, { 'grpc.ssl_target_name_override': host });
  const known = grpc.credentials.createSsl(ca, key, cert);
  const echo = (client: PeerClient): Promise<Buffer> => client.unary('/test.Peer/Echo', noise);
  assert.equal((await echo(connect('server.test', known))).length, noise.length);
  await assert.rejects(echo(connect('renewed.test', known)), { code: 14 });
  await assert.rejects(echo(connect('server.test', grpc.credentials.createSsl(ca))), { code: 14 });
  await clock.sleep(10);
  install('renewed');
  const known2 = grpc.credentials.createSsl(ca, key, cert);
  assert.equal((await echo(connect('renewed.test', known2))).length, noise.length);
});

test('certificates that do not fit are named at the start', () => {
  const paths = {
    cert: pem('server.pem'),
    key: pem('client.key'),
    ca: '',
    minVersion: '1.3' as const,
  };
  assert.throws(() => new TlsFiles(realFileSystem, paths), {
    kind: 'bad-data',
    message: /cannot use certificate .*server.pem with key .*client.key/,
  });
  assert.throws(() => new TlsFiles(realFileSystem, { ...paths, key: pem('none.key') }), {
    kind: 'not-found',
  });
});

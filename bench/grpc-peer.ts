/**
 * A process that streams messages to itself through one implementation of gRPC: `grpc-peer.ts tsanos|grpc-js
 * BYTES`. For every number it is sent it streams so many messages of that size, and answers when they have arrived.
 */
import { strict as assert } from 'node:assert';
import grpc from '@grpc/grpc-js';
import { Kernel } from '../src/base/kernel.ts';
import { createGrpcClient } from '../src/transport/grpc-client.ts';
import { messageEncodings } from '../src/transport/grpc-compression.ts';
import { GrpcServer } from '../src/transport/grpc-server.ts';
import { realClock } from '../src/world/clock.ts';
import { readKernelModule } from '../src/world/kernel-module.ts';
import { realRandom } from '../src/world/random.ts';

const METHOD = '/bench.Store/Series';
/** What grpc-js does best with; its default of 64 KiB makes it slower. */
const PEER_WINDOW_BYTES = 16 << 20;

/** Streams so many messages; resolves to how many bytes have arrived. */
type Stream = (count: number) => Promise<number>;

const [, , implementation, size] = process.argv;
const message = Buffer.alloc(Number(size), 7);
const stream = implementation === 'tsanos' ? await startOurs() : await startTheirs();
process.on('message', async (count: number) => {
  assert.equal(await stream(count), count * message.length);
  process.send?.('done');
});
process.send?.('ready');

function requestOf(count: number): Buffer {
  const request = Buffer.alloc(4);
  request.writeUInt32BE(count);
  return request;
}

function countOf(request: Uint8Array): number {
  return Buffer.from(request).readUInt32BE();
}

async function startOurs(): Promise<Stream> {
  const encodings = messageEncodings(new Kernel(readKernelModule()));
  async function* handle(request: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let i = countOf(request); i > 0; i--) yield message;
  }
  const services = new Map([[METHOD, { kind: 'serverStream', handle } as const]]);
  const shared = { clock: realClock, encodings };
  const port = await new GrpcServer({ services, random: realRandom, ...shared }).listen(
    '127.0.0.1',
    0,
  );
  const client = createGrpcClient(`127.0.0.1:${port}`, shared);
  const { signal } = new AbortController();
  return async (count) => {
    let bytes = 0;
    for await (const part of client.serverStream(METHOD, requestOf(count), { signal })) {
      bytes += part.length;
    }
    return bytes;
  };
}

async function startTheirs(): Promise<Stream> {
  const identity = (bytes: Buffer): Buffer => bytes;
  const definition: grpc.ServiceDefinition = {
    Series: {
      path: METHOD,
      requestStream: false,
      responseStream: true,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    },
  };
  const options = {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    'grpc-node.flow_control_window': PEER_WINDOW_BYTES,
  };
  const server = new grpc.Server(options);
  server.addService(definition, { Series: serveTheirs });
  const insecure = grpc.ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', insecure, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  const Client = grpc.makeGenericClientConstructor(definition, 'Store');
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), options);
  return (count) => receiveTheirs(client, count);
}

function serveTheirs(call: grpc.ServerWritableStream<Buffer, Buffer>): void {
  let left = countOf(call.request);
  const write = (): void => {
    while (left > 0) {
      left--;
      if (!call.write(message)) {
        call.once('drain', write);
        return;
      }
    }
    call.end();
  };
  write();
}

function receiveTheirs(client: grpc.Client, count: number): Promise<number> {
  const identity = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve, reject) => {
    let bytes = 0;
    client
      .makeServerStreamRequest(METHOD, identity, identity, requestOf(count))
      .on('data', (part: Buffer) => (bytes += part.length))
      .once('end', () => resolve(bytes))
      .once('error', reject);
  });
}

/** A server of a few methods that tests call, with clients for it. */
import type { Clock } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import { testKernel } from '../../base/testing/kernel.ts';
import { realClock } from '../../world/clock.ts';
import type { GrpcClient, GrpcMethod, GrpcServices } from '../grpc.ts';
import type { GrpcClientOptions } from '../grpc-client.ts';
import { createGrpcClient } from '../grpc-client.ts';
import type { MessageEncodings } from '../grpc-compression.ts';
import { messageEncodings } from '../grpc-compression.ts';
import type { GrpcServerOptions } from '../grpc-server.ts';
import { GrpcServer } from '../grpc-server.ts';

export const clock: Clock = realClock;
export const encodings: MessageEncodings = messageEncodings(testKernel());

/** What it is to be closed after a test: in reverse order. */
export class Closing implements AsyncDisposable {
  readonly #closers: (() => unknown)[] = [];

  add(close: () => unknown): void {
    this.#closers.push(close);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
  }
}

export async function startServer(
  closing: Closing,
  services: GrpcServices,
  options: Partial<GrpcServerOptions> = {},
  wantedPort: number = 0,
): Promise<{ readonly server: GrpcServer; readonly address: string }> {
  const random = seededRandom(1);
  const server = new GrpcServer({ services, clock, random, encodings, ...options });
  const port = await server.listen('127.0.0.1', wantedPort);
  closing.add(() => server.close(0));
  return { server, address: `127.0.0.1:${port}` };
}

export function startClient(
  closing: Closing,
  address: string,
  options: Partial<GrpcClientOptions> = {},
): GrpcClient {
  const client = createGrpcClient(address, { clock, encodings, ...options });
  closing.add(() => client.close());
  return client;
}

export function unary(handle: (GrpcMethod & { kind: 'unary' })['handle']): GrpcMethod {
  return { kind: 'unary', handle };
}

export function stream(handle: (GrpcMethod & { kind: 'serverStream' })['handle']): GrpcMethod {
  return { kind: 'serverStream', handle };
}

export async function collect(messages: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const message of messages) all.push(message);
  return all;
}

/** A request of one number: how many messages, or how many bytes. */
export function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function readNumber(bytes: Uint8Array): number {
  return Buffer.from(bytes).readUInt32BE();
}

/** Never aborted. */
export const forever: AbortSignal = new AbortController().signal;

/** Stands before an object store and answers, delays or cuts as a bad day in its data centre would. */
import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What becomes of a request. */
export type Fault =
  | { readonly kind: 'none' }
  /** Answered without asking the store. */
  | { readonly kind: 'status'; readonly status: number }
  /** The head comes whole, the body breaks off after so many bytes. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** The connection is closed without an answer. */
  | { readonly kind: 'hang-up' };

export interface FaultyProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** Asked for every request, with its number from 0 since it was set. */
  fault: (request: IncomingMessage, number: number) => Fault;
  /** Requests since `fault` was set. */
  readonly requests: number;
}

/** `target` is host:port, without TLS. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  let decide: FaultyProxy['fault'] = () => ({ kind: 'none' });
  let requests = 0;
  const server = createServer((request, response) => {
    void serve(target, decide(request, requests++), { request, response });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get fault() {
      return decide;
    },
    set fault(fault) {
      decide = fault;
      requests = 0;
    },
    get requests() {
      return requests;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

interface Turn {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function serve(target: string, fault: Fault, { request, response }: Turn): Promise<void> {
  if (fault.kind === 'hang-up') {
    request.socket.destroy();
    return;
  }
  if (fault.kind === 'status') {
    request.resume();
    response.writeHead(fault.status, { 'content-length': 0 }).end();
    return;
  }
  if (fault.kind === 'delay') await sleep(fault.delayMs);
  const { method, url, headers } = request;
  const [host, port] = target.split(':');
  const asked = httpRequest({ host, port: Number(port), method, path: url, headers });
  asked.on('error', () => response.destroy());
  asked.on('response', (answer) => {
    answer.on('error', () => response.destroy());
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    if (fault.kind === 'cut') cut(answer, response, fault.afterBytes);
    else answer.pipe(response);
  });
  request.pipe(asked);
}

function cut(answer: IncomingMessage, response: ServerResponse, afterBytes: number): void {
  let left = afterBytes;
  answer.on('data', (piece: Buffer) => {
    response.write(piece.subarray(0, left));
    left -= piece.length;
    if (left > 0) return;
    answer.destroy();
    setTimeout(() => response.destroy(), 20);
  });
  answer.on('end', () => response.end());
}

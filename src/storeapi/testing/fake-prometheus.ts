/** A Prometheus made of series in memory, with faults at will. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { testKernel } from '../../base/testing/kernel.ts';
import { type Labels, labelPairs } from '../../model/labels.ts';
import type { Matcher, MatchType } from '../../model/matcher.ts';
import { STREAMED_CONTENT } from '../../remote/read-request.ts';
import { ReadRequestSchema } from '../../wire/gen/prometheus/remote_pb.ts';
import { decodeMessage } from '../../wire/message.ts';
import { decodeSnappyBlock } from '../../wire/snappy.ts';
import { type StoredSeries, streamedAnswer } from './remote-read.ts';

/** What goes wrong with a remote read: the answer is changed before it is sent. */
export type Fault = (body: Buffer, response: ServerResponse, send: (body: Buffer) => void) => void;

export class FakePrometheus implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly external: Labels;
  stored: readonly StoredSeries[] = [];
  fault: Fault | undefined;
  /** Answers to GET and POST by path, as JSON data; anything else is a 404. */
  readonly answers: Map<string, unknown> = new Map();
  /** Path and parameters of API calls. */
  readonly asked: string[] = [];
  metrics = 'prometheus_tsdb_lowest_timestamp_seconds 1000\n';
  lastReads: readonly (readonly Matcher[])[] = [];

  constructor(external: Labels) {
    this.external = external;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const url = new URL(request.url ?? '', 'http://fake');
    if (url.pathname === '/api/v1/read') this.#read(body, response);
    else if (url.pathname === '/metrics') response.end(this.metrics);
    else this.#answer(url, body, response);
  }

  #answer(url: URL, body: Buffer, response: ServerResponse): void {
    const form = body.length > 0 ? `?${body.toString()}` : url.search;
    this.asked.push(decodeURIComponent(url.pathname + form.replaceAll('+', ' ')));
    const data =
      url.pathname === '/api/v1/status/config' ? this.#config() : this.answers.get(url.pathname);
    response.setHeader('content-type', 'application/json');
    if (data === undefined) {
      response.writeHead(422);
      response.end(
        JSON.stringify({ status: 'error', errorType: 'execution', error: 'no such thing' }),
      );
    } else response.end(JSON.stringify({ status: 'success', data, warnings: ['careful'] }));
  }

  #config(): unknown {
    const labels = labelPairs(this.external).map(
      ([name, value]) => `    ${name}: ${JSON.stringify(value)}\n`,
    );
    return { yaml: `global:\n  scrape_interval: 1s\n  external_labels:\n${labels.join('')}` };
  }

  #read(body: Buffer, response: ServerResponse): void {
    const kernel = testKernel();
    const { queries } = decodeMessage(ReadRequestSchema, decodeSnappyBlock(kernel, body, 1 << 20));
    const types: readonly MatchType[] = ['=', '!=', '=~', '!~'];
    this.lastReads = queries.map(({ matchers }) =>
      matchers.map(({ type, name, value }) => ({ type: types[type] ?? '=', name, value })),
    );
    const answer = streamedAnswer(this.stored, this.lastReads, this.external);
    response.setHeader('content-type', STREAMED_CONTENT);
    const send = (bytes: Buffer): void => void response.end(bytes);
    if (this.fault === undefined) send(answer);
    else this.fault(answer, response, send);
  }
}

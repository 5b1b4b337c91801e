/**
 * One HTTP/1.1 connection over TCP or TLS and the answers that come over it, one at a time. What arrives is received into
 * one buffer again and again, or where the answer's sink wants it: a general client spends most of its time on buffers
 * that it makes for each read, on streams and on events.
 */
import { createConnection, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { BodyFlow, BodySink } from './body-sink.ts';
import { Http1Answer } from './http1-answer.ts';

/** Received at once while a head is awaited: what follows it is to arrive at its own place. */
const HEAD_BYTES = 4096;
/** Of the body, for which receiving it elsewhere is worth a turn of its own. */
const ROOM_BYTES_MIN = 16_384;

export interface ConnectionOptions {
  /** Its protocol, host and port. */
  readonly url: URL;
  /** Of tls.connect; for https. */
  readonly tls: object;
  readonly clock: Clock;
  readonly dialTimeoutMs: number;
  /** May be shared by connections: nothing lies in it between two turns. */
  readonly receive: Uint8Array;
  /** The connection takes the next request: an answer is complete. */
  readonly onFree?: () => void;
  /** It takes none any more. Called once. */
  readonly onClose?: () => void;
}

export class Http1Connection {
  readonly #options: ConnectionOptions;
  readonly #head: Uint8Array;
  readonly #socket: Socket;
  readonly #stopDialTimer: () => void;
  #answer: Http1Answer | undefined;
  #sink: BodySink | undefined;
  #isOpen = true;

  constructor(options: ConnectionOptions) {
    const { clock, dialTimeoutMs, receive } = options;
    this.#options = options;
    this.#head = receive.subarray(0, HEAD_BYTES);
    this.#socket = this.#connect();
    this.#stopDialTimer = clock.after(dialTimeoutMs, () => {
      this.fail(new OperationError('unavailable', `no connection within ${dialTimeoutMs} ms`));
    });
  }

  /** Whether nothing has come of the answer that is awaited. */
  get isUnheard(): boolean {
    return this.#answer?.isUnheard === true;
  }

  /** Sends a request when no other is being answered; the answer goes to the sink, and what it throws is its failure. */
  ask(head: string, body: Uint8Array | undefined, sink: BodySink): BodyFlow {
    assert(this.#sink === undefined, 'a connection is asked before it has answered');
    this.#sink = sink;
    this.#answer = new Http1Answer(sink);
    if (this.#isOpen) {
      this.#socket.write(head, 'latin1');
      if (body !== undefined) this.#socket.write(body);
    }
    return { resume: () => void this.#socket.resume(), cancel: () => this.close() };
  }

  /** The sink of an unfinished answer hears nothing more. */
  close(): void {
    this.#sink = undefined;
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#stopDialTimer();
    this.#socket.destroy();
    this.#options.onClose?.();
  }

  /** Closes it; an unfinished answer fails with this error. */
  fail(error: unknown): void {
    const sink = this.#sink;
    this.close();
    sink?.fail(error instanceof Error ? error : new Error(String(error)));
  }

  #connect(): Socket {
    const { url, tls } = this.#options;
    const isTls = url.protocol === 'https:';
    const place = {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(url.port || (isTls ? 443 : 80)),
      onread: {
        buffer: () => this.#nextBuffer(),
        callback: (length: number, bytes: Uint8Array) => this.#isOpen && this.#take(bytes, length),
      },
    };
    const socket = isTls
      ? connectTls({ ...serverNameOf(place.host), ...place, ...tls })
      : createConnection({ ...place, noDelay: true });
    if (isTls) socket.setNoDelay(true);
    socket.once(isTls ? 'secureConnect' : 'connect', () => this.#stopDialTimer());
    socket.once('end', () => this.#attempt(() => this.#end()));
    socket.once('error', (error) => this.fail(error));
    socket.once('close', () => {
      this.fail(new OperationError('unavailable', 'the connection was closed'));
    });
    return socket;
  }

  #nextBuffer(): Uint8Array {
    const ahead = this.#answer?.bodyAhead ?? 0;
    if (ahead === 0) return this.#head;
    const room = ahead < ROOM_BYTES_MIN ? undefined : this.#sink?.room?.(ahead);
    return room === undefined || room.length === 0 ? this.#options.receive : room;
  }

  #take(bytes: Uint8Array, length: number): boolean {
    const answer = this.#answer;
    if (answer === undefined) {
      this.fail(new OperationError('corrupt', 'the server answers what was not asked'));
      return false;
    }
    return this.#attempt(() => answer.push(bytes, length));
  }

  /** Does a step of reading the answer; false when reading is to pause or is over. */
  #attempt(step: () => unknown): boolean {
    try {
      const goesOn = step();
      if (this.#answer?.isComplete === true) this.#finish(this.#answer.keepsConnection);
      return goesOn !== false && this.#isOpen;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  /** The server sends nothing more. */
  #end(): void {
    if (this.#answer === undefined) this.close();
    else this.#answer.end();
  }

  #finish(isKept: boolean): void {
    const { onFree } = this.#options;
    this.#answer = undefined;
    this.#sink = undefined;
    if (isKept && this.#isOpen && onFree !== undefined) onFree();
    else this.close();
  }
}

/** Names only: an address cannot be one. */
function serverNameOf(host: string): { readonly servername?: string } {
  return /^[\d.]+$|:/.test(host) ? {} : { servername: host };
}

/** What a header's value must not hold: it would end the line, or is no byte. */
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** The head of a request, whose headers include Host. Throws OperationError 'bad-data'. */
export function requestHead(
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
): string {
  let text = `${method} ${url.pathname}${url.search} HTTP/1.1\r\n`;
  for (const [name, value] of Object.entries(headers)) {
    if (NO_VALUE.test(value)) {
      throw new OperationError('bad-data', `the value of header ${name} has a line break or more`);
    }
    text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}

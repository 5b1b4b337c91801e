/**
 * One connection to a memcached, in its text protocol: requests are sent without waiting for the answers before. When
 * an answer is late or is none, the connection is given up with all that waits on it.
 *
 *     get K1 K2\r\n            VALUE K1 0 5\r\n12345\r\n … END\r\n
 *     set K 0 TTL 5\r\n12345\r\n       STORED\r\n
 */
import type { Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { RemoteFailure } from './remote-cache.ts';

interface Request {
  /** Of a get. */
  readonly keys: ReadonlySet<string>;
  /** Undefined for a set. */
  readonly hits: Map<string, Uint8Array> | undefined;
  readonly resolve: () => void;
  readonly reject: (failure: RemoteFailure) => void;
  readonly stopTimer: () => void;
}

interface Value {
  readonly key: string;
  readonly bytes: Uint8Array;
  /** Of the bytes and the line end behind them. */
  received: number;
}

const NO_KEYS: ReadonlySet<string> = new Set();
const LINE_END_BYTES = 2;
const LINE_CHARACTERS_MAX = 2048;
/** The largest item that memcached can be configured for. */
const VALUE_BYTES_MAX = 1 << 30;

export class MemcachedConnection {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #waiting: Request[] = [];
  #line = '';
  #value: Value | undefined;
  #failure: RemoteFailure | undefined;

  constructor(socket: Socket, clock: Clock, timeoutMs: number) {
    this.#socket = socket;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    socket.setNoDelay(true);
    socket.unref();
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (cause) => this.#giveUp(networkFailure(cause)));
    socket.on('close', () => this.#giveUp(networkFailure(new Error('the server hung up'))));
  }

  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  get load(): number {
    return this.#waiting.length;
  }

  async get(keys: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const hits = new Map<string, Uint8Array>();
    await this.#send([`get ${keys.join(' ')}\r\n`], { keys: new Set(keys), hits });
    return hits;
  }

  async set(key: string, bytes: Uint8Array, ttlSeconds: number): Promise<void> {
    const head = `set ${key} 0 ${ttlSeconds} ${bytes.length}\r\n`;
    await this.#send([head, bytes, '\r\n'], { keys: NO_KEYS, hits: undefined });
  }

  close(): void {
    this.#giveUp(new RemoteFailure('other', 'the cache is closed'));
  }

  #send(
    pieces: readonly (string | Uint8Array)[],
    { keys, hits }: Pick<Request, 'keys' | 'hits'>,
  ): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stopTimer = this.#clock.after(this.#timeoutMs, () => {
      const message = `no answer within ${this.#timeoutMs} ms`;
      this.#giveUp(new RemoteFailure('timeout', message));
    });
    this.#waiting.push({ keys, hits, resolve, reject, stopTimer });
    this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    this.#socket.uncork();
    return promise;
  }

  #receive(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.#failure === undefined) {
      if (this.#value !== undefined) at += this.#receiveValue(this.#value, chunk.subarray(at));
      else {
        const end = chunk.indexOf(0x0a, at);
        const stop = end < 0 ? chunk.length : end;
        this.#line += Buffer.from(chunk.buffer, chunk.byteOffset + at, stop - at).toString(
          'latin1',
        );
        at = stop + 1;
        if (end >= 0) this.#takeLine();
        else if (this.#line.length > LINE_CHARACTERS_MAX) this.#giveUp(nonsense(this.#line));
      }
    }
  }

  #receiveValue(value: Value, rest: Uint8Array): number {
    const { key, bytes, received } = value;
    const missing = bytes.length + LINE_END_BYTES - received;
    const taken = rest.subarray(0, missing);
    if (received < bytes.length) bytes.set(taken.subarray(0, bytes.length - received), received);
    value.received += taken.length;
    if (taken.length === missing) {
      this.#waiting[0]?.hits?.set(key, bytes);
      this.#value = undefined;
    }
    return taken.length;
  }

  #takeLine(): void {
    const line = this.#line.replace(/\r$/, '');
    this.#line = '';
    const [request] = this.#waiting;
    const isGet = request?.hits !== undefined;
    const value = isGet ? /^VALUE (\S+) \d+ (\d+)(?: \d+)?$/.exec(line) : null;
    if (value !== null && isWanted(value, request)) {
      this.#value = { key: value[1], bytes: new Uint8Array(Number(value[2])), received: 0 };
    } else if (request !== undefined && line === (isGet ? 'END' : 'STORED')) {
      this.#settle(undefined);
    } else if (request !== undefined && /^(?:SERVER_ERROR|NOT_STORED)/.test(line)) {
      this.#settle(new RemoteFailure('server-error', line));
    } else if (isGet && line.startsWith('CLIENT_ERROR')) {
      this.#settle(new RemoteFailure('malformed-key', line));
    } else this.#giveUp(nonsense(line));
  }

  #settle(failure: RemoteFailure | undefined): void {
    const request = this.#waiting.shift();
    request?.stopTimer();
    if (failure === undefined) request?.resolve();
    else request?.reject(failure);
  }

  #giveUp(failure: RemoteFailure): void {
    this.#failure ??= failure;
    this.#socket.destroy();
    while (this.#waiting.length > 0) this.#settle(failure);
  }
}

/** Whether a value is one that was asked for, of a size that a server can hold. */
function isWanted([, key, size]: readonly string[], request: Request | undefined): boolean {
  return request?.keys.has(key) === true && Number(size) <= VALUE_BYTES_MAX;
}

function networkFailure(cause: Error): RemoteFailure {
  return new RemoteFailure('network-error', cause.message, { cause });
}

function nonsense(line: string): RemoteFailure {
  return new RemoteFailure('server-error', `unexpected answer: ${line.slice(0, 100)}`);
}

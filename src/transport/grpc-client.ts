/** Calls of one address over one HTTP/2 connection (contract in grpc.ts). */
import type { OutgoingHttpHeaders } from 'node:http2';
import type { Clock } from '../base/clock.ts';
import { deadlineSignal } from '../base/clock.ts';
import type { OperationError } from '../base/errors.ts';
import { silentTracer, type Tracer } from '../telemetry/tracer.ts';
import type {
  GrpcCallObserver,
  GrpcCallOptions,
  GrpcClient,
  GrpcMethod,
  GrpcObserver,
} from './grpc.ts';
import { ClientCall, statusOfAbort } from './grpc-client-call.ts';
import type { MessageEncodings } from './grpc-compression.ts';
import { acceptedEncodings } from './grpc-compression.ts';
import type { ClientTls } from './grpc-connection.ts';
import { GrpcConnection } from './grpc-connection.ts';
import type { ReceivedFrame } from './grpc-frame.ts';
import { frameHeader } from './grpc-frame.ts';
import { MESSAGE_MAX_BYTES } from './grpc-limits.ts';
import { metadataHeaders, printTimeout } from './grpc-metadata.ts';
import { CODE, callError, tellEnd } from './grpc-status.ts';

export interface GrpcClientOptions {
  readonly clock: Clock;
  readonly encodings: MessageEncodings;
  readonly tls?: ClientTls;
  /** How requests are encoded, and by that what servers answer in. */
  readonly compression?: 'none' | 'gzip' | 'snappy';
  readonly observer?: GrpcObserver;
  /** Of each call; without it nothing is traced. */
  readonly tracer?: Tracer;
}

const SILENT: GrpcCallObserver = { sent() {}, received() {}, ended() {} };
/** How often a call that the server certainly did not begin is made again. */
const REFUSED_MAX = 2;

/** @param address host:port. Connects with the first call; a call fails at once when the address does not answer. */
export function createGrpcClient(address: string, options: GrpcClientOptions): GrpcClient {
  const connection = new GrpcConnection(address, options.clock, options.tls);
  const caller = new Caller(address, connection, options);
  return {
    address,
    unary: (method, request, call) => caller.unary(method, request, call),
    serverStream: (method, request, call) => caller.stream('serverStream', method, request, call),
    close: () => connection.close(),
  };
}

class Caller {
  readonly #address: string;
  readonly #connection: GrpcConnection;
  readonly #options: GrpcClientOptions;

  constructor(address: string, connection: GrpcConnection, options: GrpcClientOptions) {
    this.#address = address;
    this.#connection = connection;
    this.#options = options;
  }

  async unary(method: string, request: Uint8Array, options: GrpcCallOptions): Promise<Uint8Array> {
    let answer: Uint8Array | undefined;
    let count = 0;
    for await (const message of this.stream('unary', method, request, options)) {
      answer = message;
      count++;
    }
    if (answer !== undefined && count === 1) return answer;
    const message = `a unary call needs one response message, not ${count}`;
    throw callError(method, this.#address, { code: CODE.internal, message });
  }

  async *stream(
    kind: GrpcMethod['kind'],
    method: string,
    request: Uint8Array,
    options: GrpcCallOptions,
  ): AsyncGenerator<Uint8Array> {
    const observer = this.#options.observer?.started(method, kind) ?? SILENT;
    const { tracer = silentTracer } = this.#options;
    const span = tracer.start(method, { kind: 'client', attributes: { peer: this.#address } });
    const metadata = { ...span.run(() => tracer.headers()), ...options.metadata };
    const { timeoutMs, signal: parent } = options;
    const { signal, clear } =
      timeoutMs === undefined
        ? { signal: parent, clear: () => {} }
        : deadlineSignal(this.#options.clock, timeoutMs, parent);
    let call: ClientCall | undefined;
    let code: number = CODE.canceled;
    const cancel = (): void => call?.cancel(statusOfAbort(signal));
    signal.addEventListener('abort', cancel, { once: true });
    try {
      for (let refused = 0; ; refused++) {
        call = await this.#open(method, request, { ...options, signal, metadata });
        if (!call.isRefused || refused === REFUSED_MAX) break;
      }
      observer.sent(request.length);
      for (let frame = await call.next(); frame !== undefined; frame = await call.next()) {
        observer.received(frame.bytes.length);
        yield frame.isCompressed ? await this.#decode(frame, call, method) : frame.bytes;
      }
      code = call.status?.code ?? CODE.unknown;
      if (call.status !== undefined && code !== CODE.ok) {
        throw callError(method, this.#address, call.status);
      }
    } catch (error) {
      if (call === undefined) code = signal.aborted ? statusOfAbort(signal).code : CODE.unavailable;
      throw error;
    } finally {
      signal.removeEventListener('abort', cancel);
      clear();
      // When the caller breaks off; else the call has ended.
      call?.cancel({ code: CODE.canceled, message: 'context canceled' });
      tellEnd(code, observer, span);
    }
  }

  async #open(method: string, request: Uint8Array, options: GrpcCallOptions): Promise<ClientCall> {
    const { signal } = options;
    const encoding = this.#options.encodings.get(this.#options.compression ?? 'none');
    const bytes = encoding === undefined ? request : await encoding.encode(request);
    const headers = this.#headers(method, options, encoding?.name);
    const connecting = this.#connection.request(headers);
    const stream = await abortable(connecting, signal, () =>
      callError(method, this.#address, statusOfAbort(signal)),
    );
    const call = new ClientCall(stream, options.memory);
    stream.write(frameHeader(bytes.length, encoding !== undefined));
    stream.end(bytes);
    const cancel = (): void => call.cancel(statusOfAbort(signal));
    signal.addEventListener('abort', cancel, { once: true });
    await call.opened();
    signal.removeEventListener('abort', cancel);
    return call;
  }

  #headers(
    method: string,
    { timeoutMs, metadata = {} }: GrpcCallOptions,
    encodingName: string | undefined,
  ): OutgoingHttpHeaders {
    return {
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'tsanos-grpc',
      'grpc-accept-encoding': acceptedEncodings(this.#options.encodings),
      ...(encodingName === undefined ? {} : { 'grpc-encoding': encodingName }),
      ...(timeoutMs === undefined ? {} : { 'grpc-timeout': printTimeout(timeoutMs) }),
      ...metadataHeaders(metadata),
    };
  }

  async #decode(frame: ReceivedFrame, call: ClientCall, method: string): Promise<Uint8Array> {
    const name = call.encodingName;
    const encoding = this.#options.encodings.get(name);
    if (encoding !== undefined) return encoding.decode(frame.bytes, MESSAGE_MAX_BYTES);
    const message = `a message is compressed with ${JSON.stringify(name)}, which is not known`;
    throw callError(method, this.#address, { code: CODE.internal, message });
  }
}

/** The promise, or the failure as soon as the signal is aborted; a stream that comes later is closed. */
function abortable<T extends { close(): void }>(
  promise: Promise<T>,
  signal: AbortSignal,
  failure: () => OperationError,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(failure());
      promise.then((late) => late.close()).catch(() => {});
    };
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

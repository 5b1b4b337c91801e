/** One call on the server: headers → request → handler → response messages → trailers. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import { BugError } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { OperationError, toOperationError } from '../base/errors.ts';
import type { Span, Tracer } from '../telemetry/tracer.ts';
import type { GrpcCallObserver, GrpcMethod, GrpcObserver, GrpcServices } from './grpc.ts';
import type { MessageEncoding, MessageEncodings } from './grpc-compression.ts';
import { acceptedEncodings } from './grpc-compression.ts';
import type { ReceivedFrame } from './grpc-frame.ts';
import { FrameReader } from './grpc-frame.ts';
import { encodeStatusMessage, headerText, metadataOf, parseTimeout } from './grpc-metadata.ts';
import type { GrpcStatus } from './grpc-status.ts';
import { CODE, statusOfError, tellEnd } from './grpc-status.ts';
import { writeMessage } from './grpc-write.ts';

export interface CallEnvironment {
  readonly services: GrpcServices;
  readonly clock: Clock;
  readonly encodings: MessageEncodings;
  readonly observer: GrpcObserver | undefined;
  readonly tracer: Tracer;
  readonly requestMaxBytes: number;
  readonly peer: string;
  /** Called whenever something is sent: pings of the client are then its right. */
  readonly onSend: () => void;
}

const SILENT: GrpcCallObserver = { sent() {}, received() {}, ended() {} };

/** Never throws: whatever goes wrong ends this call with a status. */
export function serveCall(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  environment: CallEnvironment,
): void {
  // The close that follows says what the call needs to know.
  stream.on('error', () => {});
  const contentType = headers['content-type'] ?? '';
  if (headers[':method'] !== 'POST') refuse(stream, 405);
  else if (!/^application\/grpc($|[+;])/.test(contentType)) refuse(stream, 415);
  else void new ServerCall(stream, headers, environment).run();
}

/** For what is not gRPC: a plain status. */
function refuse(stream: ServerHttp2Stream, status: number): void {
  stream.respond({ ':status': status }, { endStream: true });
  if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
}

class ServerCall {
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  readonly #environment: CallEnvironment;
  readonly #controller = new AbortController();
  #observer = SILENT;
  #span: Span | undefined;
  #encoding: MessageEncoding | undefined;
  #clearDeadline: () => void = () => {};
  #isEnded = false;

  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    environment: CallEnvironment,
  ) {
    this.#stream = stream;
    this.#headers = headers;
    this.#environment = environment;
    stream.on('close', () => this.#lost());
  }

  async run(): Promise<void> {
    try {
      const path = headerText(this.#headers, ':path') ?? '';
      const method = this.#method(path);
      this.#observer = this.#environment.observer?.started(path, method.kind) ?? SILENT;
      this.#startDeadline();
      this.#encoding = this.#chooseEncoding();
      const span = this.#startSpan(path);
      const request = await this.#readRequest();
      await span.run(() => this.#answer(method, request));
      this.#end({ code: CODE.ok, message: '' });
    } catch (error) {
      this.#end(statusOfError(error));
      // A broken invariant must not hide behind a status: it ends the process.
      if (error instanceof BugError) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #method(path: string): GrpcMethod {
    const { services } = this.#environment;
    const method = services.get(path);
    if (method !== undefined) return method;
    const service = path.slice(1, path.lastIndexOf('/'));
    const isKnown = [...services.keys()].some((known) => known.startsWith(`/${service}/`));
    const name = path.slice(path.lastIndexOf('/') + 1);
    throw new OperationError(
      'not-acceptable',
      isKnown ? `unknown method ${name} for service ${service}` : `unknown service ${service}`,
    );
  }

  #startSpan(path: string): Span {
    this.#span = this.#environment.tracer.start(path, { kind: 'server', carrier: this.#headers });
    return this.#span;
  }

  #startDeadline(): void {
    const text = headerText(this.#headers, 'grpc-timeout');
    if (text === undefined) return;
    this.#clearDeadline = this.#environment.clock.after(parseTimeout(text), () => {
      this.#end({ code: CODE.deadlineExceeded, message: 'context deadline exceeded' });
      // What is queued will not be read in time: trailers behind it would come too late.
      if (this.#stream.writableLength > 0) this.#stream.close(constants.NGHTTP2_CANCEL);
    });
  }

  /** Answers are encoded as requests are, which is what gRPC servers in Go do. */
  #chooseEncoding(): MessageEncoding | undefined {
    const name = headerText(this.#headers, 'grpc-encoding') ?? 'identity';
    if (name === 'identity') return undefined;
    const encoding = this.#environment.encodings.get(name);
    if (encoding !== undefined) return encoding;
    const what = `grpc: Decompressor is not installed for grpc-encoding ${JSON.stringify(name)}`;
    throw new OperationError('not-acceptable', what);
  }

  async #readRequest(): Promise<Uint8Array> {
    const { requestMaxBytes } = this.#environment;
    const { isCompressed, bytes } = await readOnlyFrame(this.#stream, requestMaxBytes);
    this.#observer.received(bytes.length);
    if (!isCompressed) return bytes;
    if (this.#encoding === undefined) {
      throw new OperationError('internal', 'compressed message without grpc-encoding');
    }
    return this.#encoding.decode(bytes, requestMaxBytes);
  }

  async #answer(method: GrpcMethod, request: Uint8Array): Promise<void> {
    const call = {
      signal: this.#controller.signal,
      metadata: metadataOf(this.#headers),
      peer: this.#environment.peer,
    };
    if (this.#isEnded) return;
    if (method.kind === 'unary') {
      await this.#send(await method.handle(request, call), () => {});
      return;
    }
    for await (const message of method.handle(request, call)) {
      await this.#send(message, () => method.sent?.(message));
      if (this.#isEnded) break;
    }
    // A stream without messages has a header block all the same, then trailers.
    this.#respond();
  }

  async #send(message: Uint8Array, onSent: () => void): Promise<void> {
    const encoded = this.#encoding?.encode(message);
    const bytes = encoded instanceof Promise ? await encoded : (encoded ?? message);
    if (this.#isEnded) return;
    this.#respond();
    this.#observer.sent(bytes.length);
    this.#environment.onSend();
    const drained = writeMessage(this.#stream, bytes, encoded !== undefined, onSent);
    if (drained !== undefined) await drained;
  }

  #respond(): void {
    if (this.#isEnded || this.#stream.headersSent) return;
    this.#stream.respond(this.#responseHeaders(), { waitForTrailers: true });
  }

  #responseHeaders(): OutgoingHttpHeaders {
    return {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-accept-encoding': acceptedEncodings(this.#environment.encodings),
      ...(this.#encoding === undefined ? {} : { 'grpc-encoding': this.#encoding.name }),
    };
  }

  /** The first end counts. */
  #end(status: GrpcStatus): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#clearDeadline();
    tellEnd(status.code, this.#observer, this.#span);
    this.#controller.abort(new DOMException('the call has ended', 'AbortError'));
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return;
    const trailers = {
      'grpc-status': String(status.code),
      ...(status.message === '' ? {} : { 'grpc-message': encodeStatusMessage(status.message) }),
    };
    stream.once('finish', () => {
      // The client may still be sending: it need not.
      if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
    });
    if (stream.headersSent) {
      stream.once('wantTrailers', () => stream.sendTrailers(trailers));
      stream.end();
    } else {
      stream.respond({ ...this.#responseHeaders(), ...trailers }, { endStream: true });
    }
  }

  /** The stream closed: by the client's cancellation, with the connection, or after our end. */
  #lost(): void {
    this.#clearDeadline();
    if (this.#isEnded) return;
    this.#isEnded = true;
    tellEnd(CODE.canceled, this.#observer, this.#span);
    this.#controller.abort(new DOMException('canceled by the client', 'AbortError'));
  }
}

/** Unary and server-streaming calls have one request message; more or none is a protocol violation. */
function readOnlyFrame(stream: ServerHttp2Stream, maxBytes: number): Promise<ReceivedFrame> {
  return new Promise((resolve, reject) => {
    const reader = new FrameReader(maxBytes);
    const frames: ReceivedFrame[] = [];
    stream.on('data', (piece: Uint8Array) => {
      try {
        frames.push(...reader.push(piece));
      } catch (error) {
        stream.removeAllListeners('data');
        reject(toOperationError(error));
      }
    });
    stream.on('end', () => {
      const [frame] = frames;
      if (frame !== undefined && frames.length === 1 && !reader.isPartial) resolve(frame);
      else {
        const what = reader.isPartial ? 'a message that is cut off' : `${frames.length} messages`;
        reject(new OperationError('internal', `the call needs one request message, not ${what}`));
      }
    });
    stream.on('close', () => reject(new OperationError('canceled', 'canceled by the client')));
  });
}

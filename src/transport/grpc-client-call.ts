/** One call on the client: what arrives on its stream becomes a queue of messages and, at the end, a status. */
import type {
  ClientHttp2Stream,
  Http2Session,
  IncomingHttpHeaders,
  IncomingHttpStatusHeader,
} from 'node:http2';
import { constants } from 'node:http2';
import { errorText, OperationError } from '../base/errors.ts';
import type { ReceiveMemory } from './grpc.ts';
import type { ReceivedFrame } from './grpc-frame.ts';
import { FrameReader } from './grpc-frame.ts';
import { MESSAGE_MAX_BYTES } from './grpc-limits.ts';
import { decodeStatusMessage, headerText } from './grpc-metadata.ts';
import type { GrpcStatus } from './grpc-status.ts';
import { CODE, codeOfHttpStatus, codeOfReset, statusOfError } from './grpc-status.ts';

/** More than this is not taken from the stream before the caller has taken what there is. */
const QUEUED_BYTES = 1 << 20;

export class ClientCall {
  readonly #stream: ClientHttp2Stream;
  readonly #session: Http2Session | undefined;
  readonly #reader: FrameReader;
  #frames: ReceivedFrame[] = [];
  #next = 0;
  #queuedBytes = 0;
  #headers: (IncomingHttpHeaders & IncomingHttpStatusHeader) | undefined;
  #trailers: IncomingHttpHeaders | undefined;
  #failure: unknown;
  #status: GrpcStatus | undefined;
  #wake: () => void = () => {};

  constructor(stream: ClientHttp2Stream, memory: ReceiveMemory | undefined) {
    this.#stream = stream;
    this.#reader = new FrameReader(MESSAGE_MAX_BYTES, memory);
    this.#session = stream.session;
    stream.on('response', (headers) => {
      this.#headers = headers;
      this.#wake();
    });
    stream.on('trailers', (trailers: IncomingHttpHeaders) => {
      this.#trailers = trailers;
    });
    stream.on('data', (piece: Uint8Array) => this.#receive(piece));
    stream.on('error', (error) => {
      this.#failure ??= error;
    });
    stream.on('close', () => this.#end(this.#closingStatus()));
  }

  /** Undefined while the call runs. */
  get status(): GrpcStatus | undefined {
    return this.#status;
  }

  /** Whether the server certainly did nothing for the call: it may be made again. */
  get isRefused(): boolean {
    const code = this.#stream.rstCode;
    return this.#headers === undefined && code === constants.NGHTTP2_REFUSED_STREAM;
  }

  /** Of the response; 'identity' when it has none. */
  get encodingName(): string {
    return headerText(this.#headers, 'grpc-encoding') ?? 'identity';
  }

  /** Resolves when there is a response, or an end without one. */
  async opened(): Promise<void> {
    while (this.#headers === undefined && this.#status === undefined) await this.#change();
  }

  /** The next message as it came, undefined at the end: then status says how it was. */
  async next(): Promise<ReceivedFrame | undefined> {
    for (;;) {
      const frame = this.#frames[this.#next];
      if (frame !== undefined) {
        this.#next++;
        this.#queuedBytes -= frame.bytes.length;
        return frame;
      }
      this.#frames = [];
      this.#next = 0;
      if (this.#status !== undefined) return undefined;
      this.#stream.resume();
      await this.#change();
    }
  }

  /** Ends the call from this side; nothing happens when it has ended. */
  cancel(status: GrpcStatus): void {
    this.#end(status);
    if (!this.#stream.closed) this.#stream.close(constants.NGHTTP2_CANCEL);
    // Nobody reads what has arrived: without this, the stream would wait for a reader and never close.
    this.#stream.resume();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #receive(piece: Uint8Array): void {
    if (this.#status !== undefined || !this.#isGrpc()) return;
    try {
      for (const frame of this.#reader.push(piece)) {
        this.#frames.push(frame);
        this.#queuedBytes += frame.bytes.length;
      }
    } catch (error) {
      this.cancel(statusOfError(error));
    }
    if (this.#next < this.#frames.length) this.#wake();
    if (this.#queuedBytes > QUEUED_BYTES) this.#stream.pause();
  }

  #isGrpc(): boolean {
    const type = headerText(this.#headers, 'content-type') ?? '';
    return this.#headers?.[':status'] === 200 && type.startsWith('application/grpc');
  }

  #end(status: GrpcStatus): void {
    if (this.#status !== undefined) return;
    this.#status = status;
    this.#wake();
  }

  #closingStatus(): GrpcStatus {
    const told =
      headerText(this.#trailers, 'grpc-status') ?? headerText(this.#headers, 'grpc-status');
    if (told !== undefined) {
      const message =
        headerText(this.#trailers, 'grpc-message') ??
        headerText(this.#headers, 'grpc-message') ??
        '';
      const code = /^\d{1,3}$/.test(told) ? Number(told) : CODE.unknown;
      if (code === CODE.ok && this.#reader.isPartial) {
        return { code: CODE.internal, message: 'the last message is cut off' };
      }
      return { code, message: decodeStatusMessage(message) };
    }
    const why = this.#failure === undefined ? '' : `: ${errorText(this.#failure)}`;
    if (this.#session === undefined || this.#session.destroyed || this.#session.closed) {
      if (this.#stream.rstCode !== constants.NGHTTP2_NO_ERROR || this.#headers === undefined) {
        return { code: CODE.unavailable, message: `the connection was lost${why}` };
      }
    }
    const { rstCode = 0 } = this.#stream;
    if (rstCode !== 0) {
      const message = `the stream was reset by the server with HTTP/2 code ${rstCode}`;
      return { code: codeOfReset(rstCode), message };
    }
    const httpStatus = this.#headers?.[':status'] ?? 0;
    if (httpStatus !== 200) {
      const message = `unexpected HTTP status code ${httpStatus}`;
      return { code: codeOfHttpStatus(httpStatus), message };
    }
    const type = headerText(this.#headers, 'content-type') ?? '';
    return this.#isGrpc()
      ? { code: CODE.internal, message: 'the server ended the stream without a status' }
      : { code: CODE.unknown, message: `unexpected content-type ${JSON.stringify(type)}` };
  }
}

/** What an aborted signal is as a status: a deadline of its own counts as the call's. */
export function statusOfAbort(signal: AbortSignal): GrpcStatus {
  const { reason } = signal;
  const isTimeout =
    (reason instanceof Error && reason.name === 'TimeoutError') ||
    (reason instanceof OperationError && reason.kind === 'timeout');
  return isTimeout
    ? { code: CODE.deadlineExceeded, message: 'context deadline exceeded' }
    : { code: CODE.canceled, message: 'context canceled' };
}

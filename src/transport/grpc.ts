/**
 * What servers and clients of gRPC agree on here: methods are full paths ("/thanos.Store/Series"), messages are
 * encoded bytes, streams of the server are batches with back-pressure. Codes: grpc/status of the specification.
 */
export interface GrpcCallContext {
  /** Aborted when the client cancels, the deadline passes or the connection is lost. */
  readonly signal: AbortSignal;
  /** Request metadata, names in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
  /** host:port of the peer. */
  readonly peer: string;
}

export type GrpcMethod =
  | {
      readonly kind: 'unary';
      handle(request: Uint8Array, call: GrpcCallContext): Promise<Uint8Array>;
    }
  | {
      readonly kind: 'serverStream';
      handle(request: Uint8Array, call: GrpcCallContext): AsyncIterable<Uint8Array>;
      /**
       * Told once of a message that has been sent: its memory may be used again. Not told of those that were not, for
       * the connection may still hold them.
       */
      sent?(message: Uint8Array): void;
    };

/** Full method path → handler. */
export type GrpcServices = ReadonlyMap<string, GrpcMethod>;

/** Told of every call of a known method, for metrics. */
export interface GrpcObserver {
  started(method: string, kind: GrpcMethod['kind']): GrpcCallObserver;
}

export interface GrpcCallObserver {
  /** One message of so many bytes as sent or received. */
  sent(sizeBytes: number): void;
  received(sizeBytes: number): void;
  /** Once, with the code's name as in grpc-go: OK, Canceled, DeadlineExceeded, … */
  ended(code: string): void;
}

export interface GrpcCallOptions {
  readonly signal: AbortSignal;
  /** Sent as grpc-timeout; the call fails with kind 'timeout' when it passes. */
  readonly timeoutMs?: number;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Where the messages of a stream are put together as they arrive; without, each has memory of its own. */
  readonly memory?: ReceiveMemory;
}

export interface ReceiveMemory {
  /** Room for the next message. Asked again, for more, when a large message turns out to be as long as it says. */
  take(sizeBytes: number): Uint8Array;
}

/** One connection (reconnected as needed) to one address. Failures are OperationErrors naming the address. */
export interface GrpcClient {
  readonly address: string;
  unary(method: string, request: Uint8Array, options: GrpcCallOptions): Promise<Uint8Array>;
  /** Each yielded item is one message. Breaking off the iteration cancels the call. */
  serverStream(
    method: string,
    request: Uint8Array,
    options: GrpcCallOptions,
  ): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

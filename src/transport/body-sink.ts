/** How the body of an HTTP answer is handed on while it arrives: in place, one piece after another. */
export interface AnswerHead {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

export interface BodySink {
  /** Called once, before the first piece. */
  head(head: AnswerHead): void;
  /**
   * Where so many bytes of the body, or fewer, are to be received, when not anywhere: `data` is then given what arrives
   * there.
   */
  room?(bytes: number): Uint8Array | undefined;
  /** bytes[start, end) is valid until the call returns. Returns false to stop the flow until `resume`. */
  data(bytes: Uint8Array, start: number, end: number): boolean;
  /** The body is complete. Nothing follows. */
  end(): void;
  /** The answer could not be read to its end. Nothing follows. */
  fail(error: Error): void;
}

export interface BodyFlow {
  resume(): void;
  /** Closes the connection unless it is closed already; the sink hears nothing more. */
  cancel(): void;
}

export interface PostRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Sends a request whose answer flows into a sink. Failures are OperationErrors that name the URL. */
export type StreamedPost = (request: PostRequest, sink: BodySink) => BodyFlow;

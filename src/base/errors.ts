/**
 * Operating errors: what can go wrong while every line of code is right. Bugs are BugError (assert.ts).
 * The kind is mapped once to HTTP (api/) and once to gRPC (transport/).
 */
export type ErrorKind =
  | 'bad-data' // the caller sent something malformed
  | 'not-found'
  | 'denied' // the credentials are wrong, or what they allow does not reach
  | 'not-acceptable'
  | 'execution' // a well-formed query cannot be answered
  | 'canceled'
  | 'timeout'
  | 'limit' // a stated maximum was reached; nothing is wrong with the data
  | 'unavailable' // a peer or resource is away; trying again may help
  | 'corrupt' // stored or received bytes are not what their format says
  | 'internal';

export class OperationError extends Error {
  readonly kind: ErrorKind;

  /** Message form: "cannot <verb> <object with ids and sizes>"; the cause is attached, not repeated. */
  constructor(kind: ErrorKind, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'OperationError';
    this.kind = kind;
  }
}

/** The text of anything thrown, with its chain of causes: "cannot read block X: ENOENT: …". */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message === '' ? error.name : error.message;
  return error.cause === undefined ? own : `${own}: ${errorText(error.cause)}`;
}

/** Turns anything thrown into an OperationError; an OperationError passes unchanged. */
export function toOperationError(error: unknown, kind: ErrorKind = 'internal'): OperationError {
  if (error instanceof OperationError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new OperationError('canceled', error.message, { cause: error.cause });
  }
  return new OperationError(kind, errorText(error), { cause: error });
}

/** An OperationError in plain data: structured clone would lose its kind. */
export interface PlainFailure {
  readonly errorKind: ErrorKind;
  readonly message: string;
}

/** For another thread. Rethrows what is our bug, a trap in a kernel among them: it must end the worker instead. */
export function plainFailure(error: unknown): PlainFailure {
  if (error instanceof Error && (error.name === 'BugError' || error.name === 'RuntimeError')) {
    throw error;
  }
  const { kind, message } = toOperationError(error);
  return { errorKind: kind, message };
}

/** An OperationError with the texts of its causes, which do not cross threads, in its own; anything else as it is. */
export function withCauses(error: unknown): unknown {
  if (!(error instanceof OperationError) || error.cause === undefined) return error;
  return new OperationError(error.kind, errorText(error));
}

export function fromPlainFailure({ errorKind, message }: PlainFailure): OperationError {
  return new OperationError(errorKind, message);
}

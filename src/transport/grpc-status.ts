/** Status codes of gRPC and the one place where they and our kinds of errors are translated into each other. */
import type { ErrorKind } from '../base/errors.ts';
import { errorText, OperationError } from '../base/errors.ts';
import type { Span } from '../telemetry/tracer.ts';
import type { GrpcCallObserver } from './grpc.ts';
import { TRAILER_TEXT_MAX } from './grpc-metadata.ts';

/** Index = number on the wire; the names are those of grpc-go, which metrics and messages use. */
export const CODE_NAMES: readonly string[] = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
];

export const CODE = {
  ok: 0,
  canceled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

export interface GrpcStatus {
  readonly code: number;
  readonly message: string;
}

/** Tells metrics and trace how a call has ended. */
export function tellEnd(code: number, observer: GrpcCallObserver, span: Span | undefined): void {
  observer.ended(codeName(code));
  span?.set('rpc.grpc.status_code', code);
  if (code !== CODE.ok) span?.fail(codeName(code));
  span?.end();
}

/** Index = status code. */
const KINDS: readonly ErrorKind[] = [
  'internal',
  'canceled',
  'internal',
  'bad-data',
  'timeout',
  'not-found',
  'bad-data',
  'not-acceptable',
  'limit',
  'execution',
  'execution',
  'bad-data',
  'not-acceptable',
  'internal',
  'unavailable',
  'corrupt',
  'not-acceptable',
];

/** A query that fails as a whole is Aborted: what Thanos' partial response strategy ABORT answers. */
const CODES: Readonly<Record<ErrorKind, number>> = {
  'bad-data': 3,
  'not-found': 5,
  denied: 7,
  'not-acceptable': 12,
  execution: 10,
  canceled: 1,
  timeout: 4,
  limit: 8,
  unavailable: 14,
  corrupt: 15,
  internal: 13,
};

export function codeName(code: number): string {
  return CODE_NAMES[code] ?? `Code(${code})`;
}

export function kindOfCode(code: number): ErrorKind {
  return KINDS[code] ?? 'internal';
}

/** What a handler's failure is on the wire. Anything but an OperationError is Unknown, as in grpc-go. */
export function statusOfError(error: unknown): GrpcStatus {
  const message = errorText(error).slice(0, TRAILER_TEXT_MAX);
  if (error instanceof OperationError) return { code: CODES[error.kind], message };
  if (error instanceof Error && error.name === 'AbortError')
    return { code: CODE.canceled, message };
  return { code: CODE.unknown, message };
}

/** The error of a call: "cannot call METHOD at ADDRESS: rpc error: code = Unavailable desc = …". */
export function callError(method: string, address: string, status: GrpcStatus): OperationError {
  const { code, message } = status;
  return new OperationError(
    kindOfCode(code),
    `cannot call ${method} at ${address}: rpc error: code = ${codeName(code)} desc = ${message}`,
  );
}

/** For answers without grpc-status, which come from something that is no gRPC server. */
export function codeOfHttpStatus(httpStatus: number): number {
  if (httpStatus === 400) return CODE.internal;
  if (httpStatus === 401) return CODE.unauthenticated;
  if (httpStatus === 403) return CODE.permissionDenied;
  if (httpStatus === 404) return CODE.unimplemented;
  return [429, 502, 503, 504].includes(httpStatus) ? CODE.unavailable : CODE.unknown;
}

/** For streams that the peer reset (RFC 9113 §7 → gRPC over HTTP/2). */
export function codeOfReset(http2Code: number): number {
  if (http2Code === 7) return CODE.unavailable;
  if (http2Code === 8) return CODE.canceled;
  if (http2Code === 11) return CODE.resourceExhausted;
  return http2Code === 12 ? CODE.permissionDenied : CODE.internal;
}

/**
 * The envelope of Prometheus' HTTP API: `{"status","data","errorType","error","warnings","infos"}`, empty members
 * left out. Source: Prometheus web/api/v1.
 */
import { type ErrorKind, toOperationError } from '../base/errors.ts';
import type { HttpAnswer } from '../transport/http-route.ts';

export interface Remarks {
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

const ERROR_TYPES: Readonly<Record<ErrorKind, { readonly type: string; readonly status: number }>> =
  {
    'bad-data': { type: 'bad_data', status: 400 },
    'not-found': { type: 'not_found', status: 404 },
    denied: { type: 'execution', status: 422 },
    'not-acceptable': { type: 'not_acceptable', status: 406 },
    execution: { type: 'execution', status: 422 },
    limit: { type: 'execution', status: 422 },
    canceled: { type: 'canceled', status: 499 },
    timeout: { type: 'timeout', status: 503 },
    unavailable: { type: 'execution', status: 422 },
    corrupt: { type: 'internal', status: 500 },
    internal: { type: 'internal', status: 500 },
  };

const JSON_HEADERS = { 'content-type': 'application/json' };
/** Keeps partial answers out of every cache on the way. */
const NO_STORE = { ...JSON_HEADERS, 'cache-control': 'no-store' };

/** An answer whose data is plain. Storage warnings mean that the data may be partial. */
export function dataAnswer(data: unknown, remarks: Remarks = {}): HttpAnswer {
  const body = { status: 'success', data, ...presentRemarks(remarks) };
  const isPartial = (remarks.warnings ?? []).length > 0;
  return { status: 200, headers: isPartial ? NO_STORE : JSON_HEADERS, body: JSON.stringify(body) };
}

/**
 * An answer whose data is JSON already, in slices: `dataSlices` are what stands between the braces of `data`.
 * Sent as it is, without being joined.
 */
export function slicedAnswer(
  dataSlices: readonly Uint8Array[],
  remarks: Remarks,
  isPartial: boolean,
): HttpAnswer {
  const tail = JSON.stringify(presentRemarks(remarks)).slice(1, -1);
  const slices = [
    Buffer.from('{"status":"success","data":{'),
    ...dataSlices,
    Buffer.from(tail === '' ? '}}' : `},${tail}}`),
  ];
  return { status: 200, headers: isPartial ? NO_STORE : JSON_HEADERS, body: bodyOf(slices) };
}

const JOINED_BYTES_MAX = 1 << 20;

function bodyOf(slices: readonly Uint8Array[]): Uint8Array | AsyncIterable<Uint8Array> {
  const sizeBytes = slices.reduce((sum, slice) => sum + slice.length, 0);
  return sizeBytes <= JOINED_BYTES_MAX ? Buffer.concat(slices) : iterate(slices);
}

async function* iterate(slices: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* slices;
}

export function errorAnswer(error: unknown): HttpAnswer {
  const { kind, message } = toOperationError(error);
  const { type, status } = ERROR_TYPES[kind];
  return failureAnswer(status, type, message);
}

/** For what no kind of error stands for. */
export function failureAnswer(status: number, errorType: string, error: string): HttpAnswer {
  return { status, headers: NO_STORE, body: JSON.stringify({ status: 'error', errorType, error }) };
}

/** At most this many remarks of each kind are shown. */
const REMARKS_MAX = 10;

function presentRemarks({ warnings = [], infos = [] }: Remarks): Remarks {
  return {
    ...(warnings.length > 0 ? { warnings: limited(warnings, 'warning') } : {}),
    ...(infos.length > 0 ? { infos: limited(infos, 'info') } : {}),
  };
}

function limited(texts: readonly string[], noun: string): readonly string[] {
  if (texts.length <= REMARKS_MAX) return texts;
  const more = texts.length - REMARKS_MAX;
  const rest = more === 1 ? `1 more ${noun} annotation` : `${more} more ${noun} annotations`;
  return [...texts.slice(0, REMARKS_MAX), `${rest} omitted`];
}

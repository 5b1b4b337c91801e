/**
 * The server of remote read: POST /api/v1/read, protocol version 0.1.0, as samples or as streamed chunks. Source: the
 * specification of remote read; Prometheus storage/remote.
 */
import type { Clock } from '../base/clock.ts';
import { OperationError, toOperationError } from '../base/errors.ts';
import { Gate } from '../base/gate.ts';
import type { Kernel } from '../base/kernel.ts';
import type { KernelPool } from '../base/kernel-pool.ts';
import type { Labels } from '../model/labels.ts';
import { compareText, labelValue } from '../model/labels.ts';
import type { Matcher, MatchType } from '../model/matcher.ts';
import type { ChunkQueryable, EncodedChunk } from '../storage/chunk-queryable.ts';
import { clip } from '../storage/clip.ts';
import type { Queryable, SelectRequest, SeriesSet, TimeRange } from '../storage/queryable.ts';
import { gauge, type MetricRegistry } from '../telemetry/metrics.ts';
import {
  HTTP_STATUS,
  type HttpAnswer,
  type HttpRoute,
  textAnswer,
} from '../transport/http-route.ts';
import { ChunkedReadWriter } from '../wire/chunked-read-frame.ts';
import {
  type LabelMatcher,
  type Query,
  type ReadRequest,
  ReadRequestSchema,
  ReadRequest_ResponseType as ResponseType,
  LabelMatcher_Type as Type,
} from '../wire/gen/prometheus/remote_pb.ts';
import { decodeMessage } from '../wire/message.ts';
import { ReverseWriter } from '../wire/reverse-writer.ts';
import { decodeSnappyBlock, encodeSnappyBlock } from '../wire/snappy.ts';
import { encodeWriteRequest } from '../wire/write-request.ts';
import { SAMPLES_CONTENT, STREAMED_CONTENT } from './read-request.ts';

export interface ReadServerOptions {
  /** What is read; may be asked anew for each request. */
  readonly chunks: () => ChunkQueryable;
  readonly samples: () => Queryable;
  readonly externalLabels: () => Labels;
  readonly kernels: KernelPool;
  readonly metrics: MetricRegistry;
  readonly clock: Clock;
  /** Most samples of an answer that is not streamed; 0 is any number. */
  readonly sampleLimit: number;
  /** Most requests at the same time; 0 is any number. */
  readonly concurrency: number;
  /** Bytes of chunks and labels after which a frame ends. */
  readonly frameBytes: number;
}

const REQUEST_BYTES_MAX = 32 << 20;
/** Frames are handed to the connection in pieces of about this size. */
const PIECE_BYTES = 1 << 18;
/** How long samples are collected at a time while others wait for this thread. */
const SLICE_MS = 20;

export function remoteReadRoute(options: ReadServerOptions): HttpRoute {
  const { metrics, concurrency } = options;
  const gate = new Gate(concurrency > 0 ? concurrency : Number.MAX_SAFE_INTEGER);
  const { queries } = metrics.declare({
    queries: gauge(
      'prometheus_remote_read_handler_queries',
      'Remote reads that are being answered or wait for their turn.',
    ),
  });
  return {
    methods: ['POST'],
    path: '/api/v1/read',
    handler: '/api/v1/read',
    async handle({ body, signal }) {
      const leave = await gate.enter(signal);
      queries.inc();
      const end = (): void => {
        queries.dec();
        leave();
      };
      try {
        const request = decodeRequest(options, body);
        return isStreamed(request)
          ? await streamedAnswer(options, request, { signal, end })
          : await samplesAnswer(options, request, { signal, end });
      } catch (error) {
        end();
        const { kind, message } = toOperationError(error);
        return textAnswer(kind === 'limit' ? 400 : HTTP_STATUS[kind], `${message}\n`);
      }
    },
  };
}

interface Answering {
  readonly signal: AbortSignal;
  /** To be called once, when the answer has been given. */
  readonly end: () => void;
}

function decodeRequest({ kernels }: ReadServerOptions, body: Uint8Array): ReadRequest {
  try {
    using lent = kernels.borrow();
    const message = decodeSnappyBlock(lent.kernel, body, REQUEST_BYTES_MAX);
    return decodeMessage(ReadRequestSchema, message);
  } catch (error) {
    const { message } = toOperationError(error);
    throw new OperationError('bad-data', message, { cause: error });
  }
}

/** The first type that is known; samples when none was named. */
function isStreamed({ acceptedResponseTypes }: ReadRequest): boolean {
  if (acceptedResponseTypes.length === 0) return false;
  for (const type of acceptedResponseTypes) {
    if (type === ResponseType.STREAMED_XOR_CHUNKS) return true;
    if (type === ResponseType.SAMPLES) return false;
  }
  const given = acceptedResponseTypes.join(', ');
  throw new OperationError(
    'bad-data',
    `server does not support any of the requested response types: ${given}; supported: 0 (SAMPLES), 1 (STREAMED_XOR_CHUNKS)`,
  );
}

/** The first piece is made before the answer begins: what fails at once is answered with a status. */
async function streamedAnswer(
  options: ReadServerOptions,
  request: ReadRequest,
  { signal, end }: Answering,
): Promise<HttpAnswer> {
  const pieces = streamPieces(options, request, signal);
  const first = await pieces.next();
  const body = async function* (): AsyncGenerator<Uint8Array> {
    try {
      if (first.done === true) return;
      yield first.value;
      yield* pieces;
    } finally {
      end();
    }
  };
  return { status: 200, headers: { 'content-type': STREAMED_CONTENT }, body: body() };
}

async function* streamPieces(
  { chunks, externalLabels, frameBytes }: ReadServerOptions,
  { queries }: ReadRequest,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const external = externalLabels();
  const writer = new ChunkedReadWriter();
  for (const [index, query] of queries.entries()) {
    using set = await chunks().selectChunks(selectOf(query, external), { signal });
    while (set.next()) {
      const labels = mergeLabels(set.labels, external);
      const room = frameBytes - labelBytes(labels);
      for (const part of cutFrames(set.chunks(), room)) {
        writer.add(labels, part, index);
        if (writer.length < PIECE_BYTES) continue;
        yield writer.take();
        signal.throwIfAborted();
      }
    }
  }
  if (writer.length > 0) yield writer.take();
}

/** A frame takes chunks until they fill the room; the one that does so still belongs to it. */
function* cutFrames(
  chunks: readonly EncodedChunk[],
  room: number,
): Generator<readonly EncodedChunk[]> {
  let start = 0;
  let left = room;
  for (let i = 0; i < chunks.length; i++) {
    left -= (chunks[i] as EncodedChunk).data.length + CHUNK_OVERHEAD_BYTES;
    if (left > 0 && i < chunks.length - 1) continue;
    yield chunks.slice(start, i + 1);
    start = i + 1;
    left = room;
  }
}

/** Times, type, and the headers of fields. */
const CHUNK_OVERHEAD_BYTES = 22;

function labelBytes(labels: Labels): number {
  return labels.reduce((sum, text) => sum + text.length + 3, 0);
}

async function samplesAnswer(
  options: ReadServerOptions,
  { queries }: ReadRequest,
  { signal, end }: Answering,
): Promise<HttpAnswer> {
  const external = options.externalLabels();
  using lent = options.kernels.borrow();
  const { kernel } = lent;
  const writer = new ReverseWriter();
  const results: Uint8Array[] = [];
  for (const query of queries) {
    using set = await options.samples().select(selectOf(query, external), { signal });
    results.push(await encodeResult(options, { set, kernel, query, external, signal }));
  }
  for (const result of results.toReversed()) {
    const before = writer.length;
    writer.raw(result);
    writer.header(0x0a, before);
  }
  const body = encodeSnappyBlock(kernel, writer.take());
  end();
  const headers = { 'content-type': SAMPLES_CONTENT, 'content-encoding': 'snappy' };
  return { status: 200, headers, body };
}

interface ResultScope {
  readonly set: SeriesSet;
  readonly kernel: Kernel;
  readonly query: Query;
  readonly external: Labels;
  readonly signal: AbortSignal;
}

/** A QueryResult holds series in the same field as a write request, so it is encoded as one. */
async function encodeResult(
  { clock, sampleLimit }: ReadServerOptions,
  { set, kernel, query, external, signal }: ResultScope,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const range = rangeOf(query);
  let samples = 0;
  let sliceEndMs = clock.monotonicMs() + SLICE_MS;
  while (set.next()) {
    const mark = kernel.arena.mark();
    const columns = clip(kernel, set.read(kernel), range);
    const { count, histograms } = columns;
    samples += count + histograms.length;
    if (sampleLimit > 0 && samples > sampleLimit) {
      throw new OperationError('limit', `exceeded sample limit (${sampleLimit})`);
    }
    const labels = mergeLabels(set.labels, external);
    const cut = (address: number): Float64Array =>
      kernel.f64.subarray(address >>> 3, (address >>> 3) + count);
    const times = cut(columns.times);
    parts.push(encodeWriteRequest([{ labels, times, values: cut(columns.values), histograms }]));
    kernel.arena.release(mark);
    if (clock.monotonicMs() > sliceEndMs) {
      await clock.sleep(0, signal);
      sliceEndMs = clock.monotonicMs() + SLICE_MS;
    }
  }
  return Buffer.concat(parts);
}

function rangeOf({ startTimestampMs, endTimestampMs }: Query): TimeRange {
  return { minTime: Number(startTimestampMs), maxTime: Number(endTimestampMs) };
}

function selectOf(query: Query, external: Labels): SelectRequest {
  const { hints } = query;
  return {
    matchers:
      query.matchers.length === 0 ? [ANY] : query.matchers.map((one) => matcher(one, external)),
    ...rangeOf(query),
    hints: {
      stepMs: Number(hints?.stepMs ?? 0n),
      rangeMs: Number(hints?.rangeMs ?? 0n),
      func: hints?.func ?? '',
      grouping: hints?.grouping ?? [],
      by: hints?.by ?? false,
      limit: 0,
    },
  };
}

/** Holds for every series, as no matcher at all does. */
const ANY: Matcher = { type: '=', name: '', value: '' };

const TYPES: Readonly<Record<number, MatchType>> = {
  [Type.EQ]: '=',
  [Type.NEQ]: '!=',
  [Type.RE]: '=~',
  [Type.NRE]: '!~',
};

/** Series do not carry the external labels: a matcher for what is added later asks for their absence. */
function matcher({ type, name, value }: LabelMatcher, external: Labels): Matcher {
  const known = TYPES[type];
  if (known === undefined) throw new OperationError('bad-data', 'invalid matcher type');
  const isAdded = known === '=' && labelValue(external, name) === value;
  return { type: known, name, value: isAdded ? '' : value };
}

/** Those of the series go before those from outside. */
export function mergeLabels(own: Labels, external: Labels): Labels {
  if (external.length === 0) return own;
  const merged: string[] = [];
  let i = 0;
  let k = 0;
  while (i < own.length || k < external.length) {
    const order =
      i >= own.length
        ? 1
        : k >= external.length
          ? -1
          : compareText(own[i] as string, external[k] as string);
    if (order <= 0) {
      merged.push(own[i] as string, own[i + 1] as string);
      i += 2;
      if (order === 0) k += 2;
    } else {
      merged.push(external[k] as string, external[k + 1] as string);
      k += 2;
    }
  }
  return merged;
}

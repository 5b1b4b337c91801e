/** Stores in this process that answer from memory, well or badly. */
import { OperationError } from '../../base/errors.ts';
import { encodeXorChunk } from '../../chunk/xor-encode.ts';
import type { Labels } from '../../model/labels.ts';
import { compareLabels, dropLabels, labelsOf } from '../../model/labels.ts';
import type { GrpcClient } from '../../transport/grpc.ts';
import type { SeriesRequest } from '../../wire/gen/thanos/store_pb.ts';
import {
  LabelNamesResponseSchema,
  LabelValuesResponseSchema,
  SeriesRequestSchema,
} from '../../wire/gen/thanos/store_pb.ts';
import { decodeMessage, encodeMessage } from '../../wire/message.ts';
import { SeriesResponseEncoder } from '../../wire/series-response.ts';
import type { WireChunk, WireSeries } from '../../wire/wire-series.ts';
import type { ProxiedStore } from '../proxied-store.ts';

export type Behaviour =
  | 'good'
  | 'hangs' // sends nothing, ever
  | 'stalls' // sends one message, then nothing
  | 'fails'
  | 'failsLate' // sends one message first
  | 'warns' // tells of a failure beneath it, then answers
  | 'unsorted'
  | 'garbage'
  | 'brokenChunks';

export interface FakeStoreOptions {
  readonly address: string;
  readonly series: readonly WireSeries[];
  readonly behaviour?: Behaviour;
  readonly minTime?: number;
  readonly maxTime?: number;
  readonly external?: readonly Readonly<Record<string, string>>[];
  readonly supportsWithoutReplicaLabels?: boolean;
  /** Series in a message; 1 is single series. */
  readonly batch?: number;
}

export interface FakeStore extends ProxiedStore {
  /** The requests that arrived. */
  readonly requests: SeriesRequest[];
  /** Calls that have begun and not ended. */
  running: number;
}

export function fakeStore(options: FakeStoreOptions): FakeStore {
  const { address, minTime = -(2 ** 63), maxTime = 2 ** 63, external = [] } = options;
  const store: FakeStore = {
    address,
    minTime,
    maxTime,
    databases: external.map((labels) => ({ labels: labelsOf(labels), minTime, maxTime })),
    supportsSharding: false,
    supportsWithoutReplicaLabels: options.supportsWithoutReplicaLabels ?? true,
    requests: [],
    running: 0,
    client: {
      address,
      unary: async (method) => labelsAnswer(options, method),
      async *serverStream(_method, bytes, { signal }) {
        const request = decodeMessage(SeriesRequestSchema, bytes);
        store.requests.push(request);
        store.running++;
        try {
          yield* answer(options, request, signal);
        } finally {
          store.running--;
        }
      },
      close: async () => {},
    } satisfies GrpcClient,
  };
  return store;
}

async function* answer(
  options: FakeStoreOptions,
  request: SeriesRequest,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { behaviour = 'good', batch = 2 } = options;
  const encoder = new SeriesResponseEncoder();
  if (behaviour === 'hangs') await ended(signal);
  if (behaviour === 'fails') throw new OperationError('unavailable', 'connection refused');
  if (behaviour === 'warns') yield encoder.warning('one block is missing');
  if (behaviour === 'garbage') {
    yield Uint8Array.of(0x0a, 0x10, 0x0a, 0x7f);
    return;
  }
  const series = sent(options, request);
  for (let at = 0; at < series.length; at += batch) {
    yield encoder.series(series.slice(at, at + batch));
    if (behaviour === 'stalls') await ended(signal);
    if (behaviour === 'failsLate') throw new OperationError('corrupt', 'a block is torn');
  }
}

function sent(options: FakeStoreOptions, request: SeriesRequest): WireSeries[] {
  const { behaviour } = options;
  const removed = new Set(
    options.supportsWithoutReplicaLabels === false ? [] : request.withoutReplicaLabels,
  );
  const all = options.series
    .map(({ labels, chunks }) => ({ labels: dropLabels(labels, removed), chunks }))
    .sort((a, b) => compareLabels(a.labels, b.labels));
  if (behaviour === 'unsorted') all.reverse();
  if (behaviour !== 'brokenChunks') return all;
  return all.map(({ labels, chunks }) => ({
    labels,
    chunks: chunks.map((chunk) => ({ ...chunk, length: 4 })),
  }));
}

function labelsAnswer({ series, behaviour }: FakeStoreOptions, method: string): Uint8Array {
  if (behaviour === 'fails') throw new OperationError('unavailable', 'connection refused');
  const texts = series.flatMap(({ labels }) => labels);
  if (method === '/thanos.Store/LabelNames') {
    const names = texts.filter((_, i) => i % 2 === 0);
    return encodeMessage(LabelNamesResponseSchema, { names, warnings: ['slow disk'] });
  }
  return encodeMessage(LabelValuesResponseSchema, { values: texts.filter((_, i) => i % 2 === 1) });
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(new OperationError('canceled', 'context canceled'));
    if (signal.aborted) fail();
    signal.addEventListener('abort', fail);
  });
}

/** A series with one chunk for each list of [time, value]. */
export function fakeSeries(
  labels: Labels,
  ...chunks: readonly (readonly (readonly [number, number])[])[]
): WireSeries {
  return { labels, chunks: chunks.map(fakeChunk) };
}

function fakeChunk(samples: readonly (readonly [number, number])[]): WireChunk {
  const times = Float64Array.from(samples, ([time]) => time);
  const words = new Uint32Array(Float64Array.from(samples, ([, value]) => value).buffer);
  const bytes = encodeXorChunk({ times, words, start: 0, end: times.length });
  return {
    minTime: times[0] ?? 0,
    maxTime: times.at(-1) ?? 0,
    aggregate: 'raw',
    encoding: 1,
    bytes,
    offset: 0,
    length: bytes.length,
  };
}

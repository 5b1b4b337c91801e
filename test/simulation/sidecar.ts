/**
 * The real sidecar beside a replica: StoreAPI's services over remote read and Prometheus' HTTP API, which are answered by
 * the replica's own remote-read server. Both ways go over the simulated network.
 */
import type { Clock } from '../../src/base/clock.ts';
import type { Kernel } from '../../src/base/kernel.ts';
import type { KernelPool } from '../../src/base/kernel-pool.ts';
import { NO_LABELS } from '../../src/model/labels.ts';
import { clientPost } from '../../src/remote/client-post.ts';
import { PrometheusApi } from '../../src/remote/http-api.ts';
import { remoteReadRoute } from '../../src/remote/read-server.ts';
import { PrometheusSource } from '../../src/storeapi/prometheus-source.ts';
import { PrometheusWatch } from '../../src/storeapi/prometheus-watch.ts';
import type { ProxiedStore } from '../../src/storeapi/proxied-store.ts';
import { storeServices } from '../../src/storeapi/server.ts';
import type { Hash64 } from '../../src/storeapi/source-shard.ts';
import { createMetricRegistry } from '../../src/telemetry/metrics.ts';
import type { GrpcClient, GrpcServices } from '../../src/transport/grpc.ts';
import type { HttpClient, HttpClientAnswer } from '../../src/transport/http-client.ts';
import {
  type HttpAnswer,
  type HttpRoute,
  jsonAnswer,
  textAnswer,
} from '../../src/transport/http-route.ts';
import type { SimulatedNetwork } from './network.ts';
import type { Replica } from './replica.ts';
import { WireAnswer } from './wire.ts';

export const QUERIER = 'querier';
const WATCH_MS = 300_000;
const FRAME_BYTES = 200;

export interface SidecarParts {
  readonly replica: Replica;
  readonly network: SimulatedNetwork;
  readonly clock: Clock;
  /** For chunks that are read and sent. */
  readonly reads: KernelPool;
  /** Of the sidecar. */
  readonly kernel: Kernel;
  readonly hash: Hash64;
  /** Takes what is sent to the querier. */
  readonly wire: WireAnswer[];
}

/** It begins to ask its Prometheus at once. */
export function startSidecar(parts: SidecarParts): ProxiedStore {
  const { replica, clock, kernel, hash } = parts;
  const address = `sidecar-${replica.name}`;
  const client = prometheusClient(address, parts);
  const api = new PrometheusApi({ client, url: `http://${replica.name}`, answerMaxBytes: 1 << 24 });
  const watch = new PrometheusWatch({
    api,
    clock,
    intervalMs: WATCH_MS,
    firstIntervalMs: 500,
    timeoutMs: WATCH_MS,
    minTimeLimit: () => 0,
    onAttempt: () => undefined,
  });
  void watch.run(new AbortController().signal);
  const source = new PrometheusSource({
    api,
    post: clientPost(client),
    readHeaders: () => ({}),
    watch,
    kernel,
    hash,
    sortBudgetBytes: 1 << 24,
    seriesMax: 0,
    samplesMax: 0,
    frames: { observe: () => undefined },
  });
  return {
    address,
    client: grpcClient(address, storeServices(source), parts),
    minTime: -(2 ** 63),
    maxTime: 2 ** 63,
    databases: [],
    supportsSharding: true,
    supportsWithoutReplicaLabels: true,
  };
}

function grpcClient(
  address: string,
  services: GrpcServices,
  { replica, network, wire }: SidecarParts,
): GrpcClient {
  return {
    address,
    unary: () => Promise.reject(new Error('nobody asks for labels here')),
    async *serverStream(method, request, { signal }) {
      const answer = new WireAnswer(replica.name);
      wire.push(answer);
      await network.travel(QUERIER, address);
      const service = services.get(method);
      if (service?.kind !== 'serverStream') throw new Error(`no such stream: ${method}`);
      for await (const message of service.handle(request, { signal, metadata: {}, peer: '' })) {
        await network.travel(address, QUERIER);
        answer.add(message);
        yield message;
      }
      answer.isWhole = true;
    },
    close: async () => undefined,
  };
}

/** What answers under the address of the replica's Prometheus, as long as it lives. */
function prometheusClient(
  from: string,
  { replica, network, reads, clock }: SidecarParts,
): HttpClient {
  const read = remoteReadRoute({
    chunks: () => replica.store.storage,
    samples: () => replica.store.storage,
    externalLabels: () => NO_LABELS,
    kernels: reads,
    metrics: createMetricRegistry(),
    clock,
    sampleLimit: 0,
    concurrency: 0,
    frameBytes: FRAME_BYTES,
  });
  return {
    async request({ url, body = '', signal }) {
      await network.travel(from, replica.name);
      const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
      const { pathname } = new URL(url);
      const answer = await replica.work(() => answerOf(replica, read, { pathname, bytes, signal }));
      return clientAnswer(answer, replica);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function answerOf(
  replica: Replica,
  read: HttpRoute,
  asked: { readonly pathname: string; readonly bytes: Uint8Array; readonly signal: AbortSignal },
): Promise<HttpAnswer> {
  const { pathname: path, bytes: body, signal } = asked;
  switch (path) {
    case '/api/v1/read': {
      const none = { params: {}, queryText: '', query: new URLSearchParams(), headers: {} };
      return await read.handle({ method: 'POST', path, body, signal, peer: '', ...none });
    }
    case '/api/v1/status/config': {
      const labels = `{cluster: simulated, replica: ${replica.name}}`;
      return success({ yaml: `global: {external_labels: ${labels}}` });
    }
    case '/api/v1/status/buildinfo':
      return success({ version: '3.14.0' });
    default: {
      const seconds = Math.min(2 ** 63, replica.store.minTime) / 1000;
      return textAnswer(200, `prometheus_tsdb_lowest_timestamp_seconds ${seconds}\n`);
    }
  }
}

function success(data: unknown): HttpAnswer {
  return jsonAnswer(200, { status: 'success', data });
}

/** Pieces are copied, as a socket does: they lie in memory that is used again. */
function clientAnswer(
  { status, headers = {}, body = '' }: HttpAnswer,
  replica: Replica,
): HttpClientAnswer {
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    if (typeof body === 'string') yield new TextEncoder().encode(body);
    else if (body instanceof Uint8Array) yield body.slice();
    else {
      const stream = body[Symbol.asyncIterator]();
      for (;;) {
        const { done, value } = await replica.work(() => stream.next());
        if (done === true) return;
        yield value.slice();
      }
    }
  };
  const bytes = async (): Promise<Uint8Array> => {
    const parts: Uint8Array[] = [];
    for await (const piece of pieces()) parts.push(piece);
    return Buffer.concat(parts);
  };
  return {
    status,
    headers,
    body: pieces,
    bytes,
    text: async () => new TextDecoder().decode(await bytes()),
  };
}

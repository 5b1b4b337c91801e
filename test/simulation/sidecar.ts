/** StoreAPI beside a replica: real messages, over the simulated network. */
import {
  compareLabels,
  dropLabels,
  type Labels,
  labelPairs,
  makeLabels,
} from '../../src/model/labels.ts';
import type { Matcher, MatchType } from '../../src/model/matcher.ts';
import type { ChunkSeriesSet } from '../../src/storage/chunk-queryable.ts';
import type { ProxiedStore } from '../../src/storeapi/proxied-store.ts';
import type { GrpcClient } from '../../src/transport/grpc.ts';
import { NO_HINTS } from '../../src/tsdb/testing/dump.ts';
import { LabelMatcher_Type as Type } from '../../src/wire/gen/thanos/label_pb.ts';
import { type SeriesRequest, SeriesRequestSchema } from '../../src/wire/gen/thanos/store_pb.ts';
import { decodeMessage } from '../../src/wire/message.ts';
import { SeriesResponseEncoder } from '../../src/wire/series-response.ts';
import type { WireSeries } from '../../src/wire/wire-series.ts';
import type { SimulatedNetwork } from './network.ts';
import type { Replica } from './replica.ts';

export const QUERIER = 'querier';
const MESSAGE_SERIES = 3;
const TYPES: ReadonlyMap<Type, MatchType> = new Map([
  [Type.EQ, '='],
  [Type.NEQ, '!='],
  [Type.RE, '=~'],
  [Type.NRE, '!~'],
]);

export function sidecarOf(replica: Replica, network: SimulatedNetwork): ProxiedStore {
  const external = makeLabels([
    ['cluster', 'simulated'],
    ['replica', replica.name],
  ]);
  const address = `sidecar-${replica.name}`;
  const client: GrpcClient = {
    address,
    unary: () => Promise.reject(new Error('nobody asks for labels here')),
    async *serverStream(_, bytes) {
      await network.travel(QUERIER, address);
      const request = decodeMessage(SeriesRequestSchema, bytes);
      const series = await answer(replica, request, external);
      const encoder = new SeriesResponseEncoder();
      for (let at = 0; at < series.length; at += MESSAGE_SERIES) {
        await network.travel(address, QUERIER);
        yield encoder.series(series.slice(at, at + MESSAGE_SERIES));
      }
    },
    close: async () => undefined,
  };
  return {
    address,
    client,
    minTime: -(2 ** 63),
    maxTime: 2 ** 63,
    databases: [],
    supportsSharding: false,
    supportsWithoutReplicaLabels: true,
  };
}

async function answer(
  replica: Replica,
  request: SeriesRequest,
  external: Labels,
): Promise<readonly WireSeries[]> {
  const removed = new Set(request.withoutReplicaLabels);
  const found: WireSeries[] = [];
  await replica.work(async ({ chunks }) => {
    const selection = {
      matchers: request.matchers.map(matcherOf),
      minTime: Number(request.minTime),
      maxTime: Number(request.maxTime),
      hints: NO_HINTS,
    };
    using set = await chunks.selectChunks(selection, { signal: new AbortController().signal });
    while (set.next()) found.push(wireSeries(set, external, removed));
  });
  return found.sort((a, b) => compareLabels(a.labels, b.labels));
}

function wireSeries(
  set: ChunkSeriesSet,
  external: Labels,
  removed: ReadonlySet<string>,
): WireSeries {
  const labels = makeLabels([...labelPairs(set.labels), ...labelPairs(external)]);
  return {
    labels: dropLabels(labels, removed),
    chunks: set.chunks().map(({ minTime, maxTime, encoding, data }) => ({
      minTime,
      maxTime,
      encoding,
      aggregate: 'raw',
      bytes: data.slice(),
      offset: 0,
      length: data.length,
    })),
  };
}

function matcherOf({ type, name, value }: SeriesRequest['matchers'][number]): Matcher {
  return { type: TYPES.get(type) ?? '=', name, value };
}

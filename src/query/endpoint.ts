/** What a querier knows of one endpoint: what it said of itself last, and whether it still answers. */
import type { Labels } from '../model/labels.ts';
import { labelRecord, makeLabels } from '../model/labels.ts';
import { printLabels } from '../model/labels-text.ts';
import type { ProxiedStore, StoredDatabase } from '../storeapi/proxied-store.ts';
import type { GrpcClient } from '../transport/grpc.ts';
import type { InfoResponse } from '../wire/gen/thanos/info_pb.ts';
import type { LabelSet } from '../wire/gen/thanos/label_pb.ts';

export interface Endpoint {
  readonly address: string;
  /** Asked even when it does not answer, so that its failure is seen in answers. */
  readonly isStrict: boolean;
  readonly client: GrpcClient;
  readonly createdMs: number;
  /** Undefined until it has answered. */
  info: InfoResponse | undefined;
  /** Of the last answer. */
  lastCheckMs: number | undefined;
  lastError: string | undefined;
}

/** One endpoint as /api/v1/stores shows it; times in milliseconds. */
export interface EndpointStatus {
  readonly name: string;
  readonly lastCheck: string;
  readonly lastError: string | null;
  readonly labelSets: readonly Readonly<Record<string, string>>[];
  readonly minTime: number;
  readonly maxTime: number;
}

const ALL_TIME: { readonly minTime: number; readonly maxTime: number } = {
  minTime: -(2 ** 63),
  maxTime: 2 ** 63,
};

const COMPONENTS: ReadonlySet<string> = new Set([
  'sidecar',
  'store',
  'query',
  'rule',
  'receive',
  'debug',
  'parquet-gateway',
]);

export function isQueryable({ isStrict, lastError }: Endpoint): boolean {
  return isStrict || lastError === undefined;
}

/** The type that it states, as Thanos' metrics and API name it. */
export function componentOf({ info }: Endpoint): string {
  const type = info?.componentType ?? '';
  return COMPONENTS.has(type) ? type : 'unknown-store-api';
}

/** Undefined when it offers no StoreAPI. Of one that has never answered anything is expected. */
export function storeOf(endpoint: Endpoint): ProxiedStore | undefined {
  const { address, client, info } = endpoint;
  if (info === undefined) {
    const nothing = { databases: [], supportsSharding: false, supportsWithoutReplicaLabels: false };
    return { address, client, ...ALL_TIME, ...nothing };
  }
  const { store } = info;
  if (store === undefined) return undefined;
  return {
    address,
    client,
    ...timeRangeOf(endpoint),
    databases: databasesOf(info),
    supportsSharding: store.supportsSharding,
    supportsWithoutReplicaLabels: store.supportsWithoutReplicaLabels,
  };
}

/** Databases with their ranges where they are told, else label sets that hold for all of the time. */
function databasesOf({ labelSets, store }: InfoResponse): readonly StoredDatabase[] {
  const told = (store?.tsdbInfos ?? []).map(({ labels, minTime, maxTime }) => ({
    labels: labelsOfSet(labels),
    minTime: Number(minTime),
    maxTime: Number(maxTime),
  }));
  if (told.length > 0) return told;
  return nonEmpty(labelSets).map((labels) => ({ labels, ...ALL_TIME }));
}

export function labelSetsOf({ info }: Endpoint): readonly Labels[] {
  return nonEmpty(info?.labelSets ?? []);
}

/** `{replica="A"},{replica="B"}`, sorted. */
export function labelSetsText(endpoint: Endpoint): string {
  return labelSetsOf(endpoint).map(printLabels).sort().join(',');
}

export function statusOf(endpoint: Endpoint): EndpointStatus {
  const { address: name, lastCheckMs, lastError = null } = endpoint;
  return {
    name,
    lastCheck: lastCheckMs === undefined ? '0001-01-01T00:00:00Z' : timeText(lastCheckMs),
    lastError,
    labelSets: labelSetsOf(endpoint).map((labels) => labelRecord(labels)),
    ...timeRangeOf(endpoint),
  };
}

function timeRangeOf({ info }: Endpoint): { readonly minTime: number; readonly maxTime: number } {
  const store = info?.store;
  if (store === undefined) return ALL_TIME;
  return { minTime: Number(store.minTime), maxTime: Number(store.maxTime) };
}

function nonEmpty(sets: readonly LabelSet[]): Labels[] {
  return sets.map(labelsOfSet).filter((labels) => labels.length > 0);
}

export function labelsOfSet(set: LabelSet | undefined): Labels {
  return makeLabels((set?.labels ?? []).map(({ name, value }) => [name, value]));
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

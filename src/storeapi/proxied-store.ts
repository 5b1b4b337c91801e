/** What a proxy knows of a store beneath it, and whether a request concerns it. */
import type { Labels } from '../model/labels.ts';
import { labelValue } from '../model/labels.ts';
import type { CompiledMatcher, Matcher } from '../model/matcher.ts';
import { compileMatcher } from '../model/matcher.ts';
import type { GrpcClient } from '../transport/grpc.ts';

export interface ProxiedStore {
  /** host:port; of a group its name. */
  readonly address: string;
  readonly client: GrpcClient;
  /** Inclusive milliseconds. */
  readonly minTime: number;
  readonly maxTime: number;
  /** External labels of what it holds, with their own time ranges; none is: anything. */
  readonly databases: readonly StoredDatabase[];
  readonly supportsSharding: boolean;
  readonly supportsWithoutReplicaLabels: boolean;
}

export interface StoredDatabase {
  readonly labels: Labels;
  readonly minTime: number;
  readonly maxTime: number;
}

/** How Thanos writes a store in warnings, which people search for. */
export function storeText({ address, minTime, maxTime }: ProxiedStore): string {
  return `Addr: ${address} MinTime: ${int64Text(minTime)} MaxTime: ${int64Text(maxTime)}`;
}

export interface StoreSelection {
  readonly minTime: number;
  readonly maxTime: number;
  readonly matchers: readonly Matcher[];
  /** On `__address__`; the lists are ORed, none is all. */
  readonly storeMatchers: readonly (readonly Matcher[])[];
}

/**
 * The stores that may hold what is asked for: their time ranges overlap, the external labels of one of their
 * databases contradict no matcher, and they are among those asked for. Throws OperationError 'bad-data' for a
 * malformed expression.
 */
export function selectStores(
  stores: readonly ProxiedStore[],
  selection: StoreSelection,
): readonly ProxiedStore[] {
  const matchers = selection.matchers.map(compileMatcher);
  const storeMatchers = selection.storeMatchers.map((list) => list.map(compileMatcher));
  return stores.filter(
    (store) =>
      overlaps(store, selection) &&
      isAskedFor(store.address, storeMatchers) &&
      (store.databases.length === 0 ||
        store.databases.some(
          (database) => overlaps(database, selection) && mayHold(database.labels, matchers),
        )),
  );
}

interface TimeRange {
  readonly minTime: number;
  readonly maxTime: number;
}

function overlaps(a: TimeRange, b: TimeRange): boolean {
  return a.minTime <= b.maxTime && b.minTime <= a.maxTime;
}

/** A label that is not external may still be in the series: only present ones contradict. */
function mayHold(labels: Labels, matchers: readonly CompiledMatcher[]): boolean {
  return matchers.every(({ name, matches }) => {
    const value = labelValue(labels, name);
    return value === '' || matches(value);
  });
}

function isAskedFor(address: string, lists: readonly (readonly CompiledMatcher[])[]): boolean {
  if (lists.length === 0) return true;
  return lists.some((list) =>
    list.every(({ name, matches }) => name !== '__address__' || matches(address)),
  );
}

function int64Text(time: number): string {
  if (time >= 2 ** 63) return '9223372036854775807';
  return String(BigInt(Math.max(time, -(2 ** 63))));
}

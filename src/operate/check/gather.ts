/** Finds out about an HA set-up: from the querier, and from each Prometheus whose address is known or told by series. */
import { errorText } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';
import { isRecord } from '../../remote/http-api.ts';
import { Asked, type AskOptions, type InstantSample, textRecord } from './ask.ts';
import type {
  BucketFacts,
  ExpectedStores,
  HaFacts,
  LabelSet,
  MetricFacts,
  QuerierFacts,
  StoreFacts,
  TargetFacts,
} from './facts.ts';
import { gatherMetrics, NO_METRICS } from './gather-metrics.ts';
import { gatherServers } from './gather-servers.ts';
import { labelText, without } from './replica-sets.ts';

export interface GatherOptions extends AskOptions {
  /** Base address of the querier. */
  readonly url: string;
  /** Base addresses of Prometheus servers; others are found by their own series. */
  readonly serverUrls: readonly string[];
  readonly expected: ExpectedStores;
  readonly bucket: BucketFacts | undefined;
  /** For the disks of servers on this machine. */
  readonly files: FileSystem;
}

export async function gatherFacts(options: GatherOptions): Promise<HaFacts> {
  const { url, expected, bucket } = options;
  const querier = new Asked(url, options);
  const nothing: HaFacts = {
    querier: querierFacts(querier, ''),
    stores: [],
    targets: undefined,
    merged: undefined,
    warnings: [],
    servers: [],
    unreached: [],
    metrics: NO_METRICS,
    bucket,
    expected,
  };
  let stores: readonly StoreFacts[];
  try {
    stores = readStores(await querier.record('/api/v1/stores'));
  } catch (error) {
    return { ...nothing, querier: querierFacts(querier, errorText(error)) };
  }
  const [identity, series, merged, metrics] = await Promise.all([
    gatherIdentity(querier),
    gatherSeries(querier),
    orUndefined(querier.instant('up', true)),
    gatherMetrics(querier),
  ]);
  const found = await gatherServers(querier, options, serverCandidates(metrics));
  return {
    ...nothing,
    ...found,
    ...series,
    stores,
    merged: merged?.samples.map(({ labels }) => labels),
    metrics,
    querier: { ...querierFacts(querier, ''), ...identity },
  };
}

function querierFacts({ url, answerMs, skewMs }: Asked, fault: string): QuerierFacts {
  return { url, fault, version: '', answerMs, skewMs, replicaLabels: undefined };
}

async function gatherIdentity(
  querier: Asked,
): Promise<Pick<QuerierFacts, 'version' | 'replicaLabels'>> {
  const [build, flags] = await Promise.all([
    orUndefined(querier.record('/api/v1/status/buildinfo')),
    orUndefined(querier.record('/api/v1/status/flags')),
  ]);
  const told = textRecord(flags)['query.replica-label'];
  return {
    version: textRecord(build).version ?? '?',
    replicaLabels: told?.split(/[[\],\s]+/).filter((name) => name !== ''),
  };
}

/** Component type → endpoints; open ends of time are the ends of int64. */
function readStores(data: Readonly<Record<string, unknown>>): readonly StoreFacts[] {
  return Object.entries(data).flatMap(([type, list]) =>
    (Array.isArray(list) ? list : []).filter(isRecord).map((store) => ({
      type,
      address: String(store.name),
      fault: faultText(store.lastError),
      labelSets: (Array.isArray(store.labelSets) ? store.labelSets : []).map(textRecord),
      minTime: openEnded(store.minTime),
      maxTime: openEnded(store.maxTime),
    })),
  );
}

/** Thanos writes errors as null, a text, or an object. */
function faultText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const FAR_MS = 8.64e15;

function openEnded(value: unknown): number {
  const time = Number(value);
  return Math.abs(time) < FAR_MS ? time : Math.sign(time) * Number.POSITIVE_INFINITY;
}

async function gatherSeries(querier: Asked): Promise<Pick<HaFacts, 'targets' | 'warnings'>> {
  const ask = (query: string) => orUndefined(querier.instant(query, false));
  const [states, times, counts] = await Promise.all([
    ask('up'),
    ask('timestamp(up)'),
    ask('count_over_time(up[30m])'),
  ]);
  if (states === undefined || times === undefined) return { targets: undefined, warnings: [] };
  const newest = byLabels(times.samples);
  const scrapes = byLabels(counts?.samples ?? []);
  const targets = states.samples.map(({ labels, value }): TargetFacts => {
    const key = keyOf(labels);
    const sample = newest.get(key);
    const ageMs = sample === undefined ? 0 : sample.timeMs - sample.value * 1000;
    return { labels, isUp: value === 1, ageMs, scrapes: scrapes.get(key)?.value ?? 0 };
  });
  return { targets, warnings: states.warnings };
}

function byLabels(samples: readonly InstantSample[]): ReadonlyMap<string, InstantSample> {
  return new Map(samples.map((sample) => [keyOf(sample.labels), sample]));
}

function keyOf(labels: LabelSet): string {
  return labelText(without(labels, ['__name__']));
}

function serverCandidates({ builds }: MetricFacts): readonly string[] {
  return builds
    .filter(({ program }) => program === 'Prometheus')
    .map(({ instance }) => instance)
    .filter((instance) => /^[^/\s]+:\d+$/.test(instance))
    .map((instance) => `http://${instance}`);
}

/** What fails is a fact that is not known. */
export async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch {
    return undefined;
  }
}

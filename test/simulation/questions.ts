/**
 * Asks the querier and holds its answers against the model, in two steps: what each sidecar sent must be what the model
 * knows of its replica, stale markers included; and what the querier makes of it must be what the rule of merging says.
 */
import { labelValue } from '../../src/model/labels.ts';
import type { MatrixSeries } from '../../src/model/result.ts';
import type { Chaos } from './chaos.ts';
import { type Bounds, faultsOfMerged, mergedSamples } from './merge.ts';
import { faultsOfReplica, type GivenSample } from './model.ts';
import { type RangeAnswer, seriesName } from './querier.ts';
import type { Replica } from './replica.ts';
import { METRIC } from './target.ts';
import type { SentChunk, WireAnswer } from './wire.ts';
import type { World } from './world.ts';

/** In a calm system what was scraped so long ago is acknowledged: two questions find the same. */
const SETTLED_MS = 1000;

export async function keepAsking(world: World, chaos: Chaos): Promise<readonly string[]> {
  const { clock, endMs, intervalMs, below } = world;
  const faults: string[] = [];
  for (;;) {
    await clock.sleep(2 * intervalMs + below(6 * intervalMs));
    if (clock.nowMs() >= endMs) return faults;
    faults.push(...(await askBoth(world, chaos)));
  }
}

/** Each replica by itself, then both merged. */
export async function askBoth(world: World, chaos: Chaos): Promise<readonly string[]> {
  const apart = await askRaw(world, chaos, false);
  const merged = await askRaw(world, chaos, true);
  return [...apart, ...merged];
}

async function askRaw(
  world: World,
  chaos: Chaos,
  deduplicate: boolean,
): Promise<readonly string[]> {
  const { ask, clock, startMs, counts, wire } = world;
  const bounds = { afterMs: startMs, untilMs: clock.nowMs() };
  wire.length = 0;
  chaos.isQuestionOpen = true;
  const answer = await ask({
    query: `{__name__=~"up|${METRIC}"}[${bounds.untilMs - startMs}ms]`,
    startMs,
    endMs: bounds.untilMs,
    stepMs: 0,
    deduplicate,
  });
  chaos.isQuestionOpen = false;
  counts.queries++;
  if (answer.warnings.length > 0) counts.partialAnswers++;
  const sent = [...wire].map((one) => readSent(world, one));
  const faults = sent.flatMap((one) => faultsOfSent(one, answer, bounds));
  const silent = world.replicas.length - sent.length;
  if (silent !== 0) faults.push(`${silent} of the replicas were not asked`);
  const check = deduplicate ? checkMerged : checkApart;
  return [...faults, ...check(sent, answer, bounds)];
}

/** What one sidecar sent: chunks by the names of the model. */
interface Sent {
  readonly replica: Replica;
  readonly isWhole: boolean;
  readonly chunks: ReadonlyMap<string, readonly SentChunk[]>;
}

function readSent({ replicas }: World, answer: WireAnswer): Sent {
  const { series, isWarned } = answer.read();
  const chunks = new Map<string, SentChunk[]>();
  for (const one of series) {
    const name = seriesName(one.labels);
    chunks.set(name, [...(chunks.get(name) ?? []), ...one.chunks]);
  }
  const replica = replicas.find(({ name }) => name === answer.name) as Replica;
  return { replica, isWhole: answer.isWhole && !isWarned, chunks };
}

/** Whoever did not answer wholly is warned of, and nobody else; whoever did sent all that is known of it. */
function faultsOfSent(
  { replica, isWhole, chunks }: Sent,
  { warnings }: RangeAnswer,
  bounds: Bounds,
): string[] {
  const { name, model } = replica;
  const isWarned = warnings.some((text) => text.includes(`sidecar-${name}`));
  const names = new Set([...chunks.keys(), ...model.series.keys()]);
  const faults = [...names].flatMap((series) => {
    const samples = (chunks.get(series) ?? []).flatMap((chunk) => chunk.samples);
    const asked = { ...bounds, isWhole, showsMarkers: true };
    const found = faultsOfReplica(model.series.get(series), samples, asked);
    return found.map((fault) => `sent by ${name}, ${series}: ${fault}`);
  });
  if (isWarned === isWhole) {
    const how = isWhole ? 'answered' : 'did not answer wholly';
    faults.push(`${name} ${how}, and the warnings are: ${warnings.join('; ') || 'none'}`);
  }
  return faults;
}

function checkApart(
  sent: readonly Sent[],
  { series }: RangeAnswer,
  bounds: Bounds,
): readonly string[] {
  return sent.flatMap(({ replica, isWhole }) => {
    const own = series.filter(({ labels }) => labelValue(labels, 'replica') === replica.name);
    const given = new Map(own.map((one) => [seriesName(one.labels), givenOf(one)]));
    const twice = own.length - given.size;
    const names = new Set([...given.keys(), ...replica.model.series.keys()]);
    const faults = [...names].flatMap((name) => {
      const asked = { ...bounds, isWhole, showsMarkers: false };
      const found = faultsOfReplica(replica.model.series.get(name), given.get(name) ?? [], asked);
      return found.map((fault) => `${replica.name}, ${name}: ${fault}`);
    });
    return twice === 0 ? faults : [...faults, `${replica.name}: ${twice} series came twice`];
  });
}

/** Exactly what the rule makes of what was sent. */
function checkMerged(
  sent: readonly Sent[],
  { series }: RangeAnswer,
  bounds: Bounds,
): readonly string[] {
  const given = new Map(series.map((one) => [seriesName(one.labels), givenOf(one)]));
  const names = new Set([...given.keys(), ...sent.flatMap(({ chunks }) => [...chunks.keys()])]);
  const faults = [...names].flatMap((name) => {
    const chunks = sent.flatMap((one) => one.chunks.get(name) ?? []);
    const found = faultsOfMerged(mergedSamples(chunks, bounds), given.get(name) ?? []);
    return found.map((fault) => `merged, ${name}: ${fault}`);
  });
  const kept = series.filter(({ labels }) => labelValue(labels, 'replica') !== '');
  return [
    ...faults,
    ...(given.size === series.length ? [] : ['merged: a series came twice']),
    ...(kept.length === 0 ? [] : ['merged: the replica label is still there']),
  ];
}

function givenOf({ times, values }: MatrixSeries): readonly GivenSample[] {
  return Array.from(times, (time, i) => ({ time, value: values[i] as number }));
}

/** In a calm system the engine counts what a raw question shows, window by window. */
export async function askAggregate({
  ask,
  clock,
  startMs,
  intervalMs,
}: World): Promise<readonly string[]> {
  const windowMs = 4 * intervalMs;
  const endMs = clock.nowMs() - SETTLED_MS;
  const raw = await ask({
    query: `${METRIC}[${endMs - startMs}ms]`,
    startMs,
    endMs,
    stepMs: 0,
    deduplicate: true,
  });
  const grid = { startMs: startMs + windowMs, endMs, stepMs: intervalMs };
  const counted = await ask({
    query: `sum by (instance) (count_over_time(${METRIC}[${windowMs}ms]))`,
    ...grid,
    deduplicate: true,
  });
  const instances = Map.groupBy(raw.series, ({ labels }) => labelValue(labels, 'instance'));
  return [...instances].flatMap(([instance, series]) => {
    const found = counted.series.find(({ labels }) => labelValue(labels, 'instance') === instance);
    const values = new Map([...(found?.times ?? [])].map((time, i) => [time, found?.values[i]]));
    const faults: string[] = [];
    for (let time = grid.startMs; time <= endMs; time += intervalMs) {
      const want = series
        .flatMap(({ times }) => [...times])
        .filter((at) => at > time - windowMs && at <= time).length;
      const have = values.get(time) ?? 0;
      if (have !== want) faults.push(`${instance} counts ${have} at ${time} instead of ${want}`);
    }
    return faults;
  });
}

/** Asks the querier and holds its answers against the model. */
import { labelValue } from '../../src/model/labels.ts';
import type { MatrixSeries } from '../../src/model/result.ts';
import type { Chaos } from './chaos.ts';
import {
  faultsOfMerged,
  faultsOfReplica,
  type ReplicaModel,
  type SeriesState,
  type TimeRange,
} from './model.ts';
import { type RangeAnswer, seriesName } from './querier.ts';
import type { Replica } from './replica.ts';
import { QUERIER } from './sidecar.ts';
import { METRIC } from './target.ts';
import type { World } from './world.ts';

/** What was scraped so long ago is acknowledged or not, and stays so. */
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
  const { ask, clock, startMs, counts } = world;
  const range = { afterMs: startMs, untilMs: clock.nowMs() - SETTLED_MS };
  const before = { disturbances: chaos.disturbances + counts.deaths, away: awayOf(world, chaos) };
  chaos.isQuestionOpen = true;
  const answer = await ask({
    query: `{__name__=~"up|${METRIC}"}[${range.untilMs - startMs}ms]`,
    startMs,
    endMs: range.untilMs,
    stepMs: 0,
    deduplicate,
  });
  chaos.isQuestionOpen = false;
  counts.queries++;
  if (answer.warnings.length > 0) counts.partialAnswers++;
  const isCalm = chaos.disturbances + counts.deaths === before.disturbances;
  const warned = world.replicas.filter(({ name }) => isNamed(answer, name));
  const faults = isCalm ? warningFaults(answer, before.away, warned) : [];
  const check = deduplicate ? checkMerged : checkApart;
  return [...faults, ...check(world, answer, { range, warned })];
}

/** Replicas that the querier cannot reach. */
function awayOf({ replicas }: World, { cut }: Chaos): readonly Replica[] {
  return replicas.filter(({ name, isAlive }) => !isAlive || cut.has(`${QUERIER} sidecar-${name}`));
}

function isNamed({ warnings }: RangeAnswer, name: string): boolean {
  return warnings.some((text) => text.includes(`sidecar-${name}`));
}

function warningFaults(
  { warnings }: RangeAnswer,
  away: readonly Replica[],
  warned: readonly Replica[],
): readonly string[] {
  return [
    ...away.flatMap((one) => (warned.includes(one) ? [] : [`no warning that ${one.name} is away`])),
    ...warned.flatMap((one) =>
      away.includes(one) || one.isRotten
        ? []
        : [`a warning of ${one.name}, which is well: ${warnings.join('; ')}`],
    ),
  ];
}

interface Asked {
  readonly range: TimeRange;
  /** Those of which the answer says that they are missing. */
  readonly warned: readonly Replica[];
}

function checkApart(
  { replicas }: World,
  { series }: RangeAnswer,
  { range, warned }: Asked,
): readonly string[] {
  return replicas.flatMap((replica) => {
    const own = series.filter(({ labels }) => labelValue(labels, 'replica') === replica.name);
    const given = new Map(own.map((one) => [seriesName(one), givenOf(one)]));
    const twice = own.length - given.size;
    const names = new Set([...given.keys(), ...replica.model.series.keys()]);
    const faults = [...names].flatMap((name) => {
      const known = replica.model.series.get(name);
      const state = warned.includes(replica) ? doubted(known) : known;
      const found = faultsOfReplica(state, given.get(name) ?? NOTHING, range);
      return found.map((fault) => `${replica.name}, ${name}: ${fault}`);
    });
    return twice === 0 ? faults : [...faults, `${replica.name}: ${twice} series came twice`];
  });
}

const NOTHING = { times: [], values: [] };

function doubted(state: SeriesState | undefined): SeriesState | undefined {
  if (state === undefined) return undefined;
  return {
    certain: new Map(),
    possible: new Map([...state.possible, ...state.certain]),
    deleted: new Map(),
  };
}

function checkMerged(
  { replicas, intervalMs }: World,
  { series }: RangeAnswer,
  { range, warned }: Asked,
): readonly string[] {
  const given = new Map(series.map((one) => [seriesName(one), givenOf(one)]));
  const names = new Set([
    ...given.keys(),
    ...replicas.flatMap(({ model }) => [...model.series.keys()]),
  ]);
  const faults = [...names].flatMap((name) => {
    const states = replicas.map((replica) => {
      const state = replica.model.series.get(name);
      return warned.includes(replica) ? doubted(state) : state;
    });
    const staleTimes = replicas.flatMap(({ model }) => failedScrapes(model, name));
    const rules = { ...range, intervalMs, staleTimes };
    const found = faultsOfMerged(states, given.get(name) ?? NOTHING, rules);
    return found.map((fault) => `merged, ${name}: ${fault}`);
  });
  const kept = series.filter(({ labels }) => labelValue(labels, 'replica') !== '');
  return [
    ...faults,
    ...(given.size === series.length ? [] : ['merged: a series came twice']),
    ...(kept.length === 0 ? [] : ['merged: the replica label is still there']),
  ];
}

/** Times at which the target of a series was found down. */
function failedScrapes({ series }: ReplicaModel, name: string): readonly number[] {
  const up = series.get(`up ${name.split(' ')[1]}`);
  return [...(up?.certain ?? []), ...(up?.possible ?? [])].flatMap(([time, value]) =>
    value === 0 && !name.startsWith('up ') ? [time] : [],
  );
}

function givenOf({ times, values }: MatrixSeries): {
  readonly times: readonly number[];
  readonly values: readonly number[];
} {
  return { times: [...times], values: [...values] };
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

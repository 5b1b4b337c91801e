/**
 * What the system must know, in plain maps: for each replica and series the samples whose scrape was acknowledged
 * (certain), and those that may be there or not, because the replica died with them in hand or its disk was damaged.
 */
export type SeriesName = string;

/** Time in milliseconds → value. */
export type Samples = Map<number, number>;

export interface SeriesState {
  readonly certain: Samples;
  readonly possible: Samples;
  /** Come back when what says that they are deleted is lost. */
  readonly deleted: Samples;
}

export class ReplicaModel {
  readonly series: Map<SeriesName, SeriesState> = new Map();

  acknowledge(name: SeriesName, timeMs: number, value: number): void {
    this.#state(name).certain.set(timeMs, value);
  }

  doubt(name: SeriesName, timeMs: number, value: number): void {
    this.#state(name).possible.set(timeMs, value);
  }

  /** After damage to its files nothing is certain any more. */
  doubtAll(): void {
    for (const { certain, possible, deleted } of this.series.values()) {
      for (const samples of [certain, deleted]) {
        for (const [time, value] of samples) possible.set(time, value);
        samples.clear();
      }
    }
  }

  /** Both ends belong to it. */
  doubtRange(name: SeriesName, minTime: number, maxTime: number): void {
    const { certain, possible } = this.#state(name);
    for (const [time, value] of certain) {
      if (time < minTime || time > maxTime) continue;
      possible.set(time, value);
      certain.delete(time);
    }
  }

  /** Both ends belong to it. */
  delete(name: SeriesName, minTime: number, maxTime: number): void {
    const { certain, possible, deleted } = this.#state(name);
    for (const samples of [certain, possible]) {
      for (const [time, value] of samples) {
        if (time < minTime || time > maxTime) continue;
        samples.delete(time);
        deleted.set(time, value);
      }
    }
  }

  #state(name: SeriesName): SeriesState {
    let state = this.series.get(name);
    if (state === undefined) {
      state = { certain: new Map(), possible: new Map(), deleted: new Map() };
      this.series.set(name, state);
    }
    return state;
  }
}

/** Samples as a query gave them. */
export interface Given {
  readonly times: readonly number[];
  readonly values: readonly number[];
}

export interface TimeRange {
  /** Exclusive. */
  readonly afterMs: number;
  /** Inclusive. */
  readonly untilMs: number;
}

/** What is wrong with the samples of one replica: each certain one once, no other but possible ones. */
export function faultsOfReplica(
  state: SeriesState | undefined,
  given: Given,
  { afterMs, untilMs }: TimeRange,
): readonly string[] {
  const { certain = new Map(), possible = new Map() } = state ?? {};
  const faults = orderFaults(given);
  const seen = new Set<number>();
  given.times.forEach((time, i) => {
    seen.add(time);
    const value = given.values[i];
    if (certain.get(time) !== value && possible.get(time) !== value) {
      faults.push(`${value} at ${time} was never written`);
    }
  });
  for (const [time, value] of certain) {
    const isAsked = time > afterMs && time <= untilMs;
    if (isAsked && !seen.has(time)) faults.push(`${value} at ${time} is lost`);
  }
  return faults;
}

export interface MergeRules extends TimeRange {
  readonly intervalMs: number;
  /** When a replica may have written a stale marker: merging goes by them as by samples, but nobody is shown them. */
  readonly staleTimes: readonly number[];
}

/**
 * What is wrong with the samples that were made of those of both replicas: strictly ascending, each from one of them, and
 * no gap longer than the penalty rule explains. A replica is left for the other after twice its last distance; chunks of
 * both that follow each other count as one replica, so that a marker of one may punish the other once more. Therefore a
 * first gap has at most six intervals, and one soon after a gap or a hole of both may be three times as long as that was.
 */
export function faultsOfMerged(
  states: readonly (SeriesState | undefined)[],
  given: Given,
  { afterMs, untilMs, intervalMs, staleTimes }: MergeRules,
): readonly string[] {
  const faults = orderFaults(given);
  given.times.forEach((time, i) => {
    const value = given.values[i];
    const isKnown = states.some(
      (state) => state?.certain.get(time) === value || state?.possible.get(time) === value,
    );
    if (!isKnown) faults.push(`${value} at ${time} is of no replica`);
  });
  const certain = states
    .flatMap((state) => [...(state?.certain.keys() ?? [])])
    .filter((time) => time > afterMs && time <= untilMs)
    .sort((a, b) => a - b);
  const shown = [...given.times, ...staleTimes].sort((a, b) => a - b);
  const ends = [afterMs, ...shown.filter((time) => time > afterMs && time < untilMs), untilMs];
  const slackMs = 1.2 * intervalMs;
  const holes = gapsOf([afterMs, ...certain, untilMs], slackMs);
  const gaps = gapsOf(ends, slackMs);
  for (const { from, to } of gaps) {
    const before = [
      ...gaps.filter((gap) => gap.to <= from),
      ...holes.filter((hole) => hole.from < to),
    ]
      .filter((gap) => gap.to + 3 * (gap.to - gap.from) + 2 * slackMs >= from)
      .map((gap) => 3 * (gap.to - gap.from) + 3 * slackMs);
    if (to - from > Math.max(6 * slackMs, ...before)) {
      faults.push(`nothing between ${from} and ${to}`);
    }
  }
  return faults;
}

interface Gap {
  readonly from: number;
  readonly to: number;
}

function gapsOf(times: readonly number[], leastMs: number): readonly Gap[] {
  return times.flatMap((to, i) =>
    i > 0 && to - times[i - 1] > leastMs ? [{ from: times[i - 1], to }] : [],
  );
}

function orderFaults({ times }: Given): string[] {
  return times.flatMap((time, i) =>
    i > 0 && time <= times[i - 1] ? [`${time} comes after ${times[i - 1]}`] : [],
  );
}

/**
 * What the system must know, in plain maps: for each replica and series the samples whose scrape was acknowledged
 * (certain), and those that may be there or not, because the replica died with them in hand or its disk was damaged.
 */
export type SeriesName = string;

/** A stale marker is a sample to all but those who ask the engine. */
export type Value = number | 'stale';

export interface Sample {
  readonly value: Value;
  /** When it became known; whoever asked before need not be given it. */
  readonly knownMs: number;
}

/** By time in milliseconds. */
export type Samples = Map<number, Sample>;

export interface SeriesState {
  readonly certain: Samples;
  readonly possible: Samples;
  /** Come back when what says that they are deleted is lost. */
  readonly deleted: Samples;
}

export class ReplicaModel {
  readonly series: Map<SeriesName, SeriesState> = new Map();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  acknowledge(name: SeriesName, timeMs: number, value: Value): void {
    this.#state(name).certain.set(timeMs, { value, knownMs: this.#nowMs() });
  }

  doubt(name: SeriesName, timeMs: number, value: Value): void {
    this.#state(name).possible.set(timeMs, { value, knownMs: this.#nowMs() });
  }

  /**
   * A stale marker is not there when the series has a sample of its time or later. When its newest sample is older than
   * what the head keeps for sure, the head may have forgotten the series, and who writes the marker knows no labels.
   */
  acknowledgeMarker(name: SeriesName, timeMs: number, keptFromMs: number): void {
    const { certain, possible, deleted } = this.#state(name);
    const [sure, unsure] = [[certain, deleted], [possible]].map((lists) =>
      Math.max(...lists.flatMap((samples) => [...samples.keys()])),
    ) as [number, number];
    if (sure >= timeMs) return;
    if (unsure >= timeMs || sure < keptFromMs) this.doubt(name, timeMs, 'stale');
    else this.acknowledge(name, timeMs, 'stale');
  }

  /** After damage to its files nothing is certain any more. */
  doubtAll(): void {
    for (const { certain, possible, deleted } of this.series.values()) {
      for (const samples of [certain, deleted]) {
        for (const [time, sample] of samples) possible.set(time, sample);
        samples.clear();
      }
    }
  }

  /** Both ends belong to it. */
  doubtRange(name: SeriesName, minTime: number, maxTime: number): void {
    const { certain, possible } = this.#state(name);
    for (const [time, sample] of certain) {
      if (time < minTime || time > maxTime) continue;
      possible.set(time, sample);
      certain.delete(time);
    }
  }

  /** Both ends belong to it. */
  delete(name: SeriesName, minTime: number, maxTime: number): void {
    const { certain, possible, deleted } = this.#state(name);
    for (const samples of [certain, possible]) {
      for (const [time, sample] of samples) {
        if (time < minTime || time > maxTime) continue;
        samples.delete(time);
        deleted.set(time, sample);
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

export interface GivenSample {
  readonly time: number;
  readonly value: Value;
}

/** What was asked of one replica. */
export interface Asked {
  /** Exclusive. */
  readonly afterMs: number;
  /** Inclusive; also when it was asked. */
  readonly untilMs: number;
  /** Whether all of it must be there: the replica answered. */
  readonly isWhole: boolean;
  /** Whether stale markers are shown. */
  readonly showsMarkers: boolean;
}

/** What is wrong with the samples of one replica: each certain one once, no other but possible ones. */
export function faultsOfReplica(
  state: SeriesState | undefined,
  given: readonly GivenSample[],
  { afterMs, untilMs, isWhole, showsMarkers }: Asked,
): readonly string[] {
  const { certain = new Map(), possible = new Map() } = state ?? {};
  const faults: string[] = [];
  const seen = new Set<number>();
  let last = Number.NEGATIVE_INFINITY;
  for (const { time, value } of given) {
    if (time <= last) faults.push(`${time} comes after ${last}`);
    last = time;
    seen.add(time);
    if (certain.get(time)?.value !== value && possible.get(time)?.value !== value) {
      faults.push(`${value} at ${time} was never written`);
    }
  }
  if (!isWhole) return faults;
  for (const [time, { value, knownMs }] of certain) {
    const isAsked = time > afterMs && time <= untilMs && knownMs <= untilMs;
    const isShown = showsMarkers || value !== 'stale';
    if (isAsked && isShown && !seen.has(time)) faults.push(`${value} at ${time} is lost`);
  }
  return faults;
}

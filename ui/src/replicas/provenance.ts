/**
 * Which replica supplied each sample of a deduplicated series. Every sample of the result is one of a replica's, so it
 * is found again by its time and its value; where several have it, whoever supplied the sample before counts.
 */
export interface RawSeries {
  readonly metric: Readonly<Record<string, string>>;
  /** Seconds and the value as text; histograms as whatever text tells them apart. */
  readonly samples: readonly (readonly [number, string])[];
}

export interface Lane {
  /** Values of the replica labels, such as `A`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds, ascending. */
  readonly times: readonly number[];
  readonly values: readonly string[];
  /** Usual distance of two samples in milliseconds; 0 with fewer than two. */
  readonly intervalMs: number;
  readonly gaps: readonly Gap[];
}

/** No sample strictly between the two times, which is longer than usual. */
export interface Gap {
  readonly startMs: number;
  readonly endMs: number;
}

/** Consecutive samples of the result that one replica supplied. */
export interface Stretch {
  /** Index of the lane; -1 where no replica has such a sample. */
  readonly lane: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly count: number;
}

/** A gap of one replica in which the result has samples of others. */
export interface FilledGap extends Gap {
  readonly lane: number;
  readonly samples: number;
  /** The lanes that filled it. */
  readonly by: readonly number[];
}

/** A gap of the result, with the lanes that have samples in it: it was too short to change replica. */
export interface LeftGap extends Gap {
  readonly held: readonly number[];
}

export interface Provenance {
  readonly lanes: readonly Lane[];
  readonly result: Omit<Lane, 'labels' | 'name'>;
  /** Index of the lane for each sample of the result, or -1. */
  readonly suppliers: readonly number[];
  readonly stretches: readonly Stretch[];
  readonly filled: readonly FilledGap[];
  readonly left: readonly LeftGap[];
  /** Times the supplier changed. */
  readonly switches: number;
}

export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

/** Of one series: the same labels but for those of replicas. */
export function findProvenance(
  replicas: readonly RawSeries[],
  result: RawSeries | undefined,
  replicaLabels: readonly string[],
  window: Window,
): Provenance {
  const columns = (result?.samples ?? []).map(([seconds, value]) => [ms(seconds), value] as const);
  const times = columns.map(([time]) => time);
  const values = columns.map(([, value]) => value);
  const lanes = replicas
    .map((series) => laneOf(series, replicaLabels, times, window))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const suppliers = suppliersOf(lanes, times, values);
  const intervalMs = usualInterval(times);
  const gaps = gapsOf(times, intervalMs, window);
  return {
    lanes,
    result: { times, values, intervalMs, gaps },
    suppliers,
    stretches: stretchesOf(times, suppliers),
    filled: filledGaps(lanes, times, suppliers, window),
    left: gaps.map((gap) => ({ ...gap, held: lanesWithin(gap, lanes) })),
    switches: suppliers.filter((one, i) => i > 0 && one !== suppliers[i - 1]).length,
  };
}

/** Splits what a query without deduplication gave into the series of the result, by their labels without replicas. */
export function groupReplicas(
  raw: readonly RawSeries[],
  replicaLabels: readonly string[],
): ReadonlyMap<string, readonly RawSeries[]> {
  const groups = new Map<string, RawSeries[]>();
  for (const series of raw) {
    const key = seriesKey(series.metric, replicaLabels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [series]);
    else group.push(series);
  }
  return groups;
}

/** The same for series that differ in the given labels alone. */
export function seriesKey(
  metric: Readonly<Record<string, string>>,
  without: readonly string[],
): string {
  const names = Object.keys(metric).filter((name) => !without.includes(name));
  return JSON.stringify(names.sort().map((name) => [name, metric[name]]));
}

function ms(seconds: number): number {
  return Math.round(seconds * 1000);
}

function laneOf(
  { metric, samples }: RawSeries,
  replicaLabels: readonly string[],
  resultTimes: readonly number[],
  window: Window,
): Lane {
  const times = samples.map(([seconds]) => ms(seconds));
  const labels = Object.fromEntries(
    replicaLabels.flatMap((name) => (name in metric ? [[name, metric[name]]] : [])),
  );
  const intervalMs = usualInterval(times) || usualInterval(resultTimes);
  return {
    name: Object.values(labels).join(' · '),
    labels,
    times,
    values: samples.map(([, value]) => value),
    intervalMs,
    gaps: gapsOf(times, intervalMs, window),
  };
}

/** The median; 0 where there are fewer than two samples. */
export function usualInterval(times: readonly number[]): number {
  if (times.length < 2) return 0;
  const distances = times.slice(1).map((time, i) => time - times[i]);
  return distances.sort((a, b) => a - b)[distances.length >> 1];
}

/** A single late scrape is no gap, a lost one is. */
const GAP_INTERVALS = 1.6;

/** Also before the first and after the last sample, as far as the window goes. */
export function gapsOf(
  times: readonly number[],
  intervalMs: number,
  { startMs, endMs }: Window,
): readonly Gap[] {
  if (times.length === 0) return [{ startMs, endMs }];
  const gaps: Gap[] = [];
  const longMs = Math.max(1, intervalMs) * GAP_INTERVALS;
  let before = startMs;
  for (const time of [...times, endMs]) {
    if (time - before > longMs) gaps.push({ startMs: before, endMs: time });
    before = time;
  }
  return gaps;
}

function suppliersOf(
  lanes: readonly Lane[],
  times: readonly number[],
  values: readonly string[],
): readonly number[] {
  const cursors = lanes.map(() => 0);
  let last = -1;
  return times.map((time, i) => {
    const holders = lanes.flatMap((lane, l) => {
      while (lane.times[cursors[l]] < time) cursors[l]++;
      const at = cursors[l];
      return lane.times[at] === time && lane.values[at] === values[i] ? [l] : [];
    });
    last = holders.includes(last) ? last : (holders[0] ?? -1);
    return last;
  });
}

function stretchesOf(times: readonly number[], suppliers: readonly number[]): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const [i, time] of times.entries()) {
    const last = stretches.at(-1);
    if (last?.lane === suppliers[i]) {
      stretches[stretches.length - 1] = { ...last, endMs: time, count: last.count + 1 };
    } else stretches.push({ lane: suppliers[i], startMs: time, endMs: time, count: 1 });
  }
  return stretches;
}

function filledGaps(
  lanes: readonly Lane[],
  times: readonly number[],
  suppliers: readonly number[],
  window: Window,
): readonly FilledGap[] {
  return lanes
    .flatMap((one, lane) =>
      one.gaps.map((gap) => {
        // Replicas scrape at different moments: the one that starts a moment sooner has closed no gap of the other.
        const startMs = gap.startMs + (gap.endMs === window.endMs ? one.intervalMs : 0);
        const endMs = gap.endMs - (gap.startMs === window.startMs ? one.intervalMs : 0);
        const from = lowerBound(times, startMs + 1);
        const to = Math.max(from, lowerBound(times, endMs));
        const inside = suppliers.slice(from, to).filter((supplier) => supplier !== lane);
        return { ...gap, lane, samples: inside.length, by: [...new Set(inside)].sort() };
      }),
    )
    .filter(({ samples }) => samples > 0)
    .sort((a, b) => a.startMs - b.startMs || a.lane - b.lane);
}

function lanesWithin({ startMs, endMs }: Gap, lanes: readonly Lane[]): readonly number[] {
  return lanes.flatMap(({ times }, lane) =>
    lowerBound(times, endMs) > lowerBound(times, startMs + 1) ? [lane] : [],
  );
}

/** Index of the first element that is not below the value. */
export function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the element nearest to the value; -1 when there is none. */
export function nearest(sorted: readonly number[], value: number): number {
  const at = lowerBound(sorted, value);
  if (at === 0) return sorted.length === 0 ? -1 : 0;
  if (at === sorted.length) return at - 1;
  return value - sorted[at - 1] <= sorted[at] - value ? at - 1 : at;
}

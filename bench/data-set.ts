/**
 * The data that queries run on: jobs × instances with counters, gauges and histograms, 24 hours of scrapes. The
 * same seed gives the same bytes. A quarter of the scrapes is off by up to 3 ms, one in 2,000 is missing, a tenth
 * of the counters is reset once.
 */
import { type Random, seededRandom } from '../src/base/random.ts';

export type Size = 's' | 'm' | 'l';

export interface DataSet {
  readonly size: Size;
  readonly instances: number;
  /** Instances that have histograms. */
  readonly histogramInstances: number;
  readonly intervalMs: number;
  /**
   * Whether it is the other replica: the same counters scraped later in the same intervals, the first two times
   * not at all. Deduplication then has samples of two phases to choose from and follows the first replica to the
   * end, also from block to block, so that the answer is that of the first replica alone.
   */
  readonly isTwin: boolean;
}

export const DATA_SETS: Readonly<Record<Size, DataSet>> = {
  s: { size: 's', instances: 12, histogramInstances: 12, intervalMs: 15_000, isTwin: false },
  m: { size: 'm', instances: 100, histogramInstances: 100, intervalMs: 15_000, isTwin: false },
  l: { size: 'l', instances: 1000, histogramInstances: 100, intervalMs: 30_000, isTwin: false },
};

export function twinOf(set: DataSet): DataSet {
  return { ...set, isTwin: true };
}

/** Changes whenever the data do: data sets of other versions are made again. */
export const DATA_VERSION = 1;

export const START_MS = 1_700_006_400_000;
export const LENGTH_MS: number = 24 * 3600 * 1000;

const MISSING_OF_TWIN = 2;

const JOBS = ['api', 'web', 'db', 'cache'];
const METHODS = ['GET', 'POST'];
const CODES = ['200', '201', '400', '404', '500'];
const MEMORY_KINDS = ['used', 'cached', 'free', 'buffers'];
const SENSORS = ['a', 'b'];
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, Infinity];

type InstanceMetric = 'http_requests_total' | 'mem_bytes' | 'temp_celsius';

export const SERIES_PER_INSTANCE: Readonly<Record<InstanceMetric, number>> = {
  http_requests_total: METHODS.length * CODES.length,
  mem_bytes: MEMORY_KINDS.length,
  temp_celsius: SENSORS.length,
};
export const BUCKETS: number = BOUNDS.length;

/** Gives the whole set as OpenMetrics text, piece by piece; of a twin the counters alone. */
export function* openMetricsText(set: DataSet): Generator<string> {
  const random = seededRandom(set.instances * 31 + set.intervalMs);
  yield* requestCounters(set, random);
  if (!set.isTwin) {
    yield* memoryGauges(set, random);
    yield* temperatureGauges(set, random);
    yield* durationHistograms(set, random);
  }
  yield '# EOF\n';
}

interface Instance {
  readonly labels: string;
  /** When its scrapes fall into the interval; never near a whole multiple of it. */
  readonly offsetMs: number;
}

function* instances(set: DataSet, count: number, random: Random): Generator<Instance> {
  for (let i = 0; i < count; i++) {
    const job = JOBS[i % JOBS.length];
    const address = `10.0.${i >> 8}.${i & 255}:9100`;
    const offsetMs = 100 + Math.floor(random.next() * (set.intervalMs - 200));
    yield { labels: `job="${job}",instance="${address}"`, offsetMs };
  }
}

function scrapes(set: DataSet): number {
  return LENGTH_MS / set.intervalMs;
}

/** The lines of one series: value(i) is asked for every scrape, also the missing ones. */
function seriesText(
  name: string,
  { set, offsetMs, random }: { set: DataSet; offsetMs: number; random: Random },
  value: (scrape: number) => number,
): string {
  const lines: string[] = [];
  const lateMs = set.isTwin ? Math.floor((set.intervalMs - offsetMs) / 2) : 0;
  for (let i = 0; i < scrapes(set); i++) {
    const now = value(i);
    if (random.next() < 0.0005) continue;
    const chance = random.next();
    const jitterMs = chance < 0.25 ? Math.floor(random.next() * 7) - 3 : 0;
    const timeMs = START_MS + offsetMs + i * set.intervalMs + jitterMs + lateMs;
    if (set.isTwin && i < MISSING_OF_TWIN) continue;
    lines.push(`${name} ${now} ${(timeMs / 1000).toFixed(3)}\n`);
  }
  return lines.join('');
}

function* requestCounters(set: DataSet, random: Random): Generator<string> {
  yield '# TYPE http_requests counter\n';
  for (const { labels, offsetMs } of instances(set, set.instances, random)) {
    for (const method of METHODS) {
      for (const code of CODES) {
        const perSecond = code === '200' ? 5 + 50 * random.next() : 2 * random.next();
        const most = 2 * perSecond * (set.intervalMs / 1000);
        const resetAt = random.next() < 0.1 ? Math.floor(random.next() * scrapes(set)) : -1;
        let total = 1_000_000 + Math.floor(random.next() * 1_000_000);
        const name = `http_requests_total{${labels},method="${method}",code="${code}"}`;
        yield seriesText(name, { set, offsetMs, random }, (i) => {
          if (i === resetAt) total = 0;
          return (total += Math.floor(random.next() * most));
        });
      }
    }
  }
}

function* memoryGauges(set: DataSet, random: Random): Generator<string> {
  yield '# TYPE mem_bytes gauge\n';
  for (const { labels, offsetMs } of instances(set, set.instances, random)) {
    for (const kind of MEMORY_KINDS) {
      let pages = Math.floor(random.next() * 2_000_000);
      yield seriesText(`mem_bytes{${labels},kind="${kind}"}`, { set, offsetMs, random }, () => {
        const change = Math.floor((random.next() - 0.5) * 2000);
        if (random.next() < 0.7) pages = Math.max(0, pages + change);
        return pages * 4096;
      });
    }
  }
}

function* temperatureGauges(set: DataSet, random: Random): Generator<string> {
  yield '# TYPE temp_celsius gauge\n';
  for (const { labels, offsetMs } of instances(set, set.instances, random)) {
    for (const sensor of SENSORS) {
      let celsius = 40 + 20 * random.next();
      const name = `temp_celsius{${labels},sensor="${sensor}"}`;
      yield seriesText(name, { set, offsetMs, random }, () => (celsius += random.next() - 0.5));
    }
  }
}

function* durationHistograms(set: DataSet, random: Random): Generator<string> {
  yield '# TYPE req_duration_seconds histogram\n';
  for (const { labels, offsetMs } of instances(set, set.histogramInstances, random)) {
    const most = 2 * (2 + 20 * random.next()) * (set.intervalMs / 1000);
    const median = 0.02 + 0.3 * random.next();
    const counts = Array.from({ length: scrapes(set) }, () => Math.floor(random.next() * most));
    const at = { set, offsetMs, random };
    for (const bound of BOUNDS) {
      const share = bound === Infinity ? 1 : 1 / (1 + (bound / median) ** -1.8);
      const le = bound === Infinity ? '+Inf' : bound.toFixed(bound < 1 ? 3 : 1);
      let total = 1000;
      yield seriesText(`req_duration_seconds_bucket{${labels},le="${le}"}`, at, (i) => {
        return (total += Math.floor((counts[i] ?? 0) * share));
      });
    }
    let sum = 0;
    yield seriesText(`req_duration_seconds_sum{${labels}}`, at, (i) => {
      return (sum += (counts[i] ?? 0) * median);
    });
    let total = 1000;
    yield seriesText(`req_duration_seconds_count{${labels}}`, at, (i) => {
      return (total += counts[i] ?? 0);
    });
  }
}

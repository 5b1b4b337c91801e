/** Which scrapes a server made, by what it stored of them. */
import { fetchBody } from '../server.ts';

export interface Scrapes {
  readonly targets: number;
  readonly taken: number;
  /** Planned ones of which there is nothing, not even that they failed. */
  readonly missed: number;
  /** Of which `up` is 0. */
  readonly failed: number;
  /** That brought fewer samples than others of the same target. */
  readonly partial: number;
  /** Fewest samples that a successful scrape brought. */
  readonly samplesMin: number;
  readonly longestSeconds: number;
}

export interface ScrapesOptions {
  /** How far to look back. */
  readonly hours: number;
  readonly intervalSeconds: number;
  /** Scrapes are due from here to there, in Unix time. */
  readonly fromSeconds: number;
  readonly untilSeconds: number;
}

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [seconds: number, value: string])[];
}

/** Throws when the server cannot be asked. */
export async function readScrapes(url: string, options: ScrapesOptions): Promise<Scrapes> {
  const range = `[${options.hours}h]`;
  const [ups, samples, durations] = await Promise.all(
    ['up', 'scrape_samples_scraped', 'scrape_duration_seconds'].map((name) =>
      readSeries(url, `${name}{job="endurance"}${range}`),
    ),
  );
  const flat = (series: readonly Series[] = []): readonly number[] =>
    series.flatMap(({ values }) => values.map(([, value]) => Number(value)));
  const isUp = flat(ups);
  const counts = flat(samples).filter((_, i) => isUp[i] === 1);
  const mostSamples = counts.reduce((a, b) => Math.max(a, b), 0);
  return {
    targets: ups?.length ?? 0,
    taken: isUp.length,
    missed: (ups ?? []).reduce((sum, { values }) => sum + missedOf(values, options), 0),
    failed: isUp.filter((up) => up !== 1).length,
    partial: counts.filter((count) => count < mostSamples).length,
    samplesMin: counts.reduce((a, b) => Math.min(a, b), Infinity),
    longestSeconds: flat(durations).reduce((a, b) => Math.max(a, b), 0),
  };
}

/**
 * Whole intervals that lie between two scrapes of a target beyond the one that must; at both ends a whole one may be
 * open, since the phase of a target is its own.
 */
function missedOf(
  values: Series['values'],
  { intervalSeconds, fromSeconds, untilSeconds }: ScrapesOptions,
): number {
  const times = values.map(([time]) => time).filter((time) => time <= untilSeconds);
  const ends = [fromSeconds, ...times, untilSeconds];
  return ends.reduce((sum, time, i) => {
    const intervals = i === 0 ? 0 : (time - (ends[i - 1] as number)) / intervalSeconds;
    const isEnd = i === 1 || i === ends.length - 1;
    return sum + Math.max(0, isEnd ? Math.ceil(intervals - 0.1) - 1 : Math.round(intervals) - 1);
  }, 0);
}

async function readSeries(url: string, query: string): Promise<readonly Series[]> {
  const body = await fetchBody(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = JSON.parse(body.toString()) as {
    readonly data: { readonly result: readonly Series[] };
  };
  return data.result;
}

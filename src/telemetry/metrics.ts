/**
 * The metrics of a process. Every room declares its own in one table and gets typed handles back:
 *
 *     const metrics = registry.declare({
 *       up: gauge('thanos_sidecar_prometheus_up', 'Whether Prometheus answers.'),
 *       calls: counter('http_requests_total', 'Requests served.', ['code', 'handler', 'method']),
 *     });
 *     metrics.calls.inc({ code: '200', handler: 'query', method: 'get' });
 *
 * There is no registry but the one that is passed in.
 */
import { Counter, Gauge, Histogram, Registry, Summary } from '@prometheus-io/client';
import { type Exposition, type ExpositionFormat, printFamilies } from './exposition.ts';

export type { Counter, Gauge, Histogram, Summary } from '@prometheus-io/client';

/** How to make one metric in a registry. */
export type MetricDeclaration<Metric> = (registers: readonly Registry[]) => Metric;

type Declared<Table extends Record<string, MetricDeclaration<unknown>>> = {
  readonly [Key in keyof Table]: Table[Key] extends MetricDeclaration<infer Metric>
    ? Metric
    : never;
};

export interface MetricRegistry {
  /** Throws if a name is taken already. */
  declare<Table extends Record<string, MetricDeclaration<unknown>>>(table: Table): Declared<Table>;
  /** Everything declared, in the format of a scrape. */
  print(format: ExpositionFormat): Promise<Exposition>;
  /** For collectors that come as a library. */
  readonly underlying: Registry;
}

export function createMetricRegistry(): MetricRegistry {
  const underlying = new Registry();
  return {
    underlying,
    declare<Table extends Record<string, MetricDeclaration<unknown>>>(table: Table) {
      const made = Object.entries(table).map(([key, make]) => [key, make([underlying])]);
      return Object.fromEntries(made) as Declared<Table>;
    },
    print: async (format) => printFamilies(await underlying.getMetricsAsJSON(), format),
  };
}

/** Only rises. */
export function counter<Label extends string = never>(
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
): MetricDeclaration<Counter<Label>> {
  return (registers) =>
    new Counter({ name, help, labelNames: [...labelNames], registers: [...registers] });
}

/** Goes up and down. */
export function gauge<Label extends string = never>(
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
): MetricDeclaration<Gauge<Label>> {
  return (registers) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [...registers] });
}

/** A gauge whose value is taken when it is scraped. */
export function sampledGauge(
  name: string,
  help: string,
  sample: () => number,
): MetricDeclaration<Gauge> {
  return (registers) => {
    const made: Gauge = new Gauge({
      name,
      help,
      registers: [...registers],
      collect: () => made.set(sample()),
    });
    return made;
  };
}

/** A counter that rises, when it is scraped, by what it is told. */
export function sampledCounter(
  name: string,
  help: string,
  growth: () => number,
): MetricDeclaration<Counter> {
  return (registers) => {
    const made: Counter = new Counter({
      name,
      help,
      registers: [...registers],
      collect: () => made.inc(growth()),
    });
    return made;
  };
}

/** A family whose series are found when it is scraped. */
export interface SampledFamily {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge';
  readonly labelNames: readonly string[];
  /** All that there is now; samples of the same labels add up. */
  sample(): Iterable<LabeledSample>;
}

export interface LabeledSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export function sampledFamily(
  family: SampledFamily,
): MetricDeclaration<Counter<string> | Gauge<string>> {
  const { name, help, kind, labelNames } = family;
  const Metric = kind === 'counter' ? Counter : Gauge;
  return (registers) => {
    const made: Counter<string> | Gauge<string> = new Metric({
      name,
      help,
      labelNames: [...labelNames],
      registers: [...registers],
      collect() {
        made.reset();
        for (const { labels, value } of family.sample()) made.inc(labels, value);
      },
    });
    return made;
  };
}

export interface HistogramSpec<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly Label[];
  /** Upper bounds, rising, without +Inf. */
  readonly buckets: readonly number[];
}

export function histogram<Label extends string = never>(
  spec: HistogramSpec<Label>,
): MetricDeclaration<Histogram<Label>> {
  const { name, help, labelNames = [], buckets } = spec;
  return (registers) =>
    new Histogram({
      name,
      help,
      labelNames: [...labelNames],
      buckets: [...buckets],
      registers: [...registers],
    });
}

/** Observations that are put into a summary together. */
const HELD_MAX = 256;

/** Quantiles over the last ten minutes, give or take what is held. */
export function summary<Label extends string = never>(
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
  quantiles: readonly number[] = [0.5, 0.9, 0.99],
): MetricDeclaration<Summary<Label>> {
  return (registers) => {
    const held: Parameters<Summary<Label>['observe']>[] = [];
    const made = new Summary({
      name,
      help,
      labelNames: [...labelNames],
      percentiles: [...quantiles],
      maxAgeSeconds: 600,
      ageBuckets: 5,
      registers: [...registers],
      collect: () => flush(),
    });
    const observe = made.observe.bind(made);
    const flush = (): void => {
      for (const observation of held.splice(0)) observe(...observation);
    };
    // One by one they take 50 µs each, five digests being out of every cache; in a row a tenth of that.
    return Object.assign(made, {
      observe(...observation: (typeof held)[number]) {
        held.push(observation);
        if (held.length === HELD_MAX) flush();
      },
    });
  };
}

/** `count` bounds from `start`, each `factor` times the one before. */
export function exponentialBuckets(start: number, factor: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => start * factor ** i);
}

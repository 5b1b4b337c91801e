/**
 * The names that a query may use: metrics, labels and values of the server within a time range, with types and
 * help. Everything is asked once per range and kept; lists that are too long are asked for again by what was typed.
 */
import type { QueryClient } from '@tanstack/react-query';
import { isPlainName, quoteText } from '../../../src/model/labels-text.ts';
import { type ApiParameters, askApi, printParameters } from '../data/api.ts';
import { NameIndex } from './name-index.ts';

/** Where to look: parameters such as `storeMatch[]` come on top. */
export interface VocabularyScope {
  readonly startMs: number;
  readonly endMs: number;
  readonly parameters: ApiParameters;
}

export interface MetricHelp {
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

/** A list of the server; `isWhole` is false where it was cut at a limit. */
export interface NameList {
  readonly index: NameIndex;
  readonly isWhole: boolean;
}

const METRICS_MAX = 200_000;
const LABELS_MAX = 10_000;
const VALUES_MAX = 10_000;
const HELP_MAX = 20_000;
const FRESH_MS = 5 * 60_000;
/** Ranges are widened to this grid: looking again a minute later asks nothing new. */
const GRID_MS = 10 * 60_000;

/** So many letters are enough to ask for what contains them. */
const NARROW_FROM = 2;
const NARROWED_MAX = 1000;

interface Listing {
  readonly parameters: ApiParameters;
  readonly narrowed: ApiParameters;
  readonly typed: string;
}

type Metadata = Readonly<Record<string, readonly MetricHelp[]>>;

export class Vocabulary {
  /** Equal for vocabularies of the same names. */
  readonly key: string;
  readonly #client: QueryClient;
  readonly #scope: ApiParameters;
  #known: Metadata = {};

  constructor(client: QueryClient, { startMs, endMs, parameters }: VocabularyScope) {
    this.#client = client;
    this.#scope = {
      ...parameters,
      start: (Math.floor(startMs / GRID_MS) * GRID_MS) / 1000,
      end: (Math.ceil(endMs / GRID_MS) * GRID_MS) / 1000,
    };
    this.key = printParameters(this.#scope);
  }

  /** `typed` matters only where there are more metrics than one asks for. */
  metrics(typed = ''): Promise<NameList> {
    return this.#listed('/api/v1/label/__name__/values', {
      parameters: { limit: METRICS_MAX },
      narrowed: { 'match[]': selectorWith(undefined, '__name__', typed) },
      typed,
    });
  }

  /** Names of labels, of the series of a selector if one is given. */
  labels(selector: string | undefined): Promise<NameList> {
    return this.#list('/api/v1/labels', { 'match[]': selector, limit: LABELS_MAX });
  }

  /** Values of a label, of the series of a selector if one is given. */
  values(label: string, selector: string | undefined, typed = ''): Promise<NameList> {
    return this.#listed(`/api/v1/label/${encodeURIComponent(escapedLabel(label))}/values`, {
      parameters: { 'match[]': selector, limit: VALUES_MAX },
      narrowed: { 'match[]': selectorWith(selector, label, typed) },
      typed,
    });
  }

  /** Types and help of all metrics, as far as they are not too many. */
  async help(): Promise<Metadata> {
    this.#known = await this.#keep('/api/v1/metadata', { limit: HELP_MAX, limit_per_metric: 1 });
    return this.#known;
  }

  /** The type of a metric if it is known by now: for lists that must not wait. */
  knownType(metric: string): string {
    return helpIn(this.#known, metric)?.type ?? '';
  }

  /** Type and help of one metric; undefined if the server knows none. */
  async helpOf(metric: string): Promise<MetricHelp | undefined> {
    const known = helpIn(await this.help(), metric);
    if (known !== undefined) return known;
    const parameters = { metric: baseName(metric), limit_per_metric: 1 };
    return helpIn(await this.#keep<Metadata>('/api/v1/metadata', parameters), metric);
  }

  /** The whole list, or if it was cut what of it contains the typed letters. */
  async #listed(path: string, { parameters, narrowed, typed }: Listing): Promise<NameList> {
    const whole = await this.#list(path, parameters);
    if (whole.isWhole || typed.length < NARROW_FROM) return whole;
    return this.#list(path, { ...narrowed, limit: NARROWED_MAX });
  }

  async #list(path: string, parameters: ApiParameters): Promise<NameList> {
    const wanted = { ...this.#scope, ...parameters };
    return this.#client.fetchQuery({
      queryKey: [path, wanted, 'index'],
      queryFn: async ({ signal }) => {
        const { data, warnings } = await askApi<readonly string[]>(path, wanted, { signal });
        const isWhole = !warnings.some((warning) => warning.includes('truncated'));
        return { index: new NameIndex(data), isWhole };
      },
      staleTime: FRESH_MS,
      retry: false,
    });
  }

  async #keep<T>(path: string, parameters: ApiParameters): Promise<T> {
    return this.#client.fetchQuery({
      queryKey: [path, parameters, 'data'],
      queryFn: async ({ signal }) => (await askApi<T>(path, parameters, { signal })).data,
      staleTime: FRESH_MS,
      retry: false,
    });
  }
}

/** A selector with one more condition: that a label contains what was typed, in any case. */
export function selectorWith(selector: string | undefined, label: string, typed: string): string {
  const escaped = typed.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const name = isPlainName(label) ? label : quoteText(label);
  const condition = `${name}=~${quoteText(`(?i:.*${escaped}.*)`)}`;
  if (selector === undefined) return `{${condition}}`;
  if (!selector.endsWith('}')) return `${selector}{${condition}}`;
  const inside = /\{\s*\}$/.test(selector) ? '' : ',';
  return `${selector.slice(0, -1)}${inside}${condition}}`;
}

/** Series of a histogram or summary stand under the name of their family. */
function baseName(metric: string): string {
  return metric.replace(/_(bucket|count|sum)$/, '');
}

/** A series of a family counts, sums or buckets what the family describes: all three are counters. */
export function helpIn(metadata: Metadata, metric: string): MetricHelp | undefined {
  const own = metadata[metric]?.[0];
  if (own !== undefined) return own;
  const family = metadata[baseName(metric)]?.[0] ?? metadata[metric.replace(/_total$/, '')]?.[0];
  if (family === undefined) return undefined;
  const isPart = family.type === 'histogram' || family.type === 'summary';
  return isPart ? { ...family, type: 'counter' } : family;
}

/** Label names beyond letters, digits and underscores are escaped in paths. Source: Prometheus' U__ escaping. */
export function escapedLabel(label: string): string {
  if (isPlainName(label)) return label;
  const escaped = [...label].map((character, i) => {
    if (character === '_') return '__';
    if (/[a-zA-Z]/.test(character) || (i > 0 && /\d/.test(character))) return character;
    return `_${(character.codePointAt(0) ?? 0).toString(16)}_`;
  });
  return `U__${escaped.join('')}`;
}

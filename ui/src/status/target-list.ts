/** Targets as pools, filtered by health, pool and words. */
export interface Target {
  readonly labels: Readonly<Record<string, string>>;
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly lastError: string;
  /** RFC 3339. */
  readonly lastScrape: string;
  /** Seconds. */
  readonly lastScrapeDuration: number;
  readonly health: string;
  /** Queriers do not know them. */
  readonly scrapeInterval?: string;
  readonly scrapeTimeout?: string;
}

export interface DroppedTarget {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly scrapePool?: string;
}

export interface TargetFilter {
  readonly words: string;
  /** Empty for any. */
  readonly health: string;
  readonly pool: string;
}

export interface Pool {
  readonly name: string;
  readonly targets: readonly Target[];
  /** Of all of its targets, shown or not. */
  readonly up: number;
  readonly all: number;
}

/** Pools by name; of each the targets that the filter lets through. Those without any are left out. */
export function poolsOf(targets: readonly Target[], filter: TargetFilter): readonly Pool[] {
  const byName = new Map<string, Target[]>();
  for (const target of targets) {
    const known = byName.get(target.scrapePool);
    if (known === undefined) byName.set(target.scrapePool, [target]);
    else known.push(target);
  }
  const words = wordsOf(filter.words);
  return [...byName]
    .filter(([name]) => filter.pool === '' || name === filter.pool)
    .map(([name, all]) => ({
      name,
      targets: all.filter(
        (target) =>
          (filter.health === '' || target.health === filter.health) &&
          hasWords(textOf(target), words),
      ),
      up: all.filter(({ health }) => health === 'up').length,
      all: all.length,
    }))
    .filter((pool) => pool.targets.length > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function textOf({ labels, scrapeUrl, lastError, scrapePool }: Target): string {
  return [labelsLine(labels), scrapeUrl, lastError, scrapePool].join('\n').toLowerCase();
}

/** `job="a" instance="b"`: what a person would type to find it. */
export function labelsLine(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(' ');
}

export function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}

/** @param text in lower case */
export function hasWords(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.includes(word));
}

/** The selector of a target's series. */
export function targetSelector({ labels }: Target): string {
  const matchers = ['job', 'instance'].flatMap((name) =>
    labels[name] === undefined ? [] : [`${name}=${JSON.stringify(labels[name])}`],
  );
  return `up{${matchers.join(',')}}`;
}

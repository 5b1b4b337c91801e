/**
 * The jobs of a configuration while a server runs: for each a pool of targets, and discoveries that feed it. A reload
 * starts what is new, stops what is gone and leaves alone what has not changed.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../base/clock.ts';
import type { DiscoveryConfig } from '../discovery/discovery-config.ts';
import type { TargetGroup } from '../discovery/target-group.ts';

/** A job of the configuration: its name, what its pool acts on, and where its targets are found. */
export interface Job<Settings> {
  readonly name: string;
  readonly settings: Settings;
  readonly discoveries: readonly DiscoveryConfig[];
}

/** The targets of one job. */
export interface JobPool<Settings> {
  /** Rejects with OperationError when it cannot act on them: then the former ones stay. */
  reload(settings: Settings): Promise<void>;
  /** All target groups of the job, as they are now. */
  sync(groups: readonly TargetGroup[]): Promise<void>;
  stop(options: { readonly withStaleMarkers: boolean }): Promise<void>;
}

export interface JobSetOptions<Settings, Pool extends JobPool<Settings>> {
  readonly clock: Clock;
  /** Changes of targets are taken over at most this often. */
  readonly syncIntervalMs: number;
  /** Throws OperationError. */
  readonly createPool: (job: Job<Settings>) => Pool;
  /** Runs until the signal, giving all of a discovery's groups that have changed; empty ones are gone. */
  readonly discover: (
    config: Exclude<DiscoveryConfig, { readonly kind: 'static' }>,
    jobName: string,
    signal: AbortSignal,
    onGroups: (groups: readonly TargetGroup[]) => void,
  ) => Promise<void>;
  /** Told of each change that a discovery has found, before it is taken over. */
  readonly onFound?: () => void;
  /** Told of what a pool has been given; undefined when its job is gone. */
  readonly onSync?: (jobName: string, groups: readonly TargetGroup[] | undefined) => void;
}

interface Running<Settings, Pool> {
  readonly pool: Pool;
  settings: Settings;
  feeds: readonly Feed[];
  /** What the pool is told follows each other. */
  turn: Promise<void>;
}

/** One discovery of a job with what it has found. */
interface Feed {
  readonly config: DiscoveryConfig;
  readonly groups: Map<string, TargetGroup>;
  readonly controller: AbortController;
}

export class JobSet<Settings, Pool extends JobPool<Settings>> {
  readonly #options: JobSetOptions<Settings, Pool>;
  readonly #jobs = new Map<string, Running<Settings, Pool>>();
  /** Jobs whose targets have changed since the last sync. */
  readonly #changed = new Set<string>();
  #isSyncSet = false;
  #cancelSync = (): void => undefined;

  constructor(options: JobSetOptions<Settings, Pool>) {
    this.#options = options;
  }

  get pools(): readonly Pool[] {
    return [...this.#jobs.values()].map(({ pool }) => pool);
  }

  /**
   * Names are unique. Resolves when all pools act on it. Rejects with OperationError when one cannot; the others do all
   * the same.
   */
  async apply(jobs: readonly Job<Settings>[]): Promise<void> {
    const names = new Set(jobs.map(({ name }) => name));
    const gone = [...this.#jobs.keys()].filter((name) => !names.has(name));
    const outcomes = await Promise.allSettled([
      ...jobs.map((job) => this.#applyJob(job)),
      ...gone.map((name) => this.#stopJob(name, true)),
    ]);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** For the end of the server: nothing goes stale, since it may come back. */
  async stop(): Promise<void> {
    this.#cancelSync();
    await Promise.all([...this.#jobs.keys()].map((name) => this.#stopJob(name, false)));
  }

  async #applyJob(job: Job<Settings>): Promise<void> {
    const running = this.#jobs.get(job.name) ?? this.#startJob(job);
    if (!isDeepStrictEqual(running.settings, job.settings)) {
      await this.#tell(running, async ({ pool }) => {
        await pool.reload(job.settings);
        running.settings = job.settings;
      });
    }
    const left = [...running.feeds];
    running.feeds = job.discoveries.map((config): Feed => {
      const at = left.findIndex((feed) => isDeepStrictEqual(feed.config, config));
      return left.splice(at, at < 0 ? 0 : 1)[0] ?? this.#startFeed(job.name, config);
    });
    for (const feed of left) feed.controller.abort();
    await this.#sync(job.name);
  }

  #startJob(job: Job<Settings>): Running<Settings, Pool> {
    const pool = this.#options.createPool(job);
    const running = { pool, settings: job.settings, feeds: [], turn: Promise.resolve() };
    this.#jobs.set(job.name, running);
    return running;
  }

  #startFeed(name: string, config: DiscoveryConfig): Feed {
    const feed: Feed = { config, groups: new Map(), controller: new AbortController() };
    const take = (groups: readonly TargetGroup[]): void => {
      for (const group of groups) {
        if (group.targets.length === 0) feed.groups.delete(group.source);
        else feed.groups.set(group.source, group);
      }
    };
    if (config.kind === 'static') {
      take(config.groups);
      return feed;
    }
    const { signal } = feed.controller;
    void this.#options.discover(config, name, signal, (groups) => {
      if (signal.aborted) return;
      this.#options.onFound?.();
      take(groups);
      this.#changed.add(name);
      this.#setSync();
    });
    return feed;
  }

  /** The first change after a pause is taken over at once. */
  #setSync(): void {
    if (this.#isSyncSet) return;
    const { clock, syncIntervalMs } = this.#options;
    this.#isSyncSet = true;
    for (const name of this.#changed) void this.#sync(name);
    this.#cancelSync = clock.after(syncIntervalMs, () => {
      this.#isSyncSet = false;
      if (this.#changed.size > 0) this.#setSync();
    });
  }

  async #sync(name: string): Promise<void> {
    this.#changed.delete(name);
    const job = this.#jobs.get(name);
    if (job === undefined) return;
    await this.#tell(job, async ({ pool, feeds }) => {
      const groups = feeds.flatMap((feed) => [...feed.groups.values()]);
      await pool.sync(groups);
      this.#options.onSync?.(name, groups);
    });
  }

  /** When it is the pool's turn. */
  #tell(
    job: Running<Settings, Pool>,
    action: (job: Running<Settings, Pool>) => Promise<void>,
  ): Promise<void> {
    const done = job.turn.then(() => action(job));
    job.turn = done.catch(() => undefined); // told to who waits for it
    return done;
  }

  async #stopJob(name: string, withStaleMarkers: boolean): Promise<void> {
    const job = this.#jobs.get(name);
    this.#jobs.delete(name);
    this.#changed.delete(name);
    if (job === undefined) return;
    for (const { controller } of job.feeds) controller.abort();
    await this.#tell(job, ({ pool }) => pool.stop({ withStaleMarkers }));
    this.#options.onSync?.(name, undefined);
  }
}

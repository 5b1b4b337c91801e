/**
 * The targets of one scrape configuration and a loop for each: they follow what discovery finds and what a new
 * configuration says. Source: scrapePool of Prometheus 3.14.
 */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { TargetGroup } from '../discovery/target-group.ts';
import { printDuration } from '../model/duration.ts';
import type { Labels } from '../model/labels.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ClientSettings } from '../transport/client-settings.ts';
import type { HttpClient } from '../transport/http-client.ts';
import { pageHeaders } from './fetch-page.ts';
import type { IngestPort, TargetKey, TargetSettings } from './ingest-port.ts';
import { acceptHeader } from './negotiation.ts';
import type { PageBuffers } from './page-buffers.ts';
import type { ScrapeConfig } from './scrape-config.ts';
import { ScrapeLoop, type TargetState } from './scrape-loop.ts';
import type { ScrapeMetrics } from './scrape-metrics.ts';
import {
  findTargets,
  isReadAlike,
  isScrapedAlike,
  type ScrapeTarget,
  targetTimes,
} from './scrape-target.ts';

export interface PoolParts {
  readonly port: IngestPort;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ScrapeMetrics;
  /** A client that follows redirects and authenticates as it is told. The pool closes it. */
  readonly createClient: (settings: ClientSettings) => HttpClient;
  /** Of all pools. */
  readonly buffers: PageBuffers;
  /** Never the same twice, over all pools of one ingest thread. */
  readonly nextKey: () => TargetKey;
  readonly userAgent: string;
  /** Tells the phases of one server from those of its replicas: host and external labels. */
  readonly phaseSeed: string;
  /** Most that a time is moved to its planned place; 0 leaves times as they are. At most 1 % of an interval counts. */
  readonly toleranceMs: number;
  /** Takes a failed scrape for the failure log of the configuration. */
  readonly logFailure: (file: string, failure: ScrapeFailure) => void;
}

export interface ScrapeFailure {
  readonly timeMs: number;
  readonly job: string;
  readonly target: string;
  readonly error: string;
}

/** What the HTTP API shows of a target. */
export interface TargetView extends TargetState {
  readonly key: TargetKey;
  readonly pool: string;
  readonly discoveredLabels: Labels;
  readonly labels: Labels;
  readonly scrapeUrl: string;
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
}

interface Active {
  target: ScrapeTarget;
  loop: ScrapeLoop;
}

export class ScrapePool {
  readonly #parts: PoolParts;
  #config: ScrapeConfig;
  #client: HttpClient;
  #groups: readonly TargetGroup[] = [];
  #dropped: readonly Labels[] = [];
  #droppedCount = 0;
  readonly #active: Map<string, Active> = new Map();
  /** Those that were started and have not ended, replaced ones as well. */
  readonly #running: Set<ScrapeLoop> = new Set();
  #turn: Promise<void> = Promise.resolve();
  /** Stale markers that are due later, by target. */
  readonly #ends: Map<TargetKey, () => void> = new Map();

  /** Throws OperationError when no client can be made of the settings. */
  constructor(parts: PoolParts, config: ScrapeConfig) {
    const { metrics, createClient } = parts;
    this.#parts = parts;
    this.#config = config;
    metrics.pools.inc();
    try {
      this.#client = createClient(config.client);
    } catch (error) {
      metrics.poolsFailed.inc();
      throw error;
    }
    metrics.targetLimit.set({ scrape_job: config.jobName }, config.targetLimit);
  }

  get config(): ScrapeConfig {
    return this.#config;
  }

  /** By URL. */
  targets(): readonly TargetView[] {
    return [...this.#active.values()]
      .map(({ target, loop }) => ({
        key: loop.key,
        pool: this.#config.jobName,
        discoveredLabels: target.discoveredLabels,
        labels: target.labels,
        scrapeUrl: target.url,
        ...targetTimes(target),
        ...loop.state,
      }))
      .sort((a, b) => (a.scrapeUrl < b.scrapeUrl ? -1 : 1));
  }

  /** Discovered labels of targets that relabeling drops: as many as are kept, and how many there were. */
  dropped(): { readonly kept: readonly Labels[]; readonly count: number } {
    return { kept: this.#dropped, count: this.#droppedCount };
  }

  /** Follows all groups of the job: new targets are scraped, those that are gone go stale after two intervals. */
  sync(groups: readonly TargetGroup[]): Promise<void> {
    return this.#inTurn(() => {
      this.#groups = groups;
      return this.#sync();
    });
  }

  async #sync(known?: ReadonlyMap<string, ScrapeTarget>): Promise<void> {
    const { clock, metrics } = this.#parts;
    const startedMs = clock.monotonicMs();
    const found = known ?? this.#find();
    const changes: Promise<void>[] = [];
    for (const [identity, active] of this.#active) {
      if (found.has(identity)) continue;
      this.#active.delete(identity);
      changes.push(this.#end(active));
    }
    for (const [identity, target] of found) {
      const active = this.#active.get(identity);
      if (active === undefined) this.#start(identity, target);
      else if (isScrapedAlike(active.target, target)) active.target = target;
      else changes.push(this.#restart(identity, active, target));
    }
    this.#forceTargetLimit();
    await Promise.all(changes);
    const job = { scrape_job: this.#config.jobName };
    metrics.poolTargets.set(job, this.#active.size);
    metrics.poolSyncs.inc(job);
    const seconds = (clock.monotonicMs() - startedMs) / 1000;
    metrics.syncLength.observe(job, seconds);
    metrics.syncLengthHistogram.observe(job, seconds);
  }

  /**
   * Scrapes as the new configuration says, from the next planned time on. An equal one changes nothing; series stay
   * the same when only intervals, the sample limit or the client differ. When no client can be made of it, it throws
   * OperationError and the old one stays.
   */
  reload(config: ScrapeConfig): Promise<void> {
    return this.#inTurn(() => this.#reload(config));
  }

  async #reload(config: ScrapeConfig): Promise<void> {
    if (isDeepStrictEqual(config, this.#config)) return;
    const { clock, metrics, createClient } = this.#parts;
    const startedMs = clock.monotonicMs();
    metrics.poolReloads.inc();
    const oldClient = this.#client;
    try {
      this.#client = createClient(config.client);
    } catch (error) {
      metrics.poolReloadsFailed.inc();
      throw error;
    }
    const areSeriesSame = isDeepStrictEqual(seriesPart(config), seriesPart(this.#config));
    this.#config = config;
    metrics.targetLimit.set({ scrape_job: config.jobName }, config.targetLimit);
    const found = this.#find();
    const restarts = [...this.#active].map(([identity, active]) => {
      const target = found.get(identity);
      if (target !== undefined) return this.#restart(identity, active, target, areSeriesSame);
      this.#active.delete(identity);
      return this.#end(active);
    });
    await Promise.all(restarts);
    await this.#sync(found);
    await oldClient[Symbol.asyncDispose]();
    const interval = printDuration(config.scrapeIntervalMs);
    metrics.reloadLength.observe({ interval }, (clock.monotonicMs() - startedMs) / 1000);
  }

  /**
   * Ends all scrapes. For a server that stops: what is being fetched is broken off, and nothing goes stale, since it may
   * come back. For a job that is gone: stale markers follow after two intervals.
   */
  async stop({ withStaleMarkers }: { readonly withStaleMarkers: boolean }): Promise<void> {
    if (!withStaleMarkers) await Promise.all([...this.#running].map((loop) => loop.abort()));
    await this.#inTurn(async () => {
      const all = [...this.#active.values()];
      this.#active.clear();
      if (withStaleMarkers) await Promise.all(all.map((active) => this.#end(active)));
      else await Promise.all(all.map((active) => this.#stopLoop(active.loop)));
    });
    if (!withStaleMarkers) for (const cancel of this.#ends.values()) cancel();
    await this.#client[Symbol.asyncDispose]();
    const { metrics } = this.#parts;
    const job = { scrape_job: this.#config.jobName };
    for (const metric of [
      metrics.poolSyncs,
      metrics.targetLimit,
      metrics.poolTargets,
      metrics.syncLength,
      metrics.syncLengthHistogram,
      metrics.syncFailed,
      metrics.metadataEntries,
      metrics.metadataBytes,
    ]) {
      metric.remove(job);
    }
  }

  /** Sets the gauges that are sums over targets. To be called before metrics are printed. */
  observeMetadata(): void {
    const { metrics } = this.#parts;
    const job = { scrape_job: this.#config.jobName };
    const states = [...this.#active.values()].map(({ loop }) => loop.state);
    const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
    metrics.metadataEntries.set(job, sum(states.map((state) => state.metadataEntries)));
    metrics.metadataBytes.set(job, sum(states.map((state) => state.metadataBytes)));
  }

  /** One change at a time. */
  #inTurn(change: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(change);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** Targets by identity. */
  #find(): ReadonlyMap<string, ScrapeTarget> {
    const { logger, metrics } = this.#parts;
    const { jobName, keepDroppedTargets } = this.#config;
    const { targets, dropped, failures } = findTargets(this.#config, this.#groups);
    for (const failure of failures) logger.error('Creating target failed', { err: failure });
    metrics.syncFailed.inc({ scrape_job: jobName }, failures.length);
    this.#droppedCount = dropped.length;
    this.#dropped = keepDroppedTargets === 0 ? dropped : dropped.slice(0, keepDroppedTargets);
    return new Map(targets.map((target) => [target.identity, target]));
  }

  #start(identity: string, target: ScrapeTarget): void {
    const key = this.#parts.nextKey();
    this.#parts.port.openTarget(key, this.#settings(target));
    const loop = new ScrapeLoop(this.#loopOptions(key, target));
    this.#active.set(identity, { target, loop });
    this.#startLoop(loop);
  }

  #startLoop(loop: ScrapeLoop): void {
    this.#running.add(loop);
    loop.start();
  }

  async #stopLoop(loop: ScrapeLoop): Promise<number | undefined> {
    const untilNextMs = await loop.stop();
    this.#running.delete(loop);
    return untilNextMs;
  }

  /** A loop with the new configuration takes the place of an old one when that has ended. */
  async #restart(
    identity: string,
    { loop: old, target: before }: Active,
    target: ScrapeTarget,
    areSeriesSame = true,
  ): Promise<void> {
    const isKept = areSeriesSame && isReadAlike(before, target);
    const key = isKept ? old.key : this.#parts.nextKey();
    const loop = new ScrapeLoop(this.#loopOptions(key, target), old.state);
    this.#active.set(identity, { target, loop });
    const untilNextMs = await this.#stopLoop(old);
    this.#parts.port.openTarget(key, this.#settings(target));
    if (!isKept) this.#endLater(old.key, untilNextMs, before.intervalMs);
    this.#startLoop(loop);
  }

  async #end({ loop, target }: Active): Promise<void> {
    this.#endLater(loop.key, await this.#stopLoop(loop), target.intervalMs);
  }

  /**
   * Stale markers of the time of the scrape that would have been next, a little more than an interval after it: when
   * the target is back by then, its samples are newer and the markers are refused.
   */
  #endLater(key: TargetKey, untilNextMs: number | undefined, intervalMs: number): void {
    const { clock, port } = this.#parts;
    if (untilNextMs === undefined) {
      this.#finish(port.endTarget(key, undefined));
      return;
    }
    const cancelFirst = clock.after(untilNextMs, () => {
      const staleTimeMs = Math.round(clock.nowMs());
      const cancelSecond = clock.after(intervalMs * 1.1, () => {
        this.#ends.delete(key);
        this.#finish(port.endTarget(key, staleTimeMs));
      });
      this.#ends.set(key, cancelSecond);
    });
    this.#ends.set(key, cancelFirst);
  }

  #finish(ended: Promise<void>): void {
    ended.catch((error: unknown) => {
      this.#parts.logger.warn('Stale append failed', { err: errorText(error) });
    });
  }

  #forceTargetLimit(): void {
    const { targetLimit } = this.#config;
    const count = this.#active.size;
    const isExceeded = targetLimit > 0 && count > targetLimit;
    if (isExceeded) this.#parts.metrics.exceededTargetLimit.inc();
    const error = `target_limit exceeded (number of targets: ${count}, limit: ${targetLimit})`;
    for (const { loop } of this.#active.values()) loop.force(isExceeded ? error : undefined);
  }

  #loopOptions(key: TargetKey, target: ScrapeTarget): ConstructorParameters<typeof ScrapeLoop>[0] {
    const { clock, port, metrics, logger, phaseSeed, toleranceMs, logFailure } = this.#parts;
    const { timeoutMs } = target;
    const { enableCompression, bodySizeLimitBytes } = this.#config;
    const { jobName, scrapeProtocols, metricNameEscapingScheme, scrapeFailureLogFile } =
      this.#config;
    return {
      key,
      request: {
        url: target.url,
        headers: pageHeaders(
          acceptHeader(scrapeProtocols, metricNameEscapingScheme),
          this.#parts.userAgent,
          { enableCompression, timeoutMs },
        ),
        ...{ enableCompression, timeoutMs, bodySizeLimitBytes },
      },
      fallbackProtocol: this.#config.fallbackScrapeProtocol,
      intervalMs: target.intervalMs,
      phaseMs: phaseOf(`${phaseSeed}\n${target.identity}`, target.intervalMs),
      toleranceMs: Math.min(toleranceMs, target.intervalMs / 100),
      clock,
      client: this.#client,
      buffers: this.#parts.buffers,
      port,
      metrics,
      logger: logger.with({ target: target.url }),
      onFailure: (error) => {
        if (scrapeFailureLogFile === '') return;
        const failure = { timeMs: clock.nowMs(), job: jobName, target: target.url, error };
        logFailure(scrapeFailureLogFile, failure);
      },
      intervalLabel: printDuration(target.intervalMs),
    };
  }

  #settings(target: ScrapeTarget): TargetSettings {
    const config = this.#config;
    return {
      labels: target.labels,
      honorLabels: config.honorLabels,
      honorTimestamps: config.honorTimestamps,
      trackTimestampsStaleness: config.trackTimestampsStaleness,
      metricRelabelConfigs: config.metricRelabelConfigs,
      validationScheme: config.metricNameValidationScheme,
      sampleLimit: config.sampleLimit,
      labelLimit: config.labelLimit,
      labelNameLengthLimit: config.labelNameLengthLimit,
      labelValueLengthLimit: config.labelValueLengthLimit,
      scrapeNativeHistograms: target.scrapeNativeHistograms,
      alwaysScrapeClassicHistograms: target.alwaysScrapeClassicHistograms,
      convertClassicHistogramsToNhcb: target.convertClassicHistogramsToNhcb,
      nativeHistogramBucketLimit: config.nativeHistogramBucketLimit,
      nativeHistogramMinBucketFactor: config.nativeHistogramMinBucketFactor,
      extraScrapeMetrics: config.extraScrapeMetrics,
      timeoutMs: target.timeoutMs,
    };
  }
}

/** What decides which series a page becomes. */
function seriesPart(config: ScrapeConfig): object {
  const { scrapeIntervalMs, scrapeTimeoutMs, sampleLimit, client, ...rest } = config;
  return rest;
}

/** Spreads targets evenly over the interval, the same way after each restart. */
function phaseOf(text: string, intervalMs: number): number {
  const digest = createHash('md5').update(text).digest();
  return digest.readUIntBE(0, 6) % intervalMs;
}

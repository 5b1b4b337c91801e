/**
 * Scrapes one target again and again at its own phase of the interval, and keeps what /api/v1/targets shows of it. The
 * page is parsed and appended elsewhere, behind the IngestPort. Source: scrapeLoop of Prometheus 3.14.
 */
import type { Clock } from '../base/clock.ts';
import { errorText, OperationError } from '../base/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { HttpClient } from '../transport/http-client.ts';
import { BodySizeError, fetchPage, type PageRequest } from './fetch-page.ts';
import type { IngestPort, IngestResult, ScrapeOutcome, TargetKey } from './ingest-port.ts';
import { pageFormat } from './negotiation.ts';
import type { PageBuffers } from './page-buffers.ts';
import type { ScrapeProtocol } from './scrape-config.ts';
import { countRejections, type ScrapeMetrics } from './scrape-metrics.ts';

export interface LoopOptions {
  readonly key: TargetKey;
  readonly request: PageRequest;
  readonly fallbackProtocol: ScrapeProtocol | undefined;
  readonly intervalMs: number;
  /** Scrapes begin at times that are this much after a multiple of the interval. */
  readonly phaseMs: number;
  /** By how much a time may differ from the planned one to be taken for it; 0 leaves times as they are. */
  readonly toleranceMs: number;
  readonly clock: Clock;
  readonly client: HttpClient;
  readonly buffers: PageBuffers;
  readonly port: IngestPort;
  readonly metrics: ScrapeMetrics;
  readonly logger: Logger;
  /** Takes each failure of a fetch, for the failure log. */
  readonly onFailure: (error: string) => void;
  /** Label of metrics about intervals, such as `15s`. */
  readonly intervalLabel: string;
}

export interface TargetState {
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
  /** Undefined before the first scrape. */
  readonly lastScrapeMs: number | undefined;
  readonly lastDurationMs: number;
  readonly metadataEntries: number;
  readonly metadataBytes: number;
}

/** What to ingest, and why it is no page. */
interface Fetched {
  readonly outcome: ScrapeOutcome;
  readonly error: string;
  /** Nobody reads the page any more. */
  readonly release?: () => void;
}

const UNKNOWN_STATE: TargetState = {
  health: 'unknown',
  lastError: '',
  lastScrapeMs: undefined,
  lastDurationMs: 0,
  metadataEntries: 0,
  metadataBytes: 0,
};

export class ScrapeLoop {
  readonly #options: LoopOptions;
  readonly #stopping = new AbortController();
  readonly #aborting = new AbortController();
  #state: TargetState;
  #forcedError: string | undefined;
  #running: Promise<void> = Promise.resolve();
  /** Monotonic time of the next scrape. */
  #dueMs = 0;
  #lastStartMs: number | undefined;

  /** @param state of a loop that this one replaces. */
  constructor(options: LoopOptions, state: TargetState = UNKNOWN_STATE) {
    this.#options = options;
    this.#state = state;
  }

  get state(): TargetState {
    return this.#state;
  }

  get key(): TargetKey {
    return this.#options.key;
  }

  /** Scrapes fail with this instead of being made, until it is taken back. */
  force(error: string | undefined): void {
    this.#forcedError = error;
  }

  start(): void {
    this.#running = this.#run();
  }

  /**
   * No more scrapes; resolves when the last one is over, with the time after which the next would have been, in ms, or
   * undefined when there never was one, nor one of the loop that this one replaced.
   */
  async stop(): Promise<number | undefined> {
    this.#stopping.abort();
    await this.#running;
    if (this.#state.lastScrapeMs === undefined) return undefined;
    return Math.max(0, this.#dueMs - this.#options.clock.monotonicMs());
  }

  /** Stops and breaks off what is being fetched; nothing of it is appended. */
  async abort(): Promise<void> {
    this.#aborting.abort(new OperationError('canceled', 'the server is stopping'));
    await this.stop();
  }

  async #run(): Promise<void> {
    const { clock, intervalMs, phaseMs, toleranceMs, logger } = this.#options;
    const { signal } = this.#stopping;
    const isOver = (): boolean => signal.aborted;
    const untilFirst = intervalMs - mod(clock.nowMs() - phaseMs, intervalMs);
    this.#dueMs = clock.monotonicMs() + untilFirst;
    let plannedMs = Math.round(clock.nowMs() + untilFirst);
    await clock.sleep(untilFirst, signal).catch(() => undefined); // the end wakes
    while (!isOver()) {
      const nowMs = Math.round(clock.nowMs());
      const behind = nowMs - plannedMs + toleranceMs;
      plannedMs += Math.max(0, Math.floor(behind / intervalMs)) * intervalMs;
      const isPlanned = Math.abs(nowMs - plannedMs) <= toleranceMs;
      try {
        await this.#scrape(isPlanned ? plannedMs : nowMs);
      } catch (error) {
        logger.error('Scrape commit failed', { err: errorText(error) });
      }
      this.#dueMs += intervalMs;
      const behindMs = clock.monotonicMs() - this.#dueMs;
      // A tick that was missed is made up for once; those before it are gone.
      if (behindMs > intervalMs) this.#dueMs += Math.floor(behindMs / intervalMs) * intervalMs;
      await clock.sleep(Math.max(0, -behindMs), signal).catch(() => undefined); // the end wakes
    }
  }

  async #scrape(timeMs: number): Promise<void> {
    const { clock, metrics, key, port, intervalLabel } = this.#options;
    const startedAtMs = clock.nowMs();
    const startedMs = clock.monotonicMs();
    if (this.#lastStartMs !== undefined) {
      const seconds = (startedMs - this.#lastStartMs) / 1000;
      metrics.intervalLength.observe({ interval: intervalLabel }, seconds);
      metrics.intervalLengthHistogram.observe({ interval: intervalLabel }, seconds);
    }
    this.#lastStartMs = startedMs;
    const { outcome, error, release } = await this.#fetch();
    if (this.#aborting.signal.aborted) {
      release?.();
      return;
    }
    const elapsedMs = clock.monotonicMs() - startedMs;
    let result: IngestResult | undefined;
    try {
      result = await port.ingest({ target: key, timeMs, outcome, elapsedMs });
      countRejections(metrics, result.counts);
    } finally {
      release?.();
      this.#report(startedAtMs, result, error === '' ? (result?.error ?? '') : error);
      metrics.scrapeDuration.observe((clock.monotonicMs() - startedMs) / 1000);
    }
  }

  async #fetch(): Promise<Fetched> {
    const { fallbackProtocol, request, metrics, onFailure } = this.#options;
    if (this.#forcedError !== undefined) {
      return { outcome: { kind: 'failed', bodySizeBytes: 0 }, error: this.#forcedError };
    }
    let bodySizeBytes = 0;
    let release: (() => void) | undefined;
    try {
      const page = await fetchPage(this.#options, request, this.#aborting.signal);
      const { bytes, contentType } = page;
      release = page.release;
      bodySizeBytes = bytes.length;
      const format = bodySizeBytes === 0 ? 'text' : pageFormat(contentType, fallbackProtocol);
      return { outcome: { kind: 'page', bytes, format }, error: '', release };
    } catch (error) {
      release?.();
      if (!(error instanceof OperationError)) throw error;
      if (error instanceof BodySizeError) {
        metrics.bodySizeLimit.inc();
        bodySizeBytes = -1;
      }
      const text = errorText(error);
      if (!this.#aborting.signal.aborted) onFailure(text);
      return { outcome: { kind: 'failed', bodySizeBytes }, error: text };
    }
  }

  #report(startedAtMs: number, result: IngestResult | undefined, error: string): void {
    const { metadataEntries, metadataBytes } = result ?? this.#state;
    this.#state = {
      health: error === '' ? 'up' : 'down',
      lastError: error,
      lastScrapeMs: startedAtMs,
      lastDurationMs: result?.durationMs ?? 0,
      metadataEntries,
      metadataBytes,
    };
  }
}

function mod(value: number, modulus: number): number {
  return ((value % modulus) + modulus) % modulus;
}

/**
 * The configuration of a running server: read at the start, and again when asked or when its files have changed. A
 * wrong one is told and changes nothing.
 */
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type Gauge, gauge, type MetricRegistry } from '../telemetry/metrics.ts';

export interface ReloaderOptions<Config> {
  /** Throws OperationError naming file and line. */
  readonly load: () => Config;
  /** Makes the server act on it. Rejects with OperationError: then it is told to act on the former one again. */
  readonly apply: (config: Config) => Promise<void>;
  /** Another text whenever a file of the configuration has another content. */
  readonly fingerprint: (config: Config) => string;
  readonly path: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
}

export class ConfigReloader<Config> {
  readonly #options: ReloaderOptions<Config>;
  readonly #success: Gauge;
  readonly #successTime: Gauge;
  #current: Config;
  #fingerprint: string;
  #lastMs: number;
  #fault: OperationError | undefined;
  #faultSinceMs = 0;
  /** Reloads follow each other. */
  #turn: Promise<void> = Promise.resolve();

  /** Reads the configuration. Throws OperationError. */
  constructor(options: ReloaderOptions<Config>) {
    const { metrics, clock } = options;
    this.#options = options;
    const { success, successTime } = metrics.declare({
      success: gauge(
        'prometheus_config_last_reload_successful',
        'Whether the last configuration reload attempt was successful.',
      ),
      successTime: gauge(
        'prometheus_config_last_reload_success_timestamp_seconds',
        'Timestamp of the last successful configuration reload.',
      ),
    });
    this.#success = success;
    this.#successTime = successTime;
    this.#current = options.load();
    this.#fingerprint = options.fingerprint(this.#current);
    this.#lastMs = clock.nowMs();
    this.#tell();
  }

  /** The one that is acted on. */
  get current(): Config {
    return this.#current;
  }

  /** When it was read. */
  get lastSuccessMs(): number {
    return this.#lastMs;
  }

  /** Why the last attempt changed nothing. */
  get fault(): OperationError | undefined {
    return this.#fault;
  }

  /** When the first of the attempts since then was made. */
  get faultSinceMs(): number {
    return this.#faultSinceMs;
  }

  /** Rejects with OperationError when the configuration is wrong: the former one stays. */
  reload(): Promise<void> {
    const turn = this.#turn.then(() => this.#attempt());
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Reloads whenever the files have changed, until the signal. */
  async watch(intervalMs: number, signal: AbortSignal): Promise<void> {
    const { clock, fingerprint } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(intervalMs, signal).catch(() => undefined); // the end of the server
      if (signal.aborted || fingerprint(this.#current) === this.#fingerprint) continue;
      await this.reload().catch(() => undefined); // it has been logged
    }
  }

  async #attempt(): Promise<void> {
    const { load, fingerprint, clock, logger, path } = this.#options;
    // Taken before reading: what is wrong now is tried again only when it has changed.
    this.#fingerprint = fingerprint(this.#current);
    try {
      const config = load();
      await this.#act(config);
      this.#current = config;
      this.#fingerprint = fingerprint(config);
      this.#lastMs = clock.nowMs();
      this.#fault = undefined;
      logger.info('configuration loaded', { filename: path });
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      if (this.#fault === undefined) this.#faultSinceMs = clock.nowMs();
      this.#fault = error;
      logger.error('configuration is wrong, the former one stays', { filename: path, err: error });
      throw error;
    } finally {
      this.#tell();
    }
  }

  /** When the new one cannot be acted on, the parts that did so already go back to the former one. */
  async #act(config: Config): Promise<void> {
    const { apply, logger, path } = this.#options;
    try {
      await apply(config);
    } catch (error) {
      await apply(this.#current).catch((again: unknown) => {
        logger.error('cannot go back to the former configuration', { filename: path, err: again });
      });
      throw error;
    }
  }

  #tell(): void {
    this.#success.set(this.#fault === undefined ? 1 : 0);
    this.#successTime.set(this.#lastMs / 1000);
  }
}

/** What a sidecar has to know of its Prometheus, asked again and again: external labels, oldest sample, version. */
import { type Clock, deadlineSignal } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import { parseYaml } from '../base/yaml.ts';
import { type Labels, makeLabels, NO_LABELS } from '../model/labels.ts';
import { isRecord, type PrometheusApi } from '../remote/http-api.ts';

/** "For ever": the largest time of StoreAPI, and what an empty database gives as its lowest. */
export const TIME_MAX: bigint = 2n ** 63n - 1n;

export interface PrometheusState {
  /** Undefined until Prometheus has answered once. */
  readonly externalLabels: Labels | undefined;
  /** Milliseconds: the later of Prometheus' lowest timestamp and the limit. */
  readonly minTime: bigint;
  readonly version: string;
  /** Why the last attempt failed; undefined when it did not. */
  readonly fault: Error | undefined;
}

export interface PrometheusWatchOptions {
  readonly api: PrometheusApi;
  readonly clock: Clock;
  readonly intervalMs: number;
  /** How soon it asks again until it was answered for the first time. */
  readonly firstIntervalMs: number;
  readonly timeoutMs: number;
  /** Milliseconds; may move with the time. */
  minTimeLimit(): number;
  /** Called after each attempt. */
  onAttempt(state: PrometheusState): void;
}

export class PrometheusWatch {
  readonly #options: PrometheusWatchOptions;
  #state: PrometheusState;

  constructor(options: PrometheusWatchOptions) {
    this.#options = options;
    const minTime = BigInt(Math.trunc(options.minTimeLimit()));
    const fault = new OperationError('unavailable', `${options.api.url} has not been asked yet`);
    this.#state = { externalLabels: undefined, minTime, version: '', fault };
  }

  get state(): PrometheusState {
    return this.#state;
  }

  /** External labels, or OperationError 'unavailable' while they are not known. */
  get externalLabels(): Labels {
    const { externalLabels, fault } = this.#state;
    if (externalLabels !== undefined) return externalLabels;
    const message = `the external labels of ${this.#options.api.url} are not known yet`;
    throw new OperationError('unavailable', message, { cause: fault });
  }

  /** Asks until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs, firstIntervalMs } = this.#options;
    while (!signal.aborted) {
      await this.ask(signal);
      const isKnown = this.#state.externalLabels !== undefined;
      const pauseMs = isKnown ? intervalMs : Math.min(intervalMs, firstIntervalMs);
      await clock.sleep(pauseMs, signal).catch(() => {}); // woken by the end of the sidecar
    }
  }

  /** Asks once. Never throws: a failure is in the state, which keeps what was known before. */
  async ask(signal: AbortSignal): Promise<void> {
    const { clock, timeoutMs, onAttempt } = this.#options;
    const deadline = deadlineSignal(clock, timeoutMs, signal);
    try {
      const [externalLabels, minTime, version] = await Promise.all([
        this.#askExternalLabels(deadline.signal),
        this.#askMinTime(deadline.signal),
        this.#askVersion(deadline.signal),
      ]);
      this.#state = { externalLabels, minTime, version, fault: undefined };
    } catch (error) {
      if (signal.aborted) return;
      const fault = error instanceof Error ? error : new Error(String(error));
      this.#state = { ...this.#state, fault };
    } finally {
      deadline.clear();
    }
    onAttempt(this.#state);
  }

  async #askExternalLabels(signal: AbortSignal): Promise<Labels> {
    const { api } = this.#options;
    const { data } = await api.get('/api/v1/status/config', [], signal);
    const yaml = isRecord(data) ? data.yaml : undefined;
    const where = `${api.url}/api/v1/status/config`;
    if (typeof yaml !== 'string') {
      throw new OperationError('corrupt', `cannot read ${where}: it gives no configuration`);
    }
    return readExternalLabels(yaml, where);
  }

  async #askMinTime(signal: AbortSignal): Promise<bigint> {
    const { api, minTimeLimit } = this.#options;
    const lowest = readLowestTime(await api.text('/metrics', signal), `${api.url}/metrics`);
    const limit = BigInt(Math.trunc(minTimeLimit()));
    return lowest !== undefined && lowest > limit ? lowest : limit;
  }

  async #askVersion(signal: AbortSignal): Promise<string> {
    if (this.#state.version !== '' && this.#state.fault === undefined) return this.#state.version;
    const { data } = await this.#options.api.get('/api/v1/status/buildinfo', [], signal);
    return isRecord(data) && typeof data.version === 'string' ? data.version : '0';
  }
}

/** `global.external_labels` of a configuration. Throws OperationError 'bad-data' naming the place. */
export function readExternalLabels(yaml: string, where: string): Labels {
  const global = new Map(parseYaml(yaml, where).entries()).get('global');
  if (global === undefined || global.isNull) return NO_LABELS;
  const labels = new Map(global.entries()).get('external_labels');
  if (labels === undefined || labels.isNull) return NO_LABELS;
  return makeLabels(labels.entries().map(([name, value]) => [name, value.text()] as const));
}

const LOWEST = 'prometheus_tsdb_lowest_timestamp_seconds';

/** Milliseconds of the oldest sample by a scrape of /metrics; undefined for a database that has none. */
export function readLowestTime(metrics: string, where: string): bigint | undefined {
  const line = new RegExp(`^${LOWEST}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(metrics);
  const timeMs = Number(line?.[1]) * 1000;
  if (Number.isNaN(timeMs)) {
    throw new OperationError('corrupt', `cannot read ${where}: ${LOWEST} is missing`);
  }
  return timeMs >= 2 ** 63 ? undefined : BigInt(Math.trunc(timeMs));
}

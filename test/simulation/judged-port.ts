/**
 * The way from a replica's scrape loops to its ingestion, watched: the model learns what every scrape must leave behind,
 * from the page that the target sent and from the series that it showed before; scrapes that do not come when they are
 * due, or bring something else than was sent, are faults.
 */
import type { Clock } from '../../src/base/clock.ts';
import { OperationError } from '../../src/base/errors.ts';
import { labelValue } from '../../src/model/labels.ts';
import type {
  IngestPort,
  IngestRequest,
  IngestResult,
  TargetKey,
} from '../../src/scrape/ingest-port.ts';
import type { ReplicaModel, Value } from './model.ts';
import type { Page, Target } from './target.ts';

export interface JudgedPortOptions {
  readonly port: IngestPort;
  readonly clock: Clock;
  readonly model: ReplicaModel;
  readonly intervalMs: number;
  /** The head keeps all series with samples that are no older. */
  readonly keptMs: number;
  /** True when the ingestion has died in it, whoever swallowed that. */
  isDead(): boolean;
  /** Told after each request that was carried out, of how many samples came of it. */
  onTaken(samples: number): void;
  onRefused(): void;
  onFault(text: string): void;
}

type Row = readonly [name: string, value: Value];

/** Series of the last page, which go stale when they are gone. */
interface TargetState {
  readonly name: string;
  shown: ReadonlySet<string>;
  lastTimeMs: number | undefined;
}

export class JudgedPort implements IngestPort {
  readonly #options: JudgedPortOptions;
  readonly #states: Map<TargetKey, TargetState> = new Map();
  /** The last answer of each target until it is ingested. */
  readonly #arrived: Map<string, Page> = new Map();

  constructor(options: JudgedPortOptions) {
    this.#options = options;
  }

  /** Targets that are scraped or have still to go stale. */
  get targets(): number {
    return this.#states.size;
  }

  /** To be called with every answer of a target. */
  arrive(target: Target, page: Page): void {
    const before = this.#arrived.get(target.name);
    if (before !== undefined) this.#fault(target.name, 'a page that arrived was not ingested');
    this.#arrived.set(target.name, page);
  }

  openTarget(key: TargetKey, settings: Parameters<IngestPort['openTarget']>[1]): void {
    const name = labelValue(settings.labels, 'instance');
    if (!this.#states.has(key)) {
      this.#states.set(key, { name, shown: new Set(), lastTimeMs: undefined });
    }
    this.#options.port.openTarget(key, settings);
  }

  async ingest(request: IngestRequest): Promise<IngestResult> {
    const { port } = this.#options;
    const state = this.#states.get(request.target);
    if (this.#options.isDead() || state === undefined) return await never();
    const page = this.#arrived.get(state.name);
    this.#arrived.delete(state.name);
    this.#judge(state, request, page);
    const { rows, shown } = expected(state, page, request.outcome.kind === 'page');
    const { timeMs } = request;
    const isPageGood = page?.kind === 'whole' && request.outcome.kind === 'page';
    return await this.#carryOut(rows, timeMs, async () => {
      const result = await port.ingest(request);
      if ((result.error === '') !== (isPageGood || request.outcome.kind === 'failed')) {
        this.#fault(state.name, `ingestion says "${result.error}" of a page at ${timeMs}`);
      }
      const { outOfOrder, duplicate, outOfBounds } = result.counts;
      if (outOfOrder + duplicate + outOfBounds > 0) {
        this.#fault(state.name, `samples of ${timeMs} were refused: ${JSON.stringify(result)}`);
      }
      this.#acknowledge(rows, timeMs);
      state.shown = shown;
      return result;
    });
  }

  async endTarget(key: TargetKey, staleTimeMs: number | undefined): Promise<void> {
    const { port } = this.#options;
    const state = this.#states.get(key);
    if (this.#options.isDead() || state === undefined) return await never();
    this.#states.delete(key);
    const { name, shown, lastTimeMs } = state;
    if (lastTimeMs === undefined) return await port.endTarget(key, staleTimeMs);
    const dueMs = lastTimeMs + this.#options.intervalMs;
    if (staleTimeMs !== dueMs) this.#fault(name, `goes stale at ${staleTimeMs}, not at ${dueMs}`);
    const rows = [...shown, `up ${name}`].map((series): Row => [series, 'stale']);
    await this.#carryOut(rows, dueMs, async () => {
      await port.endTarget(key, staleTimeMs);
      this.#acknowledge(rows, dueMs);
    });
  }

  metadata(key: TargetKey): ReturnType<IngestPort['metadata']> {
    return this.#options.port.metadata(key);
  }

  #acknowledge(rows: readonly Row[], timeMs: number): void {
    const { model, clock, keptMs } = this.#options;
    for (const [name, value] of rows) {
      if (value === 'stale') model.acknowledgeMarker(name, timeMs, clock.nowMs() - keptMs);
      else model.acknowledge(name, timeMs, value);
    }
  }

  /** The process may die in it; then nobody hears of it again, and its rows may be there or not. */
  async #carryOut<T>(rows: readonly Row[], timeMs: number, work: () => Promise<T>): Promise<T> {
    const { model, isDead, onTaken, onRefused } = this.#options;
    try {
      const result = await work();
      onTaken(rows.length);
      if (!isDead()) return result;
    } catch (error) {
      if (!isDead() && error instanceof OperationError) {
        onRefused(); // as a whole: nothing of it may be there
        throw error;
      }
      if (!isDead()) throw error;
    }
    for (const [name, value] of rows) model.doubt(name, timeMs, value);
    return await never();
  }

  /** Whether it is due, and brings what arrived. */
  #judge(state: TargetState, { timeMs, outcome }: IngestRequest, page: Page | undefined): void {
    const { intervalMs } = this.#options;
    const sinceMs = timeMs - (state.lastTimeMs ?? timeMs - intervalMs);
    if (sinceMs !== intervalMs) this.#fault(state.name, `${sinceMs} ms are between two scrapes`);
    state.lastTimeMs = timeMs;
    const isWanted = page !== undefined && page.kind !== 'cut';
    if (outcome.kind === 'failed') {
      if (isWanted) this.#fault(state.name, `the page at ${timeMs} is taken for a failure`);
    } else if (!isWanted || Buffer.compare(outcome.bytes, page.bytes) !== 0) {
      this.#fault(state.name, `what is ingested at ${timeMs} was never sent`);
    }
  }

  #fault(name: string, what: string): void {
    this.#options.onFault(`${name}: ${what}`);
  }
}

/**
 * What a scrape leaves behind. Series that are gone go stale, all of them when there is no page. Those that a page shows
 * before its mistake are neither taken nor go stale: as in Prometheus.
 */
function expected(
  { name, shown }: TargetState,
  page: Page | undefined,
  isIngested: boolean,
): { readonly rows: readonly Row[]; readonly shown: ReadonlySet<string> } {
  const sent = isIngested && page !== undefined ? page.rows : new Map<string, number>();
  const isGood = isIngested && page?.kind === 'whole';
  const gone = [...shown].filter((series) => !sent.has(series));
  const rows: readonly Row[] = [
    [`up ${name}`, isGood ? 1 : 0],
    ...(isGood ? sent : []),
    ...gone.map((series): Row => [series, 'stale']),
  ];
  const kept = isGood ? sent.keys() : [...shown].filter((series) => sent.has(series));
  return { rows, shown: new Set(kept) };
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}

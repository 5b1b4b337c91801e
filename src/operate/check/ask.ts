/** Asks a querier or a Prometheus over its HTTP API, and watches the clock of whoever answers. */
import { type Clock, deadlineSignal } from '../../base/clock.ts';
import { OperationError } from '../../base/errors.ts';
import { type ApiParameters, isRecord, PrometheusApi } from '../../remote/http-api.ts';
import type { HttpClient } from '../../transport/http-client.ts';
import type { LabelSet } from './facts.ts';

const ANSWER_BYTES_MAX = 64 << 20;
/** The Date header has whole seconds. */
const HALF_SECOND_MS = 500;

export interface AskOptions {
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface InstantSample {
  readonly labels: LabelSet;
  readonly value: number;
  /** When the querier evaluated it, by its own clock. */
  readonly timeMs: number;
}

export class Asked {
  readonly url: string;
  readonly #options: AskOptions;
  readonly #api: PrometheusApi;
  #skewMs: number | undefined;
  #answerMs = 0;

  constructor(url: string, options: AskOptions) {
    this.url = url;
    this.#options = options;
    const client = this.#watched(options);
    this.#api = new PrometheusApi({ client, url, answerMaxBytes: ANSWER_BYTES_MAX });
  }

  /** Its clock minus ours, of the quickest answer so far. */
  get skewMs(): number | undefined {
    return this.#skewMs;
  }

  /** How long the quickest answer took. */
  get answerMs(): number {
    return this.#answerMs;
  }

  /** The `data` of the answer as a record; an answer that is none is an error. */
  async record(path: string): Promise<Readonly<Record<string, unknown>>> {
    const { data } = await this.#get(path, []);
    if (isRecord(data)) return data;
    throw new OperationError('corrupt', `cannot read ${this.url}${path}: it is no object`);
  }

  async instant(
    query: string,
    deduplicate: boolean,
  ): Promise<{ readonly samples: readonly InstantSample[]; readonly warnings: readonly string[] }> {
    const parameters: ApiParameters = [
      ['query', query],
      ['dedup', String(deduplicate)],
    ];
    const { data, warnings } = await this.#get('/api/v1/query', parameters);
    const result = isRecord(data) && Array.isArray(data.result) ? data.result : [];
    return { samples: result.filter(isRecord).map(sampleOf), warnings };
  }

  async #get(
    path: string,
    parameters: ApiParameters,
  ): Promise<{ readonly data: unknown; readonly warnings: readonly string[] }> {
    const { clock, timeoutMs, signal: parent } = this.#options;
    const { signal, clear } = deadlineSignal(clock, timeoutMs, parent);
    try {
      return await this.#api.get(path, parameters, signal);
    } finally {
      clear();
    }
  }

  #watched({ client, clock }: AskOptions): HttpClient {
    return {
      request: async (request) => {
        const startMs = clock.nowMs();
        const answer = await client.request(request);
        const tookMs = clock.nowMs() - startMs;
        const dateMs = Date.parse(answer.headers.date ?? '');
        const isQuickest = this.#answerMs === 0 || tookMs < this.#answerMs;
        if (isQuickest) this.#answerMs = tookMs;
        if (isQuickest && !Number.isNaN(dateMs)) {
          this.#skewMs = dateMs + HALF_SECOND_MS - (startMs + tookMs / 2);
        }
        return answer;
      },
      [Symbol.asyncDispose]: async () => undefined,
    };
  }
}

function sampleOf({ metric, value }: Readonly<Record<string, unknown>>): InstantSample {
  const [seconds, text] = Array.isArray(value) ? value : [0, 'NaN'];
  return {
    labels: textRecord(metric),
    value: Number(text),
    timeMs: Number(seconds) * 1000,
  };
}

/** Fields that are texts. */
export function textRecord(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  const texts = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts);
}

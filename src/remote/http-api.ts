/** Prometheus' HTTP API as a client sees it: the envelope taken off, failures with URL and reason. */
import { type ErrorKind, OperationError } from '../base/errors.ts';
import type { HttpClient } from '../transport/http-client.ts';

/** Parameters in order; a name may repeat. */
export type ApiParameters = readonly (readonly [name: string, value: string])[];

export interface ApiAnswer {
  /** The `data` of the envelope, whatever it is. */
  readonly data: unknown;
  readonly warnings: readonly string[];
}

export interface PrometheusApiOptions {
  readonly client: HttpClient;
  /** Base address without a slash at its end. */
  readonly url: string;
  /** Largest answer that is read. */
  readonly answerMaxBytes: number;
}

export class PrometheusApi {
  readonly #options: PrometheusApiOptions;

  constructor(options: PrometheusApiOptions) {
    this.#options = options;
  }

  get url(): string {
    return this.#options.url;
  }

  /** GET `path` of the API. Throws OperationError with the URL, the status and Prometheus' own words. */
  async get(path: string, parameters: ApiParameters, signal: AbortSignal): Promise<ApiAnswer> {
    const query = encodeForm(parameters);
    const url = `${this.url}${path}${query === '' ? '' : '?'}${query}`;
    return this.#answer({ method: 'GET', url, signal });
  }

  /** POST with the parameters as a form: for matchers that are longer than a URL may be. */
  async post(path: string, parameters: ApiParameters, signal: AbortSignal): Promise<ApiAnswer> {
    const body = encodeForm(parameters);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.#answer({ method: 'POST', url: `${this.url}${path}`, headers, body, signal });
  }

  /** A page that is no JSON: /metrics, /-/ready. */
  async text(path: string, signal: AbortSignal): Promise<string> {
    const url = `${this.url}${path}`;
    const answer = await this.#options.client.request({ method: 'GET', url, signal });
    const text = new TextDecoder().decode(await answer.bytes(this.#options.answerMaxBytes));
    if (answer.status < 200 || answer.status > 299) throw statusError(url, answer.status, text);
    return text;
  }

  async #answer(request: Parameters<HttpClient['request']>[0]): Promise<ApiAnswer> {
    const { method, url } = request;
    const answer = await this.#options.client.request(request);
    const bytes = await answer.bytes(this.#options.answerMaxBytes);
    const envelope = parseEnvelope(bytes);
    if (envelope?.status !== 'success') {
      const text = envelope?.error ?? new TextDecoder().decode(bytes.subarray(0, 1000));
      throw statusError(`${method} ${url}`, answer.status, text);
    }
    return { data: envelope.data, warnings: envelope.warnings ?? [] };
  }
}

function encodeForm(parameters: ApiParameters): string {
  const form = new URLSearchParams();
  for (const [name, value] of parameters) form.append(name, value);
  return form.toString();
}

interface Envelope {
  readonly status: unknown;
  readonly data?: unknown;
  readonly error?: string;
  readonly warnings?: readonly string[];
}

function parseEnvelope(bytes: Uint8Array): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isRecord(value) ? (value as unknown as Envelope) : undefined;
  } catch {
    return undefined; // what it is instead stands in the error
  }
}

function statusError(what: string, status: number, text: string): OperationError {
  const isWell = status >= 200 && status < 300;
  const kind = isWell ? 'corrupt' : kindOfStatus(status);
  const found = isWell ? "what is not Prometheus' JSON" : text;
  return new OperationError(kind, `cannot read ${what}: it answers ${status}: ${found.trim()}`);
}

/** What a failure status of Prometheus means to the caller. */
export function kindOfStatus(status: number): ErrorKind {
  if (status === 400) return 'bad-data';
  if (status === 404 || status === 405) return 'not-found';
  if (status === 422) return 'execution';
  if (status === 429) return 'limit';
  return status === 502 || status === 503 || status === 504 ? 'unavailable' : 'internal';
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

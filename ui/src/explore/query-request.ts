/** The requests that a panel makes: paths and parameters of the HTTP API of Prometheus and Thanos. */
import { isPlainName, quoteText } from '../../../src/model/labels-text.ts';
import type { ApiParameters } from '../data/api.ts';
import type { Panel } from './panel.ts';

export interface ApiRequest {
  readonly path: '/api/v1/query' | '/api/v1/query_range' | '/api/v1/query_exemplars';
  readonly parameters: ApiParameters;
}

export interface TimeGrid {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

/** What of the server's extras may be sent: a plain Prometheus knows none of them. */
export interface RequestOptions {
  readonly isThanos: boolean;
}

export function instantRequest(panel: Panel, timeMs: number, options: RequestOptions): ApiRequest {
  const parameters = {
    query: panel.expr,
    time: printSeconds(timeMs),
    ...sharedParameters(panel, options),
  };
  return { path: '/api/v1/query', parameters };
}

export function rangeRequest(panel: Panel, grid: TimeGrid, options: RequestOptions): ApiRequest {
  const parameters = {
    query: panel.expr,
    start: printSeconds(grid.startMs),
    end: printSeconds(grid.endMs),
    step: printSeconds(grid.stepMs),
    ...sharedParameters(panel, options),
  };
  return { path: '/api/v1/query_range', parameters };
}

export function exemplarRequest(panel: Panel, grid: TimeGrid, options: RequestOptions): ApiRequest {
  const parameters = {
    query: panel.expr,
    start: printSeconds(grid.startMs),
    end: printSeconds(grid.endMs),
    ...(options.isThanos ? { partial_response: panel.isPartialAllowed } : {}),
  };
  return { path: '/api/v1/query_exemplars', parameters };
}

function sharedParameters(panel: Panel, { isThanos }: RequestOptions): ApiParameters {
  const analyze = panel.isAnalyzed ? true : undefined;
  const stats = 'true';
  if (!isThanos) return { analyze, stats };
  return {
    dedup: panel.isDeduplicated,
    partial_response: panel.isPartialAllowed,
    max_source_resolution: panel.maxSourceResolution,
    ...storeParameters(panel),
    engine: panel.engine === '' ? undefined : panel.engine,
    analyze,
    stats,
  };
}

/** Only the stores that are chosen; also for labels and series. */
export function storeParameters({ stores }: Pick<Panel, 'stores'>): ApiParameters {
  if (stores.length === 0) return {};
  return { 'storeMatch[]': stores.map((address) => `{__address__=${quoteText(address)}}`) };
}

/** Unix seconds, or seconds, with at most three digits. */
export function printSeconds(timeMs: number): string {
  return String(Math.round(timeMs) / 1000);
}

/** A request as a command that anybody can run: one line, quoted for POSIX shells. */
export function curlCommand(
  origin: string,
  { path, parameters }: ApiRequest,
  tenant: string,
): string {
  const headers = tenant === '' ? [] : ['-H', shellQuoted(`THANOS-TENANT: ${tenant}`)];
  const fields = Object.entries(parameters).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((one) => one !== undefined)
      .map((one) => `--data-urlencode ${shellQuoted(`${key}=${one}`)}`),
  );
  return ['curl', '-sS', ...headers, ...fields, shellQuoted(`${origin}${path}`)].join(' ');
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A selector of one metric: `up`, or `{"a.b"}` where the name needs quotes. */
export function selectorOfName(name: string): string {
  return isPlainName(name.replaceAll(':', '_')) ? name : `{${quoteText(name)}}`;
}

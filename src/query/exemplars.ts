/**
 * Exemplars of every endpoint that keeps some. An endpoint is asked with the selectors of the query that its external
 * labels can fulfil, without the matchers on those labels: its series do not carry them.
 */
import {
  compareLabels,
  dropLabels,
  type Labels,
  labelRecord,
  labelsKey,
  labelValue,
} from '../model/labels.ts';
import { compileMatcher, type Matcher } from '../model/matcher.ts';
import { printSample } from '../model/number-text.ts';
import type { Expr } from '../promql/parse/ast.ts';
import { printMatcher } from '../promql/parse/print.ts';
import { selectorsOf } from '../promql/parse/walk.ts';
import {
  type Exemplar,
  Exemplars,
  ExemplarsRequestSchema,
  ExemplarsResponseSchema,
} from '../wire/gen/thanos/exemplars_pb.ts';
import { encodeMessage, methodPath } from '../wire/message.ts';
import { askEndpoints } from './ask-endpoints.ts';
import { type Endpoint, labelSetsOf, labelsOfSet } from './endpoint.ts';

export interface ExemplarsRequest {
  readonly expr: Expr;
  readonly startMs: number;
  readonly endMs: number;
  readonly replicaLabels: readonly string[];
  readonly partialResponse: boolean;
  readonly signal: AbortSignal;
}

export interface ExemplarsAnswer {
  /** As /api/v1/query_exemplars shows them. */
  readonly data: readonly unknown[];
  readonly warnings: readonly string[];
}

export async function fetchExemplars(
  endpoints: readonly Endpoint[],
  request: ExemplarsRequest,
): Promise<ExemplarsAnswer> {
  const { expr, startMs, endMs, partialResponse, signal } = request;
  const selectors = selectorsOf(expr);
  const replicas = new Set(request.replicaLabels);
  const found = new Map<string, { labels: Labels; exemplars: Map<string, Exemplar> }>();
  const told: string[] = [];
  const failed = await askEndpoints(
    endpoints,
    {
      what: 'exemplars',
      api: 'exemplars',
      method: methodPath(Exemplars.method.exemplars),
      request(endpoint) {
        const query = queryFor(endpoint, selectors);
        if (query === '') return undefined;
        const [start, end] = [BigInt(Math.trunc(startMs)), BigInt(Math.trunc(endMs))];
        return encodeMessage(ExemplarsRequestSchema, { query, start, end });
      },
      response: ExemplarsResponseSchema,
      partialResponse,
      signal,
    },
    ({ result }) => {
      if (result.case === 'warning') told.push(result.value);
      if (result.case !== 'data') return;
      const labels = dropLabels(labelsOfSet(result.value.seriesLabels), replicas);
      const key = labelsKey(labels);
      const series = found.get(key) ?? { labels, exemplars: new Map<string, Exemplar>() };
      found.set(key, series);
      for (const exemplar of result.value.exemplars) {
        series.exemplars.set(`${labelsKey(labelsOfSet(exemplar.labels))} ${exemplar.ts}`, exemplar);
      }
    },
  );
  const series = [...found.values()].sort((a, b) => compareLabels(a.labels, b.labels));
  const data = series.map(({ labels, exemplars }) => ({
    seriesLabels: labelRecord(labels),
    exemplars: [...exemplars.values()].sort((a, b) => Number(a.ts - b.ts)).map(exemplarJson),
  }));
  return { data, warnings: [...new Set([...failed, ...told])] };
}

function exemplarJson({ labels, value, ts }: Exemplar): unknown {
  return {
    labels: labelRecord(labelsOfSet(labels)),
    value: printSample(value),
    timestamp: Number(ts) / 1000,
  };
}

/** Alternatives joined by `or`; '' if no selector can be fulfilled there. */
function queryFor(endpoint: Endpoint, selectors: readonly (readonly Matcher[])[]): string {
  const sets = labelSetsOf(endpoint);
  const [external = []] = sets;
  const queries = selectors.flatMap((matchers) => {
    const own = matchers.filter(({ name }) => labelValue(external, name) !== '');
    const isFulfilled = own.every((matcher) =>
      sets.some((set) => compileMatcher(matcher).matches(labelValue(set, matcher.name))),
    );
    const rest = matchers.filter((matcher) => !own.includes(matcher));
    return isFulfilled && rest.length > 0 ? [`{${rest.map(printMatcher).join(',')}}`] : [];
  });
  return [...new Set(queries)].join(' or ');
}

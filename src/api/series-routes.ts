/** /api/v1/series, /api/v1/labels and /api/v1/label/<name>/values. */
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import { compareLabels, type Labels, labelRecord } from '../model/labels.ts';
import { compileMatcher, type Matcher } from '../model/matcher.ts';
import { mergeTexts } from '../model/merge-texts.ts';
import type { OpenView, QueryView } from '../storage/query-view.ts';
import type { LabelsResult } from '../storage/queryable.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '../transport/http-route.ts';
import { apiRoute, GET, GET_OR_POST } from './api-route.ts';
import { dataAnswer } from './envelope.ts';
import { unescapeLabelName } from './escaped-name.ts';
import {
  EARLIEST_TIME_MS,
  invalidParameter,
  LATEST_TIME_MS,
  limitParameter,
  timeParameter,
} from './parameters.ts';
import { selectorsParameter, type ViewDefaults, viewParameters } from './view-parameters.ts';

export interface SeriesApi {
  readonly open: OpenView;
  readonly clock: Clock;
  readonly view: ViewDefaults;
  /** How far back a request that names no start looks; 0 is without bound. */
  readonly defaultRangeMs: number;
}

const TRUNCATED = 'results truncated due to limit';

export function seriesRoutes(api: SeriesApi): readonly HttpRoute[] {
  return [
    apiRoute({
      methods: GET_OR_POST,
      path: '/api/v1/series',
      handler: 'series',
      action: (request) => series(api, request),
    }),
    apiRoute({
      methods: GET_OR_POST,
      path: '/api/v1/labels',
      handler: 'label_names',
      action: (request) => labels(api, request, undefined),
    }),
    apiRoute({
      methods: GET,
      path: '/api/v1/label/:name/values',
      handler: 'label_values',
      action: (request) => labels(api, request, request.params.name ?? ''),
    }),
  ];
}

interface Scope {
  readonly view: QueryView;
  readonly minTime: number;
  readonly maxTime: number;
  readonly limit: number;
  readonly selectors: readonly (readonly Matcher[])[];
}

type Refuse = (reason: string) => OperationError;

function readScope(api: SeriesApi, { query }: HttpRequest, refuse: Refuse): Scope {
  const nowMs = api.clock.nowMs();
  const earliest = api.defaultRangeMs > 0 ? nowMs - api.defaultRangeMs : EARLIEST_TIME_MS;
  const minTime = timeParameter(query, 'start', earliest);
  const maxTime = timeParameter(query, 'end', api.defaultRangeMs > 0 ? nowMs : LATEST_TIME_MS);
  // Thanos refuses it, for Prometheus it is a time without series.
  if (maxTime < minTime && api.view.isFixed !== true) {
    throw invalidParameter('end', 'end timestamp must not be before start time');
  }
  const selectors = selectorsParameter(query, 'match[]', refuse);
  for (const matchers of selectors) {
    if (
      matchers.every(({ type, value }) => compileMatcher({ type, name: '', value }).matches(''))
    ) {
      throw refuse('match[] must contain at least one non-empty matcher');
    }
  }
  return {
    view: viewParameters(query, api.view, 0),
    minTime,
    maxTime,
    limit: limitParameter(query),
    selectors,
  };
}

async function series(api: SeriesApi, request: HttpRequest): Promise<HttpAnswer> {
  if (request.query.getAll('match[]').length === 0) {
    throw new OperationError('bad-data', 'no match[] parameter provided');
  }
  const { view, minTime, maxTime, limit, selectors } = readScope(api, request, (reason) =>
    invalidParameter('match[]', reason),
  );
  const queryable = api.open(view);
  const found: Labels[] = [];
  const warnings: string[] = [];
  for (const matchers of selectors) {
    // One more than asked for tells whether anything was cut off.
    const hints = { stepMs: 0, rangeMs: 0, func: 'series', grouping: [], by: false };
    const wanted = limit === 0 ? 0 : limit + 1;
    using set = await queryable.select(
      { matchers, minTime, maxTime, hints: { ...hints, limit: wanted } },
      { signal: request.signal },
    );
    for (let count = 0; (wanted === 0 || count < wanted) && set.next(); count++) {
      found.push(set.labels);
    }
    warnings.push(...set.warnings);
  }
  const merged = selectors.length > 1 ? sortedUnique(found) : found;
  const shown = limit > 0 ? merged.slice(0, limit) : merged;
  if (shown.length < merged.length) warnings.push(TRUNCATED);
  const data = shown.map((labelSet) => labelRecord(labelSet));
  return dataAnswer(data, { warnings: [...new Set(warnings)] });
}

function sortedUnique(sets: Labels[]): Labels[] {
  const sorted = sets.sort(compareLabels);
  return sorted.filter((set, i) => i === 0 || compareLabels(sorted[i - 1] as Labels, set) !== 0);
}

async function labels(
  api: SeriesApi,
  request: HttpRequest,
  escapedName: string | undefined,
): Promise<HttpAnswer> {
  const name = escapedName === undefined ? undefined : unescapeLabelName(escapedName);
  if (name === '') throw new OperationError('bad-data', 'invalid label name: ""');
  const { view, minTime, maxTime, limit, selectors } = readScope(
    api,
    request,
    // Prometheus does not say which parameter here.
    (reason) => new OperationError('bad-data', reason),
  );
  // Replica labels are names and values like others: Thanos deduplicates series only.
  const queryable = api.open({ ...view, deduplicate: false });
  const wanted = limit === 0 ? 0 : limit + 1;
  const results: LabelsResult[] = [];
  for (const matchers of selectors.length > 0 ? selectors : [[]]) {
    const scope = { matchers, minTime, maxTime, limit: wanted };
    const options = { signal: request.signal };
    results.push(
      name === undefined
        ? await queryable.labelNames(scope, options)
        : await queryable.labelValues(name, scope, options),
    );
  }
  const values = mergeTexts(results.map((result) => result.values));
  const warnings = results.flatMap((result) => result.warnings);
  const shown = limit > 0 ? values.slice(0, limit) : values;
  if (shown.length < values.length) warnings.push(TRUNCATED);
  return dataAnswer(shown, { warnings: [...new Set(warnings)] });
}

/** What a server tells of its storage, and what it may be asked to do with it. Source: Prometheus web/api/v1. */
import { OperationError } from '../base/errors.ts';
import type { Matcher } from '../model/matcher.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '../transport/http-route.ts';
import type { HeadCardinality } from '../tsdb/head/head-stats.ts';
import { type ApiRoute, apiRoute, GET, POST_OR_PUT } from './api-route.ts';
import { dataAnswer, failureAnswer } from './envelope.ts';
import { EARLIEST_TIME_MS, LATEST_TIME_MS, switchParameter, timeParameter } from './parameters.ts';
import { selectorsParameter } from './view-parameters.ts';

export interface HeadView {
  readonly series: number;
  readonly chunks: number;
  /** Milliseconds; of an empty head minTime is above maxTime. */
  readonly minTime: number;
  readonly maxTime: number;
}

export interface TsdbStatus {
  readonly head: HeadView;
  readonly top: HeadCardinality;
}

export interface TsdbApi {
  head(limit: number): Promise<TsdbStatus>;
  /** Contents of the blocks' meta.json. */
  blocks(): Promise<readonly unknown[]>;
  /** Segments of the write-ahead log: first, last, and the one that is being replayed. */
  replay(): { readonly min: number; readonly max: number; readonly current: number };
  readonly isAdminEnabled: boolean;
  deleteSeries(matchers: readonly Matcher[], minTime: number, maxTime: number): Promise<void>;
  cleanTombstones(): Promise<void>;
  /** Name of the snapshot, a directory under `snapshots`. */
  snapshot(options: { readonly withHead: boolean }): Promise<string>;
}

const LIMIT_MAX = 10_000;

/** Answers while the write-ahead log is being replayed, too. */
export function replayRoute(api: Pick<TsdbApi, 'replay'>): HttpRoute {
  return apiRoute({
    methods: GET,
    path: '/api/v1/status/walreplay',
    handler: '/api/v1/status/walreplay',
    action: () => dataAnswer(api.replay()),
  });
}

export function tsdbRoutes(api: TsdbApi): readonly HttpRoute[] {
  const route = (methods: ApiRoute['methods'], path: string, action: Action): HttpRoute =>
    apiRoute({ methods, path, handler: path, action: (request) => action(api, request) });
  const admin = (name: string, action: Action): HttpRoute =>
    route(POST_OR_PUT, `/api/v1/admin/tsdb/${name}`, (_, request) =>
      api.isAdminEnabled
        ? action(api, request)
        : failureAnswer(500, 'unavailable', 'admin APIs disabled'),
    );
  return [
    route(GET, '/api/v1/status/tsdb', status),
    route(GET, '/api/v1/status/tsdb/blocks', async () =>
      dataAnswer({ blocks: await api.blocks() }),
    ),
    admin('delete_series', deleteSeries),
    admin('clean_tombstones', cleanTombstones),
    admin('snapshot', snapshot),
  ];
}

type Action = (api: TsdbApi, request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;

async function status(api: TsdbApi, { query }: HttpRequest): Promise<HttpAnswer> {
  return dataAnswer(statusJson(await api.head(topLimit(query))));
}

/** As /api/v1/status/tsdb shows it. */
export function statusJson({ head, top }: TsdbStatus): unknown {
  return {
    headStats: {
      numSeries: head.series,
      numLabelPairs: top.labelPairs,
      chunkCount: head.chunks,
      minTime: head.minTime,
      maxTime: head.maxTime,
    },
    seriesCountByMetricName: top.seriesByMetric,
    labelValueCountByLabelName: top.valuesByLabel,
    memoryInBytesByLabelName: top.bytesByLabel,
    seriesCountByLabelValuePair: top.seriesByPair,
  };
}

/** How many entries a list may have. Throws OperationError 'bad-data' for none or too many. */
export function topLimit(query: URLSearchParams): number {
  const text = query.get('limit') ?? '';
  if (text === '') return 10;
  const limit = /^\+?\d+$/.test(text) ? Number(text) : 0;
  if (limit < 1) throw new OperationError('bad-data', 'limit must be a positive number');
  if (limit > LIMIT_MAX) {
    throw new OperationError('bad-data', `limit must not exceed ${LIMIT_MAX}`);
  }
  return limit;
}

const NO_CONTENT: HttpAnswer = { status: 204 };

async function deleteSeries(api: TsdbApi, { query }: HttpRequest): Promise<HttpAnswer> {
  if (query.getAll('match[]').length === 0) {
    throw new OperationError('bad-data', 'no match[] parameter provided');
  }
  const minTime = timeParameter(query, 'start', EARLIEST_TIME_MS);
  const maxTime = timeParameter(query, 'end', LATEST_TIME_MS);
  for (const matchers of selectorsParameter(query, 'match[]')) {
    await api.deleteSeries(matchers, minTime, maxTime);
  }
  return NO_CONTENT;
}

async function cleanTombstones(api: TsdbApi): Promise<HttpAnswer> {
  await api.cleanTombstones();
  return NO_CONTENT;
}

async function snapshot(api: TsdbApi, { query }: HttpRequest): Promise<HttpAnswer> {
  const skipHead = switchParameter(query, 'skip_head', false);
  return dataAnswer({ name: await api.snapshot({ withHead: !skipHead }) });
}

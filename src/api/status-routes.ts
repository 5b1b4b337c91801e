/** /api/v1/status/*, /api/v1/stores, /api/v1/metadata, exemplars and what else a querier tells about its system. */
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import { parseExpr } from '../promql/parse/parse-expr.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '../transport/http-route.ts';
import { dataAnswer, errorAnswer } from './envelope.ts';
import { EARLIEST_TIME_MS, LATEST_TIME_MS, limitParameter, timeParameter } from './parameters.ts';

export interface MetadataEntry {
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

/** One endpoint as /api/v1/stores shows it; times in milliseconds. */
export interface StoreStatus {
  readonly name: string;
  readonly lastCheck: string;
  readonly lastError: string | null;
  readonly labelSets: readonly Readonly<Record<string, string>>[];
  readonly minTime: number;
  readonly maxTime: number;
}

/** What a querier knows beside series. Whoever has no stores or metadata gives empty answers. */
export interface SystemSource {
  /** Component type → endpoints. */
  stores(): Readonly<Record<string, readonly StoreStatus[]>>;
  /** Metric name → what its targets say of it; an empty name asks for all. */
  metadata(request: {
    readonly metric: string;
    readonly limit: number;
    readonly signal: AbortSignal;
  }): Promise<{
    readonly metadata: Readonly<Record<string, readonly MetadataEntry[]>>;
    readonly warnings: readonly string[];
  }>;
}

export interface StatusApi {
  readonly clock: Clock;
  readonly startMs: number;
  readonly build: {
    readonly version: string;
    readonly revision: string;
    readonly branch: string;
  };
  /** Flag → value as text, secrets already hidden. */
  readonly flags: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly system: SystemSource;
}

export function statusRoutes(api: StatusApi): readonly HttpRoute[] {
  const get = (path: string, handler: string, action: Action): HttpRoute => ({
    methods: ['GET'],
    path,
    handler,
    handle: (request) => answer(() => action(request)),
  });
  return [
    get('/api/v1/status/flags', 'status_flags', async () => dataAnswer(api.flags)),
    get('/api/v1/status/buildinfo', 'status_build', async () => dataAnswer(buildInformation(api))),
    get('/api/v1/status/runtimeinfo', 'status_runtime', async () =>
      dataAnswer(runtimeInformation(api)),
    ),
    get('/api/v1/stores', 'stores', async () => dataAnswer(api.system.stores())),
    get('/api/v1/metadata', 'metadata', (request) => metadata(api, request)),
    {
      methods: ['GET', 'POST'],
      path: '/api/v1/query_exemplars',
      handler: 'exemplars',
      handle: (request) => answer(async () => exemplars(request)),
    },
  ];
}

type Action = (request: HttpRequest) => Promise<HttpAnswer>;

async function answer(action: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  try {
    return await action();
  } catch (error) {
    return errorAnswer(error);
  }
}

/** No `features` member: Grafana takes whoever has one for Mimir. */
function buildInformation({ build }: StatusApi): Readonly<Record<string, string>> {
  return {
    ...build,
    buildUser: '',
    buildDate: '',
    goVersion: process.version,
  };
}

function runtimeInformation(api: StatusApi): Readonly<Record<string, unknown>> {
  return {
    startTime: new Date(api.startMs).toISOString(),
    CWD: api.workingDirectory,
    goroutineCount: process.getActiveResourcesInfo().length,
    GOMAXPROCS: 1,
    GOGC: '',
    GODEBUG: '',
    GOMEMLIMIT: 0,
  };
}

async function metadata(api: StatusApi, { query, signal }: HttpRequest): Promise<HttpAnswer> {
  const limit = limitParameter(query);
  const metric = query.get('metric') ?? '';
  const found = await api.system.metadata({ metric, limit, signal });
  const entries = Object.entries(found.metadata);
  const shown = limit > 0 ? entries.slice(0, limit) : entries;
  return dataAnswer(Object.fromEntries(shown), { warnings: found.warnings });
}

/** No store that this querier reads keeps exemplars: the parameters are checked, the answer is empty. */
function exemplars({ query }: HttpRequest): HttpAnswer {
  const startMs = timeParameter(query, 'start', EARLIEST_TIME_MS);
  if (timeParameter(query, 'end', LATEST_TIME_MS) < startMs) {
    throw new OperationError('bad-data', 'end timestamp must not be before start timestamp');
  }
  parseExpr(query.get('query') ?? '');
  return dataAnswer([]);
}

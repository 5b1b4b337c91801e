/** /api/v1/status/*, /api/v1/stores, /api/v1/metadata, exemplars and what else a querier tells about its system. */
import type { Clock } from '../base/clock.ts';
import type { EndpointStatus } from '../query/endpoint.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '../transport/http-route.ts';
import { type ApiRoute, apiRoute, GET } from './api-route.ts';
import { buildInformation } from './build-information.ts';
import { dataAnswer } from './envelope.ts';
import { type FlagApi, flagRoutes } from './flag-routes.ts';
import { limitParameter } from './parameters.ts';

export interface MetadataEntry {
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

/** What a querier knows beside series. Whoever has no stores or metadata gives empty answers. */
export interface SystemSource {
  /** Component type → endpoints. */
  stores(): Readonly<Record<string, readonly EndpointStatus[]>>;
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

export interface StatusApi extends FlagApi {
  readonly clock: Clock;
  readonly startMs: number;
  readonly build: {
    readonly version: string;
    readonly revision: string;
    readonly branch: string;
  };
  readonly workingDirectory: string;
  readonly system: SystemSource;
}

export function statusRoutes(api: StatusApi): readonly HttpRoute[] {
  const get = (path: string, handler: string, action: ApiRoute['action']): HttpRoute =>
    apiRoute({ methods: GET, path, handler, action });
  return [
    ...flagRoutes(api, 'status_flags'),
    get('/api/v1/status/buildinfo', 'status_build', () => dataAnswer(buildInformation(api.build))),
    get('/api/v1/status/runtimeinfo', 'status_runtime', () => dataAnswer(runtimeInformation(api))),
    get('/api/v1/stores', 'stores', () => stores(api)),
    get('/api/v1/metadata', 'metadata', (request) => metadata(api, request)),
  ];
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

/** The ends of int64 stand for open ranges; a JavaScript number cannot hold them exactly. */
function stores({ system }: StatusApi): HttpAnswer {
  const answer = dataAnswer(system.stores());
  const body = String(answer.body)
    .replaceAll('-9223372036854776000', '-9223372036854775808')
    .replaceAll('9223372036854776000', '9223372036854775807');
  return { ...answer, body };
}

async function metadata(api: StatusApi, { query, signal }: HttpRequest): Promise<HttpAnswer> {
  const limit = limitParameter(query);
  const metric = query.get('metric') ?? '';
  const found = await api.system.metadata({ metric, limit, signal });
  const entries = Object.entries(found.metadata);
  const shown = limit > 0 ? entries.slice(0, limit) : entries;
  return dataAnswer(Object.fromEntries(shown), { warnings: found.warnings });
}

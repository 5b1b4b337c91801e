import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { Engine, EngineAnswer, EngineRequest } from '../engine/engine.ts';
import type { AnalysedPart } from '../model/query-analysis.ts';
import { queryRoutes } from './query-routes.ts';
import { callRoute } from './testing/request.ts';

const clock: Clock = {
  nowMs: () => 1_700_000_000_000,
  monotonicMs: () => 0,
  after: () => () => undefined,
  sleep: async () => undefined,
};

const NOTHING: EngineAnswer = {
  resultSlices: [Buffer.from('"resultType":"vector","result":[]')],
  warnings: [],
  storageWarningCount: 0,
  infos: [],
  statistics: {
    totalSamples: 3,
    samplesRead: 2,
    peakSamples: 2,
    queueMs: 1,
    prepareMs: 2,
    evaluateMs: 3,
  },
};

function ask(url: string, answer: Partial<EngineAnswer> | OperationError = {}) {
  const asked: EngineRequest[] = [];
  const engine: Engine = {
    async query(request) {
      asked.push(request);
      if (answer instanceof OperationError) throw answer;
      return { ...NOTHING, ...answer };
    },
    close: async () => undefined,
  };
  const view = {
    deduplicate: true,
    replicaLabels: ['replica'],
    partialResponse: true,
    storeMatchers: [],
    maxSourceResolutionMs: 0,
    autoDownsampling: false,
  };
  const times = { lookbackMs: 300_000, timeoutMs: 120_000, stepMs: 1000 };
  const defaults = { view, ...times, countsSteps: true };
  const routes = queryRoutes({ engine, clock, defaults });
  return callRoute(routes, url).then((called) => ({ ...called, request: asked[0] }));
}

test('an instant query takes its time, or now', async () => {
  const now = await ask('/api/v1/query?query=up');
  assert.equal(now.request?.startMs, 1_700_000_000_000);
  assert.deepEqual(now.body, {
    status: 'success',
    data: { resultType: 'vector', result: [], analysis: {} },
  });
  const f = async (time: string, want: number): Promise<void> => {
    const { request } = await ask(`/api/v1/query?query=up&time=${encodeURIComponent(time)}`);
    assert.deepEqual([request?.startMs, request?.endMs, request?.stepMs], [want, want, 0]);
  };
  await f('4', 4000);
  await f('1700000000.1235', 1_700_000_000_124);
  await f('2023-11-14T22:13:20.5Z', 1_700_000_000_500);
  await f('2023-11-15T00:13:20+02:00', 1_700_000_000_000);
});

test('a range query without a step gets 250 steps in whole seconds', async () => {
  const f = async (parameters: string, want: number): Promise<void> => {
    const { request } = await ask(`/api/v1/query_range?query=up&${parameters}`);
    assert.equal(request?.stepMs, want);
  };
  await f('start=0&end=10', 1000);
  await f('start=0&end=3600', 14_000);
  await f('start=0&end=10&step=0.5', 500);
  await f('start=0&end=10&step=1m', 60_000);
});

test('bad parameters are named with what they read', async () => {
  const f = async (url: string, want: string): Promise<void> => {
    const { status, body } = await ask(url);
    assert.equal(status, 400);
    assert.deepEqual(body, { status: 'error', errorType: 'bad_data', error: want });
  };
  await f(
    '/api/v1/query?query=up&time=x',
    `invalid parameter "time": invalid time value for 'time': cannot parse "x" to a valid timestamp`,
  );
  await f(
    '/api/v1/query_range?query=up&end=1',
    'invalid parameter "start": cannot parse "" to a valid timestamp',
  );
  await f(
    '/api/v1/query_range?query=up&start=2&end=1',
    'invalid parameter "end": end timestamp must not be before start time',
  );
  await f(
    '/api/v1/query_range?query=up&start=0&end=1&step=0',
    'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
  );
  await f(
    '/api/v1/query_range?query=up&start=0&end=11001&step=1',
    'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
  );
  await f(
    '/api/v1/query?query=up&dedup=perhaps',
    'invalid parameter "dedup": cannot parse "perhaps" to a valid boolean',
  );
  await f(
    '/api/v1/query?query=up&limit=-1',
    'invalid parameter "limit": limit must be non-negative',
  );
});

test('errors of the engine keep their kind', async () => {
  const f = async (error: OperationError, status: number, errorType: string): Promise<void> => {
    const called = await ask('/api/v1/query?query=up', error);
    assert.equal(called.status, status);
    assert.deepEqual(called.body, { status: 'error', errorType, error: error.message });
  };
  await f(new OperationError('execution', 'many-to-many'), 422, 'execution');
  await f(new OperationError('timeout', 'query timed out'), 503, 'timeout');
  await f(new OperationError('canceled', 'query was canceled'), 499, 'canceled');
  await f(new OperationError('internal', 'x'), 500, 'internal');
});

test('warnings of the storage keep the answer out of caches, those of PromQL do not', async () => {
  const query = await ask('/api/v1/query?query=up', { warnings: ['PromQL warning: x'] });
  assert.equal(query.answer.headers?.['cache-control'], undefined);
  const storage = await ask('/api/v1/query?query=up', {
    warnings: ['receive series from a: gone'],
    storageWarningCount: 1,
  });
  assert.equal(storage.answer.headers?.['cache-control'], 'no-store');
  assert.deepEqual((storage.body as { warnings: string[] }).warnings, [
    'receive series from a: gone',
  ]);
});

test('statistics come when they are asked for', async () => {
  const { body, request } = await ask('/api/v1/query?query=up&stats=all');
  assert.equal(request?.countsWindows, true);
  const { stats } = (body as { data: { stats: { samples: unknown } } }).data;
  assert.deepEqual(stats.samples, { totalQueryableSamples: 3, samplesRead: 2, peakSamples: 2 });
});

test('statistics of steps come with stats=all', async () => {
  const { statistics } = NOTHING;
  const counts = {
    startMs: 1500,
    stepMs: 1000,
    totalSamples: Float64Array.of(2, 1),
    samplesRead: Float64Array.of(2, 0),
  };
  const answer = { statistics: { ...statistics, steps: counts } };
  const { body, request } = await ask('/api/v1/query?query=up&stats=all', answer);
  assert.equal(request?.countsSteps, true);
  const { stats } = (body as { data: { stats: { samples: Record<string, unknown> } } }).data;
  assert.deepEqual(stats.samples.totalQueryableSamplesPerStep, [
    [1.5, 2],
    [2.5, 1],
  ]);
  assert.deepEqual(stats.samples.samplesReadPerStep, [
    [1.5, 2],
    [2.5, 0],
  ]);
});

test('an analysis comes when it is asked for, as Thanos shows it and with more', async () => {
  const selector: AnalysedPart = {
    name: '[vectorSelector] up',
    kind: 'vectorSelector',
    start: 6,
    end: 8,
    executionMs: 61_250.5,
    selfMs: 0.25,
    totalSamples: 7,
    peakSamples: 5,
    series: 2,
    samples: 7,
    read: {
      waitMs: 61_250.25,
      chunks: 3,
      bytes: 300,
      cacheHits: 1,
      endpoints: [
        {
          address: 'a:1',
          labelSets: [['replica', 'A']],
          durationMs: 0.0015,
          bytes: 400,
          responses: 2,
          series: 2,
          chunks: 3,
          samples: 9,
          failure: undefined,
        },
      ],
    },
    children: [],
  };
  const count = { ...selector, name: '[aggregate] count by ([])', kind: 'aggregation', start: 0 };
  const analysis = { ...count, end: 9, read: undefined, children: [selector] };
  const { body, request } = await ask('/api/v1/query?query=count(up)&analyze=1', { analysis });
  assert.equal(request?.isAnalysed, true);
  assert.equal(request?.countsWindows, true);
  const figures = {
    executionTime: '1m1.2505s',
    peakSamples: 5,
    totalSamples: 7,
    executionMs: 61_250.5,
    selfMs: 0.25,
    series: 2,
    samples: 7,
  };
  const endpoint = {
    endpointAddr: 'a:1',
    duration: '1.5µs',
    bytesProcessed: 400,
    numResponses: 2,
    series: 2,
    chunks: 3,
    samples: 9,
    durationMs: 0.002,
    labelSets: [{ replica: 'A' }],
  };
  const { data } = body as { readonly data: { readonly analysis: unknown } };
  assert.deepEqual(data.analysis, {
    name: '[aggregate] count by ([])',
    kind: 'aggregation',
    start: 0,
    end: 9,
    ...figures,
    children: [
      {
        name: '[vectorSelector] up',
        kind: 'vectorSelector',
        start: 6,
        end: 8,
        ...figures,
        waitMs: 61_250.25,
        bytes: 300,
        chunks: 3,
        cacheHits: 1,
        fanout: [endpoint],
      },
    ],
  });
});

test("Thanos' view parameters reach the storage", async () => {
  const { request } = await ask(
    '/api/v1/query_range?query=up&start=0&end=1000&step=100&dedup=0&partial_response=false&replicaLabels[]=a,b&storeMatch[]={__address__="x:1"}&max_source_resolution=auto',
  );
  assert.deepEqual(request?.view, {
    deduplicate: false,
    replicaLabels: ['a', 'b'],
    partialResponse: false,
    storeMatchers: [[{ type: '=', name: '__address__', value: 'x:1' }]],
    maxSourceResolutionMs: 20_000,
  });
});

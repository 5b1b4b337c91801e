import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { requestOf } from './testing/request.ts';
import { replayRoute, type TsdbApi, tsdbRoutes } from './tsdb-routes.ts';

function storage(isAdminEnabled: boolean): { readonly api: TsdbApi; readonly calls: unknown[] } {
  const calls: unknown[] = [];
  const top = {
    labelPairs: 511,
    seriesByMetric: [],
    valuesByLabel: [],
    bytesByLabel: [],
    seriesByPair: [],
  };
  const api: TsdbApi = {
    async head(limit) {
      const head = { series: 700, chunks: 701, minTime: 5, maxTime: 9 };
      return { head, top: { ...top, seriesByPair: [{ name: 'job=self', value: limit }] } };
    },
    blocks: async () => [{ ulid: '01' }],
    replay: () => ({ min: 1, max: 3, current: 2 }),
    isAdminEnabled,
    deleteSeries: async (...all) => void calls.push(all),
    cleanTombstones: async () => void calls.push('clean'),
    snapshot: async (options) => {
      calls.push(options);
      return '20261124T113321Z-294e71948b54a10f';
    },
  };
  return { api, calls };
}

async function ask(api: TsdbApi, method: string, url: string): Promise<string> {
  const [path = ''] = url.split('?');
  const route = [...tsdbRoutes(api), replayRoute(api)].find(
    (one) => one.path === `/api/v1/${path}` && one.methods.includes(method as 'GET'),
  );
  assert.ok(route !== undefined, `no route for ${method} ${path}`);
  const { status, body } = await route.handle({ ...requestOf(`/api/v1/${url}`), method });
  return `${status} ${body ?? ''}`.trim();
}

// The shapes and texts are those of Prometheus 3.14.
test('the head, the blocks and the replay are shown', async () => {
  const { api } = storage(false);
  const f = async (url: string, want: string): Promise<void> =>
    assert.equal(await ask(api, 'GET', url), want);
  await f(
    'status/tsdb?limit=3',
    '200 {"status":"success","data":{"headStats":{"numSeries":700,"numLabelPairs":511,"chunkCount":701,"minTime":5,"maxTime":9},"seriesCountByMetricName":[],"labelValueCountByLabelName":[],"memoryInBytesByLabelName":[],"seriesCountByLabelValuePair":[{"name":"job=self","value":3}]}}',
  );
  await f('status/tsdb/blocks', '200 {"status":"success","data":{"blocks":[{"ulid":"01"}]}}');
  await f('status/walreplay', '200 {"status":"success","data":{"min":1,"max":3,"current":2}}');
  const wrong = (error: string): string =>
    `400 {"status":"error","errorType":"bad_data","error":"${error}"}`;
  await f('status/tsdb?limit=0', wrong('limit must be a positive number'));
  await f('status/tsdb?limit=10001', wrong('limit must not exceed 10000'));
});

test('series are deleted, tombstones cleaned, snapshots made where that is enabled', async () => {
  const { api, calls } = storage(true);
  const f = async (url: string, want: string): Promise<void> =>
    assert.equal(await ask(api, 'POST', `admin/tsdb/${url}`), want);
  await f('delete_series?match[]=up&match[]={a="b"}&start=1&end=2.5', '204');
  await f('clean_tombstones', '204');
  const named = '200 {"status":"success","data":{"name":"20261124T113321Z-294e71948b54a10f"}}';
  await f('snapshot', named);
  await f('snapshot?skip_head=true', named);
  assert.deepEqual(calls, [
    [[{ type: '=', name: '__name__', value: 'up' }], 1000, 2500],
    [[{ type: '=', name: 'a', value: 'b' }], 1000, 2500],
    'clean',
    { withHead: true },
    { withHead: false },
  ]);
  await f(
    'delete_series',
    '400 {"status":"error","errorType":"bad_data","error":"no match[] parameter provided"}',
  );
});

test('where it is not enabled nothing is done', async () => {
  const { api, calls } = storage(false);
  for (const action of ['delete_series?match[]=up', 'clean_tombstones', 'snapshot']) {
    assert.equal(
      await ask(api, 'PUT', `admin/tsdb/${action}`),
      '500 {"status":"error","errorType":"unavailable","error":"admin APIs disabled"}',
    );
  }
  assert.deepEqual(calls, []);
});

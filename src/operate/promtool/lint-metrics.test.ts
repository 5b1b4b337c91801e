import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testKernel } from '../../base/testing/kernel.ts';
import { parsePage } from '../../scrape/exposition.ts';
import { lintMetrics } from './lint-metrics.ts';

test('metrics against good practice are named as promtool names them', () => {
  const kernel = testKernel();
  const f = (page: string, ...want: readonly string[]) => {
    const batch = parsePage(kernel, new TextEncoder().encode(page), 'text');
    const got = lintMetrics(batch).map(({ metric, text }) => `${metric} ${text}`);
    batch.release();
    assert.deepEqual(got, want, page);
  };
  f('# HELP a_total x\n# TYPE a_total counter\na_total 1\n');
  f('a 1\n', 'a no help text');
  f(
    '# HELP a x\n# TYPE a counter\na 1\na 2\n',
    'a counter metrics should have "_total" suffix',
    'a metric not unique',
  );
  f(
    '# HELP a_minutes x\n# TYPE a_minutes gauge\na_minutes 1\n',
    'a_minutes use base unit "seconds" instead of "minutes"',
  );
  f(
    '# HELP aB_ms x\n# TYPE aB_ms gauge\naB_ms{le="1"} 1\n',
    "aB_ms metric names should be written in 'snake_case' not 'camelCase'",
    'aB_ms metric names should not contain abbreviated units',
    'aB_ms non-histogram metrics should not have "le" label',
  );
  f('# HELP h x\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 2\nh_count 1\n');
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { NEW_PANEL, type Panel } from './panel.ts';
import { parseUtc, printUtc, readPanels, writePanels } from './panel-url.ts';

function read(search: string): readonly Panel[] {
  return readPanels(Object.fromEntries(new URLSearchParams(search)));
}

test('a link of Thanos is read', () => {
  // Written by Thanos' own query page.
  const [panel] = read(
    'g0.expr=sum(rate(http_requests_total%5B5m%5D))&g0.tab=0&g0.stacked=1&g0.range_input=2h' +
      '&g0.max_source_resolution=auto&g0.deduplicate=0&g0.partial_response=1' +
      '&g0.store_matches=%5B%7B%22name%22%3A%22127.0.0.1%3A10901%22%7D%5D&g0.engine=prometheus' +
      '&g0.analyze=1&g0.tenant=team-a&g0.end_input=2026-11-24%2012%3A00%3A00' +
      '&g0.moment_input=2026-11-24%2012%3A00%3A00&g0.step_input=15',
  );
  assert.deepEqual(panel, {
    ...NEW_PANEL,
    expr: 'sum(rate(http_requests_total[5m]))',
    tab: 'graph',
    isStacked: true,
    rangeMs: 7_200_000,
    maxSourceResolution: 'auto',
    isDeduplicated: false,
    stores: ['127.0.0.1:10901'],
    engine: 'prometheus',
    isAnalyzed: true,
    tenant: 'team-a',
    endMs: Date.UTC(2026, 10, 24, 12),
    stepMs: 15_000,
  });
});

test('a link of Prometheus is read', () => {
  const [first, second] = read(
    'g0.expr=up&g0.show_tree=0&g0.tab=graph&g0.end_input=2026-11-24+12%3A00%3A00.250' +
      '&g0.range_input=15m&g0.res_type=fixed&g0.res_step=0.5&g0.display_mode=stacked' +
      '&g0.y_axis_min=0&g0.show_exemplars=1' +
      '&g1.expr=h&g1.tab=graph&g1.display_mode=heatmap&g1.res_type=auto&g1.res_density=high',
  );
  assert.equal(first.tab, 'graph');
  assert.equal(first.isStacked, true);
  assert.equal(first.isZeroBased, true);
  assert.equal(first.showsExemplars, true);
  assert.equal(first.rangeMs, 900_000);
  assert.equal(first.stepMs, 500);
  assert.equal(first.endMs, Date.UTC(2026, 10, 24, 12) + 250);
  assert.deepEqual(first.otherKeys, { show_tree: '0' });
  assert.equal(second.tab, 'heatmap');
  assert.equal(second.density, 'high');
  assert.equal(second.stepMs, undefined);
});

test('the link of an alert opens the table', () => {
  assert.equal(read('g0.expr=up&g0.tab=1')[0].tab, 'table');
  assert.equal(read('g0.expr=up')[0].tab, 'table');
});

test('what is written is read back the same', () => {
  const panels: readonly Panel[] = [
    { ...NEW_PANEL, expr: 'a & b = "c+d" # 온도', tab: 'heatmap', density: 'low' },
    { ...NEW_PANEL, expr: '', tab: 'explain', endMs: 1_700_000_000_123, stepMs: 250 },
    {
      ...NEW_PANEL,
      expr: 'x',
      tab: 'table',
      isStacked: true,
      isZeroBased: true,
      showsExemplars: true,
      isDeduplicated: false,
      isPartialAllowed: false,
      isAnalyzed: true,
      stores: ['a:1', 'b:2'],
      rangeMs: 90_000,
      maxSourceResolution: '5m',
      tenant: 't',
      engine: 'thanos',
      otherKeys: { show_tree: '1' },
    },
  ];
  const search = new URLSearchParams(writePanels(panels)).toString();
  assert.deepEqual(read(search), panels);
});

test('keys of others survive', () => {
  const written = writePanels([NEW_PANEL], { 'g0.expr': 'old', 'g7.expr': 'old', theme: 'dark' });
  assert.equal(written.theme, 'dark');
  assert.equal(written['g0.expr'], '');
  assert.equal(written['g7.expr'], undefined);
});

test('broken values are left out', () => {
  const [panel] = read(
    'g0.expr=up&g0.range_input=soon&g0.end_input=never&g0.step_input=-1&g0.tab=9' +
      '&g0.store_matches=%7B&g0.max_source_resolution=0s',
  );
  assert.deepEqual(panel, { ...NEW_PANEL, expr: 'up', tab: 'table' });
});

test('panels with a gap in their numbers close up', () => {
  assert.deepEqual(
    read('g10.expr=c&g2.expr=b&g0.expr=a').map(({ expr }) => expr),
    ['a', 'b', 'c'],
  );
});

test('times in links are UTC to the millisecond', () => {
  const same = (text: string) => assert.equal(printUtc(parseUtc(text) ?? 0), text);
  same('2026-11-24 12:00:00');
  same('2026-02-28 23:59:59.999');
  assert.equal(parseUtc('2026-11-24T12:00:00+09:00'), Date.UTC(2026, 10, 24, 3));
  assert.equal(parseUtc('1700000000.5'), 1_700_000_000_500);
  assert.equal(parseUtc('2026-13-24 12:00:00'), undefined);
  same('9999-12-31 23:59:59.999');
  assert.equal(parseUtc('1700000000000000'), undefined);
  assert.equal(parseUtc('9'.repeat(400)), undefined);
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { parseExpr } from '../../../src/promql/parse/parse-expr.ts';
import { bytesOf, explainRows, unfoldedRows } from './explain-tree.ts';

const QUERY = 'topk(3, sum by (a) (rate({"온도"}[5m])) / 2)';

test('rows follow the tree as it is written, with their parts of the query', () => {
  const rows = explainRows(QUERY, parseExpr(QUERY), undefined);
  assert.deepEqual(
    rows.map(({ depth, from, to }) => `${' '.repeat(depth)}${QUERY.slice(from, to)}`),
    [
      QUERY,
      ' 3',
      ' sum by (a) (rate({"온도"}[5m])) / 2',
      '  sum by (a) (rate({"온도"}[5m]))',
      '   rate({"온도"}[5m])',
      '    {"온도"}[5m]',
      '  2',
    ],
  );
});

test('figures join by their place, the outermost first', () => {
  const query = 'sum(up)';
  const rows = explainRows(query, parseExpr(query), {
    name: 'sum',
    start: 0,
    end: 7,
    executionTime: '1.5ms',
    series: 1,
    samples: 8,
    children: [
      { name: 'concurrent', start: 4, end: 6, executionMs: 0.5, series: 4, totalSamples: 8 },
      { name: 'nothing of ours' },
    ],
  });
  assert.deepEqual(
    rows.map(({ figures }) => [figures?.timeMs, figures?.series, figures?.samples]),
    [
      [1.5, 1, 8],
      [0.5, 4, 8],
    ],
  );
});

test('what lies under a folded row is hidden', () => {
  const rows = explainRows(QUERY, parseExpr(QUERY), undefined);
  const shown = unfoldedRows(rows, new Set(['0.1.0']));
  assert.deepEqual(
    shown.map(({ path }) => path),
    ['0', '0.0', '0.1', '0.1.0', '0.1.1'],
  );
});

test('a query has read what its selectors have read', () => {
  const selector = (bytes: number) => ({ name: 'selector', bytes });
  assert.equal(bytesOf({ children: [selector(3), { children: [selector(4)] }] }), 7);
  assert.equal(bytesOf({ children: [{ name: 'number' }] }), undefined);
  assert.equal(bytesOf(undefined), undefined);
});

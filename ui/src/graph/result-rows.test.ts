import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { sortRows } from '../parts/table-rows.ts';
import {
  BY_NAME,
  BY_VALUE,
  columnsOf,
  type InstantResult,
  labelNames,
  linesOf,
  printRows,
  rowsOf,
} from './result-rows.ts';

const vector: InstantResult = {
  resultType: 'vector',
  result: [
    { metric: { __name__: 'up', instance: 'host-10' }, value: [1.5, '0.30000000000000004'] },
    { metric: { __name__: 'up', instance: 'host-9', job: 'a,"b"' }, value: [1.5, 'NaN'] },
    { metric: { __name__: 'up', instance: 'host-1' }, value: [1.5, '+Inf'] },
    { metric: { __name__: 'up', instance: 'host-2' }, value: [1.5, '-4e-07'] },
  ],
};

test('values stay the text that the server wrote', () => {
  const texts = rowsOf(vector).map(({ points }) => points[0].text);
  assert.deepEqual(texts, ['0.30000000000000004', 'NaN', '+Inf', '-4e-07']);
});

test('rows sort by value with NaN last, and by labels as people count', () => {
  const rows = rowsOf(vector);
  const columns = columnsOf(labelNames(rows));
  const f = (column: string, isDescending: boolean, want: readonly number[]): void =>
    assert.deepEqual(
      sortRows(rows, columns, { column, isDescending }).map(({ index }) => index),
      want,
    );
  f(BY_VALUE, false, [3, 0, 2, 1]);
  f(BY_VALUE, true, [2, 0, 3, 1]);
  f('label:instance', false, [2, 3, 1, 0]);
  f(BY_NAME, true, [0, 1, 3, 2]);
});

test('names of labels come with that of the metric first', () => {
  assert.deepEqual(labelNames(rowsOf(vector)), ['__name__', 'instance', 'job']);
});

test('copied text is quoted where its form needs it', () => {
  const rows = rowsOf(vector).slice(0, 2);
  assert.equal(
    printRows(rows, 'csv'),
    [
      '__name__,instance,job,timestamp,value',
      'up,host-10,,1970-01-01T00:00:01.500Z,0.30000000000000004',
      'up,host-9,"a,""b""",1970-01-01T00:00:01.500Z,NaN',
      '',
    ].join('\r\n'),
  );
  assert.equal(
    printRows(rows, 'tsv').split('\r\n')[2],
    'up\thost-9\ta,"b"\t1970-01-01T00:00:01.500Z\tNaN',
  );
});

test('histograms are copied with count and sum, and mixed into samples by time', () => {
  const rows = rowsOf({
    resultType: 'matrix',
    result: [
      {
        metric: { job: 'a' },
        values: [
          [1, '5'],
          [3, '6'],
        ],
        histograms: [[2, { count: '7', sum: '8.5' }]],
      },
    ],
  });
  assert.deepEqual(
    rows[0].points.map(({ text }) => text),
    ['5', '7', '6'],
  );
  assert.equal(printRows(rows, 'csv').split('\r\n')[2], 'a,1970-01-01T00:00:02.000Z,,7,8.5');
});

test('scalars and strings are one row without labels', () => {
  assert.equal(rowsOf({ resultType: 'scalar', result: [1, '1e+21'] })[0].points[0].text, '1e+21');
  assert.equal(rowsOf({ resultType: 'string', result: [1, 'a'] })[0].points[0].text, 'a');
});

test('of many samples only the first are lines until they are asked for', () => {
  const values = Array.from({ length: 12 }, (_, i) => [i, String(i)] as const);
  const rows = rowsOf({ resultType: 'matrix', result: [{ metric: {}, values }] });
  const kinds = (opened: readonly number[]) =>
    linesOf(rows, new Set(opened)).map(({ kind }) => kind);
  assert.deepEqual(kinds([]), ['head', ...new Array(10).fill('sample'), 'more']);
  assert.deepEqual(kinds([0]), ['head', ...new Array(12).fill('sample')]);
});

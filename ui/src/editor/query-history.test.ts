import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { parseHistory, remember, searchHistory, stepThroughHistory } from './query-history.ts';

test('a query that runs again moves to the front and is there once', () => {
  const history = ['up', 'rate(a[5m])', 'b'].reduceRight<readonly string[]>(remember, []);
  assert.deepEqual(history, ['up', 'rate(a[5m])', 'b']);
  assert.deepEqual(remember(history, ' b '), ['b', 'up', 'rate(a[5m])']);
  assert.deepEqual(remember(history, '  '), history);
});

test('the history forgets its oldest queries', () => {
  const history = Array.from({ length: 600 }, (_, i) => `q${i}`).reduce<readonly string[]>(
    remember,
    [],
  );
  assert.equal(history.length, 500);
  assert.equal(history[0], 'q599');
});

test('a search in the history wants every word in any case', () => {
  const history = ['rate(http_total[5m])', 'sum(rate(Cpu[1m]))', 'up'];
  assert.deepEqual(searchHistory(history, 'rate cpu'), ['sum(rate(Cpu[1m]))']);
  assert.deepEqual(searchHistory(history, '', 2), history.slice(0, 2));
});

test('arrows stop at both ends of the history', () => {
  assert.equal(stepThroughHistory(['b', 'a'], -1, 'older'), 0);
  assert.equal(stepThroughHistory(['b', 'a'], 1, 'older'), 1);
  assert.equal(stepThroughHistory(['b', 'a'], 0, 'newer'), -1);
  assert.equal(stepThroughHistory([], -1, 'older'), -1);
});

test('a broken store is an empty history', () => {
  assert.deepEqual(parseHistory('["a",1,"b"]'), ['a', 'b']);
  assert.deepEqual(parseHistory('{'), []);
  assert.deepEqual(parseHistory(null), []);
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { firstSelector } from './first-selector.ts';
import { syntaxOfFeatures } from './server-syntax.ts';

test('the first series of a query is found in whatever stands around it', () => {
  const f = (query: string, want: string | undefined): void =>
    assert.equal(firstSelector(query, syntaxOfFeatures([])), want, query);
  f('up', 'up');
  f(
    'sum by (job) (rate(x_total{job="a", code=~"5.."}[5m] offset 1h)) / y',
    'x_total{job="a", code=~"5.."}',
  );
  f('{job="a"}', '{job="a"}');
  f('{"http.requests"}', '{__name__="http.requests"}');
  f('1 + 2', undefined);
  f('up{', undefined);
  f('', undefined);
});

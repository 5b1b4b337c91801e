import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { printSelector } from './print-selector.ts';

test('labels are printed as a selector that finds them', () => {
  const f = (labels: Record<string, string>, want: string): void =>
    assert.equal(printSelector(labels), want);
  f({ __name__: 'up', job: 'node', a: 'x"y\\z\n' }, 'up{a="x\\"y\\\\z\\n", job="node"}');
  f({ __name__: 'up' }, 'up');
  f({ job: 'a' }, '{job="a"}');
  f({}, '{}');
  f({ __name__: 'http.requests', 'service.name': 'a' }, '{"http.requests", "service.name"="a"}');
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { differingLabels, seriesName, shortNames } from './series-name.ts';

test('a series is written as PromQL would select it', () => {
  const f = (labels: Record<string, string>, want: string): void =>
    assert.equal(seriesName(labels), want);
  f({ __name__: 'up', job: 'node', instance: 'a:9100' }, 'up{instance="a:9100", job="node"}');
  f({ __name__: 'up' }, 'up');
  f({ job: 'node' }, '{job="node"}');
  f({}, '{}');
  f({ __name__: 'http.requests', 'k8s.pod': 'a"b' }, '{"http.requests", "k8s.pod"="a\\"b"}');
});

test('labels that all series share are left out of short names', () => {
  const series = [
    { __name__: 'up', job: 'node', instance: 'a' },
    { __name__: 'up', job: 'node', instance: 'b', zone: '1' },
  ];
  assert.deepEqual([...differingLabels(series)].sort(), ['instance', 'zone']);
  assert.deepEqual(shortNames(series), ['{instance="a"}', '{instance="b", zone="1"}']);
});

test('a series that nothing tells from others keeps its whole name', () => {
  assert.deepEqual(shortNames([{ __name__: 'up', job: 'a' }]), ['up{job="a"}']);
  assert.deepEqual(shortNames([{}, { job: 'a' }]), ['{}', '{job="a"}']);
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { fittingParts, NameIndex } from './name-index.ts';

const NAMES = [
  'go_gc_duration_seconds',
  'go_goroutines',
  'node_cpu_seconds_total',
  'node_memory_MemFree_bytes',
  'process_cpu_seconds_total',
  'prometheus_http_requests_total',
  'up',
];

test('beginnings come before words, words before parts, parts before letters in order', () => {
  const index = new NameIndex(['a_grouped', 'gx_r_p', 'my_group', 'group_left', 'ungroup']);
  assert.deepEqual(index.search('group', 10), ['group_left', 'my_group', 'a_grouped', 'ungroup']);
  assert.deepEqual(index.search('grp', 10), ['my_group', 'a_grouped', 'group_left', 'gx_r_p']);
});

test('a search does not look at case', () => {
  const index = new NameIndex(NAMES);
  assert.deepEqual(index.search('memfree', 10), ['node_memory_MemFree_bytes']);
  assert.deepEqual(index.search('NODE_C', 10), ['node_cpu_seconds_total']);
});

test('typing on searches only what fitted before, and gives what a new search gives', () => {
  const typed = 'cpu_seconds_t';
  const index = new NameIndex(NAMES);
  for (let length = 1; length <= typed.length; length++) {
    const pattern = typed.slice(0, length);
    assert.deepEqual(index.search(pattern, 5), new NameIndex(NAMES).search(pattern, 5), pattern);
  }
  assert.deepEqual(index.search('up', 5), ['up']);
});

test('no more than the limit come back, the best of all', () => {
  const many = Array.from({ length: 5000 }, (_, i) => `series_${i}`);
  const index = new NameIndex([...many, 'x', '42_first']);
  assert.deepEqual(index.search('42', 3), ['42_first', 'series_42', 'series_420']);
  assert.equal(index.search('', 7).length, 7);
  assert.deepEqual(index.search('nothing like it', 7), []);
});

test('names of other alphabets are found', () => {
  const index = new NameIndex(['온도_실내', '온도_실외', 'température_été']);
  assert.deepEqual(index.search('실외', 5), ['온도_실외']);
  assert.deepEqual(index.search('ÉTÉ', 5), ['température_été']);
});

test('the nearest name is the one with the fewest slips', () => {
  const index = new NameIndex(NAMES);
  const nearest = (input: string, want: string | undefined) =>
    assert.equal(index.nearest(input), want, input);
  nearest('node_cpu_second_total', 'node_cpu_seconds_total');
  nearest('go_gorutines', 'go_goroutines');
  nearest('upp', 'up');
  nearest('x', undefined);
  nearest('prometheus_htp_request_total', 'prometheus_http_requests_total');
  nearest('entirely_different_words', undefined);
});

test('the typed letters are shown where they lie', () => {
  const parts = (name: string, typed: string, want: readonly number[]) =>
    assert.deepEqual(fittingParts(name, typed), want, `${typed} in ${name}`);
  parts('node_cpu', 'cpu', [5, 8]);
  parts('node_cpu', 'ncp', [0, 1, 5, 7]);
  parts('node_cpu', 'xyz', []);
  parts('node_cpu', '', []);
});

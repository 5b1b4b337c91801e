import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import {
  compareLabels,
  compareText,
  dropLabels,
  keepLabels,
  labelsOf,
  labelValue,
  withLabel,
} from './labels.ts';

test('label sets are sorted, unique and without empty values', () => {
  assert.deepEqual(labelsOf({ b: '2', a: '1', c: '' }), ['a', '1', 'b', '2']);
  assert.equal(labelValue(['a', '1', 'b', '2'], 'b'), '2');
  assert.equal(labelValue(['a', '1'], '1'), '');
});

test('labels are dropped, kept, set and removed', () => {
  const labels = labelsOf({ a: '1', b: '2', c: '3' });
  assert.deepEqual(dropLabels(labels, new Set(['b', '3'])), ['a', '1', 'c', '3']);
  assert.deepEqual(keepLabels(labels, new Set(['b', '3'])), ['b', '2']);
  assert.deepEqual(withLabel(labels, 'b', ''), ['a', '1', 'c', '3']);
  assert.deepEqual(withLabel(labels, 'bb', 'x'), ['a', '1', 'b', '2', 'bb', 'x', 'c', '3']);
  assert.deepEqual(withLabel([], 'z', 'x'), ['z', 'x']);
});

test('text compares by code point, as UTF-8 bytes do', () => {
  const texts = ['', 'a', 'aa', 'b', 'é', '\u{ff5e}', '\u{1f600}'];
  const bytes = (text: string): Buffer => Buffer.from(text);
  for (const a of texts) {
    for (const b of texts) {
      assert.equal(Math.sign(compareText(a, b)), Buffer.compare(bytes(a), bytes(b)), `${a} ${b}`);
    }
  }
});

test('a label set comes before those that it is a prefix of', () => {
  assert.ok(compareLabels(['a', '1'], ['a', '1', 'b', '1']) < 0);
  assert.ok(compareLabels(['a', '2'], ['a', '1', 'b', '1']) > 0);
  assert.equal(compareLabels(['a', '2'], ['a', '2']), 0);
});

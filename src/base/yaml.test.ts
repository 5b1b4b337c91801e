import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { parseYaml } from './yaml.ts';

const text = `base: &base
  x: 1
  y: 007
pair:
  <<: *base
  y: own
list: [a, 2m, true]
nothing:
on: true
`;
const fields = parseYaml(text, 'f.yml').fields('base', 'pair', 'list', 'nothing', 'on', 'absent');

test('fields are read by name and kind', () => {
  assert.equal(fields.base?.fields('x', 'y').x?.number(), 1);
  assert.equal(fields.base?.fields('x', 'y').y?.text(), '007');
  assert.deepEqual(
    fields.list?.list().map((item) => item.text()),
    ['a', '2m', 'true'],
  );
  assert.equal(fields.on?.boolean(), true);
  assert.equal(fields.nothing, undefined);
  assert.equal(fields.absent, undefined);
});

test('merged maps give their fields, and own fields win', () => {
  const pair = fields.pair?.fields('x', 'y');
  assert.equal(pair?.x?.number(), 1);
  assert.equal(pair?.y?.text(), 'own');
  assert.deepEqual(fields.pair?.plain(), { x: 1, y: 'own' });
});

test('an empty document is an empty map', () => {
  assert.deepEqual(parseYaml('# nothing\n', 'f.yml').entries(), []);
});

test('every fault names file, line and column', () => {
  const f = (yaml: string, use: (root: ReturnType<typeof parseYaml>) => unknown, want: RegExp) =>
    assert.throws(() => use(parseYaml(yaml, 'f.yml')), { kind: 'bad-data', message: want }, yaml);
  f('a: 1\nb: 2\n', (root) => root.fields('a'), /^f\.yml:2:4: b: unknown field; known here: a$/);
  f(
    'a:\n  - {c: x}',
    (root) => itemOf(root).c?.number(),
    /^f\.yml:2:9: a\[0\]\.c: is not a number$/,
  );
  f('a: x', (root) => root.fields('a').a?.boolean(), /f\.yml:1:4: a: is neither true nor false/);
  f('a: x', (root) => root.fields('a').a?.list(), /f\.yml:1:4: a: is not a list/);
  f('a: [x]', (root) => root.fields('a').a?.text(), /f\.yml:1:4: a: is not a text/);
  f('a: x', (root) => root.fields('a').a?.fields('b'), /f\.yml:1:4: a: is not a map of fields/);
  f('a: 1\na: 2', (root) => root, /^f\.yml:2:1: Map keys must be unique$/);
  f('a: [1\nb: 2', (root) => root, /^f\.yml:2:1: /);
  f('\ta: 1', (root) => root, /^f\.yml:1:/);
});

function itemOf(root: ReturnType<typeof parseYaml>) {
  return root.fields('a').a?.list()[0].fields('c') ?? assert.fail();
}

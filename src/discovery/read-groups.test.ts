import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { readGroups } from './read-groups.ts';

const label = ['__meta_url', 'u'] as const;

test('JSON and YAML give the same groups', () => {
  const f = (json: string, yaml: string): void => {
    const read = readGroups(json, { form: 'json', where: 'u', label });
    assert.deepEqual(read, readGroups(yaml, { form: 'yaml', where: 'u', label }));
  };
  f('[\t]', '');
  f('null', 'null');
  f('[{}]', '- {}');
  f('[{"targets":null,"labels":null}]', '- {targets: , labels: }');
  f(
    '[{"targets":["a:1","b:2"],"labels":{"x":"1","e":"","__meta_url":"mine"}},{"targets":["c:3"]}]',
    '- targets: [a:1, b:2]\n  labels: {x: 1, e: "", __meta_url: mine}\n- targets: [c:3]\n',
  );
});

test('what is wrong has its place', () => {
  const f = (form: 'json' | 'yaml', text: string, message: string | RegExp): void =>
    assert.throws(() => readGroups(text, { form, where: 'u', label }), {
      kind: 'bad-data',
      message,
    });
  f('json', '{"a": }', /^u is no JSON: /);
  f('json', '{}', 'u: is not a list of target groups');
  f('json', '[{}, null]', 'u: [1]: is an empty target group');
  f('json', '[[]]', 'u: [0]: is not a target group');
  f('json', '[{"target":[]}]', 'u: [0].target: unknown field; known here: targets, labels');
  f('json', '[{"targets":"a:1"}]', 'u: [0].targets: is not a list');
  f('json', '[{"targets":["a:1",2]}]', 'u: [0].targets[1]: is not a text');
  f('json', '[{"labels":[]}]', 'u: [0].labels: is not a map');
  f('json', '[{"labels":{"a":1}}]', 'u: [0].labels.a: is not a text');
  f('json', '[{"labels":{"":"1"}}]', 'u: [0].labels: "" is not a valid label name');
  f('yaml', '- {}\n- \n', 'u:2:3: [1]: is an empty target group');
  f('yaml', '- targets: a:1\n', 'u:1:12: [0].targets: is not a list');
});

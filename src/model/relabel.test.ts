import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelsOf } from './labels.ts';
import { compileRelabel, relabel } from './relabel.ts';
import type { RelabelConfig } from './relabel-config.ts';

type Plain = Readonly<Record<string, string>>;

const DEFAULTS: RelabelConfig = {
  sourceLabels: [],
  separator: ';',
  regex: '(.*)',
  modulus: 0,
  targetLabel: '',
  replacement: '$1',
  action: 'replace',
};

function run(labels: Plain, ...steps: Partial<RelabelConfig>[]): unknown {
  const configs = steps.map((step) => ({ ...DEFAULTS, ...step }));
  return relabel(compileRelabel(configs, 'utf8'), labelsOf(labels));
}

function f(labels: Plain, step: Partial<RelabelConfig>, want: Plain | undefined): void {
  assert.deepEqual(run(labels, step), want === undefined ? undefined : labelsOf(want));
}

const FOO = { a: 'foo', b: 'bar', c: 'baz' };

test('replace writes what the expression found', () => {
  const ab = { sourceLabels: ['a', 'b'] };
  f(
    FOO,
    { ...ab, targetLabel: 'd', regex: 'f(.*);(.*)r', replacement: '$2$1' },
    { ...FOO, d: 'baoo' },
  );
  f(FOO, { ...ab, targetLabel: 'd', separator: '' }, { ...FOO, d: 'foobar' });
  f(FOO, { ...ab, targetLabel: 'd', regex: 'oo' }, FOO);
  f(
    FOO,
    { sourceLabels: ['a'], targetLabel: 'b', replacement: ['$', '{1}_$x$$'].join('') },
    { ...FOO, b: 'foo_$' },
  );
  f(FOO, { targetLabel: 'd', replacement: 'fixed' }, { ...FOO, d: 'fixed' });
  f(
    { a: 'x\ny' },
    { sourceLabels: ['a'], regex: 'x.y', targetLabel: 'd', replacement: 'dot' },
    {
      a: 'x\ny',
      d: 'dot',
    },
  );
});

test('replace removes a label by an empty text and keeps off invalid targets', () => {
  f(FOO, { sourceLabels: ['none'], targetLabel: 'b' }, { a: 'foo', c: 'baz' });
  f(
    FOO,
    { sourceLabels: ['a'], regex: 'f.*', targetLabel: 'b', replacement: '' },
    { a: 'foo', c: 'baz' },
  );
  f(FOO, { sourceLabels: ['a'], regex: '(g)?.*', targetLabel: '$1' }, FOO);
  const legacy = { ...DEFAULTS, sourceLabels: ['a'], targetLabel: '$1-x' };
  const step = compileRelabel([legacy], 'legacy');
  assert.deepEqual(relabel(step, labelsOf({ a: 'foo' })), labelsOf({ a: 'foo' }));
  f({ a: 'foo' }, { sourceLabels: ['a'], targetLabel: '$1-x' }, { a: 'foo', 'foo-x': 'foo' });
});

test('keep, drop and their equal forms decide on the whole set', () => {
  f(FOO, { action: 'keep', sourceLabels: ['a'], regex: 'fo+' }, FOO);
  f(FOO, { action: 'keep', sourceLabels: ['a'], regex: 'o+' }, undefined);
  f(FOO, { action: 'drop', sourceLabels: ['a', 'b'], regex: 'foo;b.*' }, undefined);
  f(FOO, { action: 'drop', sourceLabels: ['a'], regex: 'fo' }, FOO);
  f(
    { x: '1', y: '1' },
    { action: 'keepequal', sourceLabels: ['x'], targetLabel: 'y' },
    { x: '1', y: '1' },
  );
  f({ x: '1', y: '2' }, { action: 'keepequal', sourceLabels: ['x'], targetLabel: 'y' }, undefined);
  f({ x: '1', y: '1' }, { action: 'dropequal', sourceLabels: ['x'], targetLabel: 'y' }, undefined);
});

test('hashmod takes the last eight bytes of the MD5', () => {
  // MD5 of foo, by md5sum: acbd18db4cc2f85cedef654fccc4a4d8.
  const want = String(0xedef654fccc4a4d8n % 1000n);
  f(
    { a: 'foo' },
    { action: 'hashmod', sourceLabels: ['a'], targetLabel: 'm', modulus: 1000 },
    {
      a: 'foo',
      m: want,
    },
  );
});

test('labelmap, labeldrop and labelkeep look at names', () => {
  f({ my_a: '1', b: '2' }, { action: 'labelmap', regex: 'my_(.+)' }, { my_a: '1', a: '1', b: '2' });
  f({ my_a: '1', a: '2' }, { action: 'labelmap', regex: 'my_(.+)' }, { my_a: '1', a: '1' });
  f(FOO, { action: 'labeldrop', regex: '[ab]' }, { c: 'baz' });
  f(FOO, { action: 'labelkeep', regex: '[ab]' }, { a: 'foo', b: 'bar' });
});

test('letters change their case one by one', () => {
  const step = { sourceLabels: ['a'], targetLabel: 'd' };
  f({ a: 'ÄbΣ' }, { ...step, action: 'lowercase' }, { a: 'ÄbΣ', d: 'äbσ' });
  f({ a: 'straße' }, { ...step, action: 'uppercase' }, { a: 'straße', d: 'STRAßE' });
});

test('steps follow each other until one drops', () => {
  const tag = { targetLabel: 'tmp', replacement: 'x' };
  const keep = { action: 'keep', sourceLabels: ['tmp'], regex: 'x' } as const;
  assert.deepEqual(run({ a: '1' }, tag, keep, { action: 'labeldrop', regex: 'tmp' }), ['a', '1']);
  assert.equal(run({ a: '1' }, keep, tag), undefined);
});

test('an expression that does not compile is refused', () => {
  assert.throws(() => run({}, { regex: '(', action: 'keep' }), /missing closing \)/);
});

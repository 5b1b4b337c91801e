import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { RE2JS } from 're2js';
import { seededRandom } from '../base/random.ts';
import { compileRegex } from './regex.ts';
import { parseShortcut } from './regex-shortcut.ts';
import { expandTemplate } from './regex-template.ts';

test('an expression matches the whole text, newlines included', () => {
  const f = (source: string, text: string, want: boolean): void =>
    assert.equal(compileRegex(source).matches(text), want, `${source} on ${JSON.stringify(text)}`);
  f('', '', true);
  f('', 'a', false);
  f('.*', 'a\nb', true);
  f('.+', '', false);
  f('.+', '\u{1f600}', true);
  f('.+.+', '\u{1f600}', false);
  f('.+.+', 'ab', true);
  f('a.*b', 'a\nb', true);
  f('a.+b', 'ab', false);
  f('.*a.*a.*', 'xaxa', true);
  f('.*aa.*aa', 'aaa', false);
  f('foo|bar', 'foobar', false);
  f('^foo$', 'foo', true);
  f('^foo|bar$', 'bar', true);
  f('pod-(api|web)-[0-3]', 'pod-web-2', true);
  f('pod-(api|web)-[0-3]', 'pod-web-4', false);
  f('a\\.b', 'axb', false);
  f('(?i)FOO', 'foo', true);
  f('[^a]', '\n', true);
  f('\\d{3}', '123', true);
  f('(a+)+b', 'a'.repeat(5000), false);
});

test('the values of a finite expression are known', () => {
  const f = (source: string, want: readonly string[] | undefined, prefix: string): void => {
    const { alternatives, prefix: got } = compileRegex(source);
    assert.deepEqual(alternatives, want, source);
    assert.equal(got, prefix, source);
  };
  f('a', ['a'], 'a');
  f('a|b|', ['a', 'b', ''], '');
  f('x(1|2)y', ['x1y', 'x2y'], 'x');
  f('x[1-3b]', ['x1', 'x2', 'x3', 'xb'], 'x');
  f('a\\.b', ['a.b'], 'a.b');
  f('^(?:a|a)$', ['a'], 'a');
  f('ab.*', undefined, 'ab');
  f('ab.*|ac', undefined, 'a');
  f('a+', undefined, '');
  f('[a-z][a-z][a-z]', undefined, '');
});

test('shortcuts answer as the engine does', () => {
  const random = seededRandom(7);
  const pick = (from: readonly string[]): string =>
    from[Math.floor(random.next() * from.length)] as string;
  const parts = ['a', 'b', 'ab', '.*', '.+', '(a|b)', '(?:ab|.*a)', '|', '[ab]', '\\.', '^', '$'];
  let shortcuts = 0;
  for (let i = 0; i < 4000; i++) {
    const source = Array.from({ length: 1 + random.next() * 5 }, () => pick(parts)).join('');
    const shortcut = parseShortcut(source);
    if (shortcut === undefined) continue;
    shortcuts++;
    const engine = RE2JS.compile(source, RE2JS.DOTALL);
    for (let j = 0; j < 8; j++) {
      const text = Array.from({ length: random.next() * 5 }, () => pick(['a', 'b', '.'])).join('');
      assert.equal(shortcut.matches(text), engine.testExact(text), `${source} on ${text}`);
      if (engine.testExact(text)) assert.ok(text.startsWith(shortcut.prefix), source);
    }
  }
  assert.ok(shortcuts > 1500);
});

test('a malformed expression is refused in the words of Go', () => {
  const f = (source: string, want: string): void =>
    assert.throws(() => compileRegex(source), {
      kind: 'bad-data',
      message: `error parsing regexp: ${want}`,
    });
  f('(a', 'missing closing ): `(a`');
  f('a)', 'unexpected ): `a)`');
  f('(?i:a', 'missing closing ): `(?i:a`');
  f('(?s)(a', 'missing closing ): `(?s)(a`');
  f('[a', 'missing closing ]: `[a`');
  f('*a', 'missing argument to repetition operator: `*`');
  f('a**', 'invalid nested repetition operator: `**`');
  f('a{1001}', 'invalid repeat count: `{1001}`');
  f('(?=a)', 'invalid or unsupported Perl syntax: `(?=`');
  f('(?<=a)b', 'invalid named capture: `(?<=a)b`');
  f('\\8', 'invalid escape sequence: `\\8`');
  f('a\\', 'trailing backslash at end of expression: ``');
  f('[z-a]', 'invalid character class range: `z-a`');
  f('\\p{Foo}', 'invalid character class range: `\\p{Foo}`');
});

test('templates expand as in Go', () => {
  const match = compileRegex('(?P<first>a)(b)(c)?').exec('ab');
  assert.ok(match !== undefined);
  const f = (template: string, want: string): void =>
    assert.equal(expandTemplate(template, match), want, template);
  f('$1-$2', 'a-b');
  f('$1x', '');
  f(`\${1}x`, 'ax');
  f('$first.', 'a.');
  f(`\${first}\${2}`, 'ab');
  f('$0', 'ab');
  f('$3$9', '');
  f('$01', '');
  f('$$1', '$1');
  f('$', '$');
  f('a$-', 'a$-');
  f(`\${1`, `\${1`);
  f(`\${}`, `\${}`);
  f('$toString', '');
  assert.equal(compileRegex('(a|b)').exec('c'), undefined);
  assert.equal(compileRegex('x(.*)y').exec('x12y')?.groups[1], '12');
});

import { strict as assert } from 'node:assert';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { ParseError } from './parse-error.ts';
import { parseExpr, parseMetricSelector } from './parse-expr.ts';
import { prettyExpr } from './pretty.ts';
import { printExpr, printMatcher } from './print.ts';
import { FULL_SYNTAX, STABLE_SYNTAX, type SyntaxOptions } from './syntax-options.ts';
import { PRETTY, PRINTED, REFUSED, REFUSED_UNLESS_ENABLED } from './testing/golden.data.ts';
import { valueType } from './value-type.ts';
import { walk } from './walk.ts';

function refusal(query: string, options: SyntaxOptions = FULL_SYNTAX): string {
  try {
    return `parsed as ${printExpr(parseExpr(query, options))}`;
  } catch (error) {
    assert.ok(error instanceof ParseError, `${query}: ${String(error)}`);
    assert.equal(error.kind, 'bad-data');
    return error.message;
  }
}

test('malformed queries are refused in the words of Prometheus', () => {
  for (const [query, want] of REFUSED) assert.equal(refusal(query), want, query);
});

test('experimental syntax is refused unless its feature is enabled', () => {
  assert.ok(REFUSED_UNLESS_ENABLED.length > 20);
  for (const [query, want] of REFUSED_UNLESS_ENABLED) {
    assert.equal(refusal(query, STABLE_SYNTAX), want, query);
  }
});

test('expressions print as Prometheus prints them', () => {
  for (const [query, want] of PRINTED) {
    assert.equal(printExpr(parseExpr(query, FULL_SYNTAX)), want, query);
  }
  for (const [query, want] of PRETTY) {
    assert.equal(prettyExpr(parseExpr(query, FULL_SYNTAX)), want, query);
  }
});

test('printed text parses to what prints the same', () => {
  const queries = [...PRINTED, ...PRETTY].map(([query]) => query).concat(conformanceQueries());
  // Prometheus itself reads the sum behind two signs as one offset and prints it as one behind one sign.
  for (const query of queries.filter((text) => !text.includes('offset - -'))) {
    const once = printExpr(parseExpr(query, FULL_SYNTAX));
    const again = parseExpr(once, FULL_SYNTAX);
    assert.equal(printExpr(again), once, query);
    const pretty = prettyExpr(again);
    assert.equal(printExpr(parseExpr(pretty, FULL_SYNTAX)), once, pretty);
  }
});

/** Every query of the conformance scripts, which all parse; none where the scripts are absent. */
function conformanceQueries(): readonly string[] {
  const forms = [
    /^eval(?:_\w+)?\s+instant\s+(?:at\s+(?:.+?))?\s+(.+)$/,
    /^eval(?:_\w+)?\s+range\s+from\s+(?:.+)\s+to\s+(?:.+)\s+step\s+(?:.+?)\s+(.+)$/,
  ];
  return globSync('../shared/conformance/promqltest/*.test').flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line) => forms.flatMap((form) => form.exec(line.trim())?.[1] ?? [])),
  );
}

test('positions are ranges of UTF-8 bytes', () => {
  const f = (query: string, ...want: readonly string[]): void => {
    const bytes = Buffer.from(query);
    const got = [...walk(parseExpr(query, FULL_SYNTAX))].map(({ expr }) =>
      bytes.subarray(expr.position.start, expr.position.end).toString(),
    );
    assert.deepEqual(got, want, query);
  };
  f(' {"é"} + b ', '{"é"} + b', '{"é"}', 'b');
  f('sum("é", x) # é'.replace('"é", ', ''), 'sum(x)', 'x');
  f('topk by ("é") (3, -a)', 'topk by ("é") (3, -a)', '-a', 'a', '3');
  f(
    'rate({a="日"}[5m] offset 1m)',
    'rate({a="日"}[5m] offset 1m)',
    '{a="日"}[5m] offset 1m',
    '{a="日"}',
  );
  f('(a)[5m:] @ end()', '(a)[5m:] @ end()', '(a)', 'a');
  f('-5m', '-5m');
});

test('an expression becomes a tree of plain data', () => {
  const position = { start: 0, end: 0 };
  const f = (query: string, want: unknown): void =>
    assert.deepEqual(bare(parseExpr(query, FULL_SYNTAX)), bare(want), query);
  f('5m', { kind: 'number', position, value: 300, isDuration: true });
  const selector = {
    kind: 'vectorSelector',
    position,
    name: 'a',
    matchers: [
      { type: '=~', name: 'b', value: 'c|d' },
      { type: '=', name: '__name__', value: 'a' },
    ],
    offset: { kind: 'literal', position, ms: -60000, seconds: -60, isDuration: true },
    at: { kind: 'time', timeMs: 1500 },
    extended: undefined,
  };
  f('a{b=~"c|d"} @ 1.5 offset -1m', selector);
  const plain = { ...selector, offset: undefined, at: undefined };
  const matching = {
    card: 'many-to-one',
    labels: ['x'],
    on: true,
    include: ['y'],
    fillLeft: undefined,
    fillRight: 3,
  };
  f('a{b=~"c|d"} > bool on (x) group_left (y) fill_right (3) a{b=~"c|d"}', {
    kind: 'binary',
    position,
    op: '>',
    left: plain,
    right: plain,
    matching,
    returnBool: true,
  });
  f('a{b=~"c|d"} and a{b=~"c|d"}', {
    kind: 'binary',
    position,
    op: 'and',
    left: plain,
    right: plain,
    matching: {
      ...matching,
      card: 'many-to-many',
      labels: [],
      on: false,
      include: [],
      fillRight: undefined,
    },
    returnBool: false,
  });
});

/** Without positions and absent properties. */
function bare(tree: unknown): unknown {
  const text = JSON.stringify(tree, (key, value: unknown) => (key === 'position' ? 0 : value));
  return JSON.parse(text);
}

test('selectors of the API are matchers alone', () => {
  const f = (text: string, want: string): void => {
    let got: string;
    try {
      got = parseMetricSelector(text).map(printMatcher).join(',');
    } catch (error) {
      got = error instanceof ParseError ? error.message : String(error);
    }
    assert.equal(got, want, text);
  };
  f('up', '__name__="up"');
  f('{"a.b", "c.d"=~"x", e!=""}', '__name__="a.b","c.d"=~"x",e!=""');
  f('sum{a="b"}', 'a="b",__name__="sum"');
  f('{}', '');
  f('up offset 5m', '1:4: parse error: unexpected <offset>');
  f('rate(up[5m])', '1:5: parse error: unexpected "("');
  f('', 'unknown position: parse error: unexpected end of input');
});

test('value types follow from the expression', () => {
  const f = (query: string, want: string): void =>
    assert.equal(valueType(parseExpr(query, FULL_SYNTAX)), want, query);
  f('1 + 2', 'scalar');
  f('a + 2', 'vector');
  f('-(a[5m:])'.slice(1), 'matrix');
  f('"x"', 'string');
  f('scalar(a) ^ step()', 'scalar');
  f('histogram_quantile(0.9, a)', 'vector');
});

test('deep nesting is refused before it exhausts the stack', () => {
  const f = (query: string): void =>
    assert.match(refusal(query), /nested too deeply: at most 1000 levels/);
  f('('.repeat(100_000));
  f('-'.repeat(100_000));
  f(`a${' + a'.repeat(5000)}`);
  f(`a${' ^ a'.repeat(5000)}`);
  f(`a${'[5m:]'.repeat(5000)}`);
  f(`a[${'('.repeat(5000)}`);
  f(`a[1${' + 1'.repeat(5000)}]`);
  f(`a offset ${'-'.repeat(5000)}1`);
  assert.ok(parseExpr(`${'('.repeat(900)}a${')'.repeat(900)}`));
  assert.ok(prettyExpr(parseExpr(`a${' or a'.repeat(900)}`)));
});

test('nothing but a parse error comes of garbage', () => {
  const some =
    '( ) { } [ ] , : = != =~ == < > + - * / ^ @ by on bool sum offset 5m 1 a "s" é # fill(';
  const words = fc.constantFrom(...some.split(' '));
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(words, { maxLength: 30 }).map((parts) => parts.join(' ')),
    fc.constantFrom(...REFUSED).chain(([query]) => fc.nat(query.length).map((n) => query.slice(n))),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        parseExpr(text, FULL_SYNTAX);
      } catch (error) {
        assert.ok(error instanceof ParseError, String(error));
      }
    }),
    { numRuns: 3000, seed: 1 },
  );
});

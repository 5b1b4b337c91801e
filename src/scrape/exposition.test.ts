import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { errorText, OperationError } from '../base/errors.ts';
import { testKernel } from '../base/testing/kernel.ts';
import { printLabels } from '../model/labels-text.ts';
import { type PageReading, parsePage, readPage } from './exposition.ts';
import type { ExpositionFormat } from './exposition-lexer.ts';
import { type PageMemory, rememberPage } from './page-rows.ts';
import { OPENMETRICS_VERDICTS } from './testing/openmetrics-verdicts.data.ts';

const kernel = testKernel();
const SUITE = new URL('../../../shared/conformance/', import.meta.url);
const skip = existsSync(SUITE) ? false : 'no ../shared/conformance beside the repository';

/** One line a sample: labels, value, time, exemplar; or the error. */
function read(page: string | Uint8Array, format: ExpositionFormat): readonly string[] | string {
  const bytes = typeof page === 'string' ? new TextEncoder().encode(page) : page;
  try {
    const batch = parsePage(kernel, bytes, format);
    const lines = Array.from({ length: batch.count }, (_, row) => {
      const exemplar = batch.exemplars.get(row)?.[0];
      const more =
        exemplar === undefined
          ? ''
          : ` # ${printLabels(exemplar.labels)} ${exemplar.value} ${exemplar.timeMs}`;
      const sample = `${printLabels(batch.labels(row))} ${batch.value(row)} ${batch.timeMs(row)}`;
      return `${sample}${more}`;
    });
    batch.release();
    return lines;
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    return errorText(error);
  }
}

test('plain and odd lines of the text format are read alike', () => {
  const f = (line: string, want: string) => assert.deepEqual(read(line, 'text'), [want], line);
  f('a 1', '{__name__="a"} 1 undefined');
  f('a{b="c",} 1.5e3 -\n'.replace('-', '12'), '{__name__="a", b="c"} 1500 12');
  f('a { b = "c" } 1 7 \n', '{__name__="a", b="c"} 1 7');
  f('{"a.b","c.d"="x\\"\\n"} +Inf\n', '{__name__="a.b", "c.d"="x\\"\\n"} Infinity undefined');
  f('a{b="x\ny"} 1\n', '{__name__="a", b="x\\ny"} 1 undefined');
  f('a 0.1234567890123456789\n', '{__name__="a"} 0.12345678901234568 undefined');
  f(
    '# TYPE a histogram\na_bucket{le="1000000"} 2\n',
    '{__name__="a_bucket", le="1e+06"} 2 undefined',
  );
});

test('OpenMetrics has exemplars and times in seconds', () => {
  const page = '# TYPE a counter\na_total{x="y"} 12 1.5 # {t="1"} 0.5 12.25\n# EOF\n';
  const want = '{__name__="a_total", x="y"} 12 1500 # {t="1"} 0.5 12250';
  assert.deepEqual(read(page, 'openmetrics'), [want]);
});

test('OpenMetrics takes no blank at the end of a line', () => {
  assert.equal(
    read('a 1 \n# EOF\n', 'openmetrics'),
    'expected a valid start token, got "\\n#" ("LINEBREAK") while parsing: "\\n#" (line 1, byte 4)',
  );
});

test("mistakes are named with Prometheus' words, line and byte", () => {
  const f = (page: string, want: string) => assert.equal(read(page, 'text'), want);
  f(
    'a 1\na{b="c" 1\n',
    'expected label name, got "1" ("INVALID") while parsing: "a{b=\\"c\\" 1" (line 2, byte 12)',
  );
  f(
    'a 1e400\n',
    'strconv.ParseFloat: parsing "1e400": value out of range while parsing: "a 1e400" (line 1, byte 2)',
  );
  f('a{b="1",b="2"} 1\n', 'label name "b" is not unique (line 1, byte 15)');
});

test('values are the nearest doubles, of whatever digits', () => {
  fc.assert(
    fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (value) => {
      const batch = parsePage(kernel, new TextEncoder().encode(`a ${value}\n`), 'text');
      assert.equal(batch.value(0) + 0, value + 0);
      batch.release();
    }),
  );
});

test('the OpenMetrics suite is judged as Prometheus judges it', { skip }, () => {
  for (const [name, count, error] of OPENMETRICS_VERDICTS) {
    const got = read(readFileSync(new URL(`openmetrics/${name}/metrics`, SUITE)), 'openmetrics');
    if (error === '' && typeof got === 'string') assert.match(got, /is not unique/, name);
    else if (error === '') assert.equal(got.length, count, name);
    else assert.equal(String(got).replace(/ \(line \d+, byte \d+\)$/, ''), error, name);
  }
});

test('cut and changed pages never crash the parser', { skip }, () => {
  const folder = new URL('textparse/', SUITE);
  const pages = readdirSync(folder).map((name) =>
    readFileSync(new URL(name, folder)).subarray(0, 4000),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...pages),
      fc.nat(4000),
      fc.uint8Array({ maxLength: 4 }),
      (page, at, bytes) => {
        const changed = Uint8Array.from([
          ...page.subarray(0, at),
          ...bytes,
          ...page.subarray(at + 1),
        ]);
        for (const format of ['text', 'openmetrics'] as const) {
          read(changed, format);
          read(changed.subarray(0, at), format);
        }
      },
    ),
  );
});

test('numbers of many digits become the nearest double', () => {
  const f = (text: string): void => {
    assert.deepEqual(read(`a ${text}\n`, 'text'), [`{__name__="a"} ${Number(text)} undefined`]);
  };
  const digits = fc.array(fc.nat(9), { minLength: 15, maxLength: 22 });
  fc.assert(
    fc.property(digits, fc.nat(30), fc.integer({ min: -30, max: 8 }), (all, point, exponent) =>
      f(`${all.slice(0, point).join('')}.${all.slice(point).join('')}0e${exponent}`),
    ),
    { numRuns: 3000 },
  );
  // Half way between two doubles, and a hair beside.
  for (const text of ['9007199254740993.0', '9007199254740995.00', '9007199254740993.01']) f(text);
  for (const text of ['90071992547409935e-1', '18014398509481988.5', '0.1000000000000000055'])
    f(text);
});

/** Reads each page against the memory of the one before, and anew: both must say the same. */
function readInTurn(pages: readonly string[], format: ExpositionFormat): void {
  let memory: PageMemory | undefined;
  for (const text of pages) {
    const bytes = new TextEncoder().encode(text);
    const known = readPage(kernel, bytes, format, memory);
    const linesOf = (batch: PageReading): string[] =>
      Array.from({ length: batch.count }, (_, row) => {
        const labels = printLabels(batch.labels(row));
        return `${labels} ${batch.value(row)} ${batch.timeMs(row)} ${batch.type(row)}`;
      });
    const got = [...linesOf(known), known.fault?.message];
    const entries = Array.from({ length: known.count }, (_, row) => known.rows.entry(row));
    const keys = entries.map((entry, row) => [
      entry,
      memory === undefined || entry === 0xffffffff ? undefined : entryText(memory, entry),
      Buffer.from(known.rows.seriesBytes(row)).toString(),
    ]);
    for (const [, found, own] of keys) if (found !== undefined) assert.equal(found, own);
    const kept = new Set<string>();
    const isKept = (row: number): boolean => {
      const key = Buffer.from(known.rows.seriesBytes(row)).toString('latin1');
      return !kept.has(key) && kept.add(key) !== undefined;
    };
    const next = rememberPage(known.rows, memory, known.newLines, isKept).memory;
    known.release();
    const anew = readPage(kernel, bytes, format);
    assert.deepEqual(got, [...linesOf(anew), anew.fault?.message], text);
    anew.release();
    memory = next;
  }
}

function entryText({ entries, bytes }: PageMemory, entry: number): string {
  const start = entries[entry * 2];
  return Buffer.from(bytes.subarray(start, start + (entries[entry * 2 + 1] >>> 5))).toString();
}

test('a page that is read against the last one says what it says when it is read anew', () => {
  const lines = [
    '# HELP a What.\n',
    '# TYPE a counter\n',
    'a 1\n',
    'a{b="c"} 2\n',
    'a{b="c"} 3 17\n',
    'a {b="c"} 4\n',
    'ab 5\n',
    'a:b 6\n',
    '{"a.b",c="d"} 7\n',
    'ü 1\n',
    'a{b="ü"} 8\n',
    '# TYPE h histogram\n',
    'h_bucket{le="1"} 9\n',
    '# just a comment\n',
    '\n',
    'a 12345678901234567890123\n',
    'a{b="c" 1\n',
    'a{b="c"}1\n',
    'a',
  ];
  const open = [
    '# UNIT a_seconds seconds\n',
    'a 1 # {x="y"} 2 3\n',
    'a 1 1.5\n',
    '# EOF\n',
    '# EOF',
  ];
  const page = (from: readonly string[]) =>
    fc.array(fc.constantFrom(...from), { maxLength: 12 }).map((parts) => parts.join(''));
  const run = (format: ExpositionFormat, from: readonly string[]): void =>
    fc.assert(
      fc.property(fc.array(page(from), { minLength: 2, maxLength: 4 }), (pages) =>
        readInTurn(pages, format),
      ),
      { numRuns: 400 },
    );
  run('text', lines);
  run('openmetrics', [...lines, ...open, ...open]);
});

test('a page that goes on as the last one did leaves nothing to the host', () => {
  const text = '# HELP a What.\n# TYPE a gauge\na{b="c"} 1\n\na{b="d"} 2.5\n{"a.b"} 3\nc 4\n';
  const first = readPage(kernel, new TextEncoder().encode(text), 'text');
  const { memory } = rememberPage(first.rows, undefined, first.newLines, () => true);
  first.release();
  const second = readPage(
    kernel,
    new TextEncoder().encode(text.replace('2.5', '-7')),
    'text',
    memory,
  );
  assert.deepEqual([second.rows.isPlain, second.count, second.value(1)], [true, 4, -7]);
  assert.deepEqual([second.newLines, second.metadata], [[], []]);
  assert.ok(second.rows.seen.every((place) => place > 0));
  second.release();
});

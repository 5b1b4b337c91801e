import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { errorText, OperationError } from '../base/errors.ts';
import { testKernel } from '../base/testing/kernel.ts';
import { printLabels } from '../model/labels-text.ts';
import { parsePage } from './exposition.ts';
import type { ExpositionFormat } from './exposition-lexer.ts';
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
      const exemplar = batch.exemplars.get(row);
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

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { labelsOf } from '../../model/labels.ts';
import { parseSeries, type SequenceValue } from './series-notation.ts';
import { parseStartTimes } from './start-time-notation.ts';

function show(value: SequenceValue): string {
  switch (value.kind) {
    case 'gap':
      return '_';
    case 'stale':
      return 'stale';
    case 'float':
      return String(value.value);
    case 'histogram':
      return `${value.histogram.count}/${value.histogram.counterResetHint}`;
  }
}

test('values are written one by one or as sequences', () => {
  const f = (text: string, want: string): void =>
    assert.equal(parseSeries(`m ${text}`).values.map(show).join(' '), want, text);
  f('', '');
  f('1 2.5  -3 +4', '1 2.5 -3 4');
  f('1e3 .5 5. 1_000 010', '1000 0.5 5 1000 8');
  f('NaN Inf -inf +INF', 'NaN Infinity -Infinity Infinity');
  f('_ _x2 stale', '_ _ _ stale');
  f('_x0 1x0', '1');
  f('3x2', '3 3 3');
  f('1+2x3', '1 3 5 7');
  f('1-2x2', '1 -1 -3');
  f('-1-1x1 1+1e1x1', '-1 -2 1 11');
  f('0+0.1x3', '0 0.1 0.2 0.30000000000000004');
  f('{{count:3}} {{}}x1', '3/unknown 0/unknown 0/unknown');
  f('{{count:1}}+{{count:2 counter_reset_hint:gauge}}x2', '1/unknown 3/gauge 5/gauge');
  f('{{count:5}}-{{count:2}}x1 7', '5/unknown 3/unknown 7');
});

test('the metric is a name, labels, or both', () => {
  const f = (text: string, want: Record<string, string>): void =>
    assert.deepEqual(parseSeries(`${text} 1`).labels, labelsOf(want), text);
  f('a', { __name__: 'a' });
  f('a:b{}', { __name__: 'a:b' });
  f('{}', {});
  f('a{b="c, {d} \\" e", f=\'g}\'}', { __name__: 'a', b: 'c, {d} " e', f: 'g}' });
  f('{"a.b", "c d"="é"}', { __name__: 'a.b', 'c d': 'é' });
  assert.equal(parseSeries('a {{count:1 sum:2}} 2').values.length, 2);
});

test('a histogram is written key by key', () => {
  const text =
    '{{schema:-1 sum:4.5 count:9 z_bucket:2 z_bucket_w:0.001 buckets:[1 -2  3] offset:-1 n_buckets:[4] n_offset:5 custom_values:[1 Inf] counter_reset_hint:not_reset}}';
  const [value] = parseSeries(`m ${text}`).values;
  assert.deepEqual(value, {
    kind: 'histogram',
    histogram: {
      counterResetHint: 'not_reset',
      schema: -1,
      zeroThreshold: 0.001,
      zeroCount: 2,
      count: 9,
      sum: 4.5,
      stale: false,
      positiveSpans: [{ offset: -1, length: 3 }],
      negativeSpans: [{ offset: 5, length: 1 }],
      positiveBuckets: Float64Array.of(1, -2, 3),
      negativeBuckets: Float64Array.of(4),
      customValues: Float64Array.of(1, Infinity),
    },
    isHintGiven: true,
  });
});

test('what cannot be read is named', () => {
  const f = (text: string, want: RegExp): void =>
    assert.throws(() => parseSeries(text), { kind: 'bad-data', message: want }, text);
  f('m 1 two', /unexpected "two" among series values/);
  f('m 1+2', /unexpected "1\+2"/);
  f('m 0x1f', /unexpected "0x1f"/);
  f('m _x', /unexpected "_x"/);
  f('m 1x9999999', /more than 1000000 values/);
  f('m {{count:1', /unexpected "\{\{count:1"/);
  f('m {{count:1 count:2}}', /duplicate key "count" in histogram/);
  f('m {{color:1}}', /unexpected "color:1" in a histogram/);
  f('m {{schema:1.5}}', /schema of a histogram must be an integer, not 1\.5/);
  f('m {{buckets:5}}', /buckets of a histogram must be a list like \[5 10 7\], not 5/);
  f('m {{counter_reset_hint:maybe}}', /must be one of unknown, reset, not_reset, gauge/);
  f('m {{schema:1}}+{{schema:0}}x1', /cannot combine histograms: schema 0 into schema 1/);
  f('m{a!="b"} 1', /label a of m\{a!="b"\} must be given with =/);
  f('m{a="b" 1', /unexpected "\{a=\\"b\\""/);
});

test('start times are relative to the samples', () => {
  const f = (line: string, want: readonly (number | undefined)[] | undefined): void =>
    assert.deepEqual(parseStartTimes(line)?.offsets, want, line);
  f('m{a="b"}@st -1m', [-60_000]);
  f('m@st _ _x2 5s', [undefined, undefined, undefined, 5000]);
  f('m@st 0sx1 -1m+10sx2 1m-30sx1', [0, 0, -60_000, -50_000, -40_000, 60_000, 30_000]);
  f('m @st 1s', undefined);
  f('m 1 2', undefined);
  assert.deepEqual(parseStartTimes('m{a="b"}@st 1s')?.labels, labelsOf({ __name__: 'm', a: 'b' }));
  for (const bad of ['m@st 1', 'm@st 1m+2m', 'm@st _x0', 'm@st 1q']) {
    assert.throws(() => parseStartTimes(bad), /invalid start timestamps/, bad);
  }
});

import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { seededRandom } from '../base/random.ts';
import { makeLabels } from '../model/labels.ts';
import { SeriesResponseSchema } from './gen/thanos/store_pb.ts';
import type { SeriesFrame } from './series-response.ts';
import { decodeSeriesResponse, SeriesResponseEncoder, seriesFrameKind } from './series-response.ts';
import { TextCache } from './text-cache.ts';
import type { WireChunk, WireSeries } from './wire-series.ts';
import { AGGREGATES } from './wire-series.ts';

const texts = new TextCache();
const encoder = new SeriesResponseEncoder();

const time = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.maxSafeInteger(),
  fc.constantFrom(-(2 ** 63), 2 ** 62, 4294967295, 4294967296, -4294967296),
);
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 70 });
const chunk = fc
  .record({ data: fc.uint8Array({ maxLength: 300 }), encoding: fc.integer({ min: 1, max: 3 }) })
  .map(({ data, encoding }) => ({ encoding, bytes: data, offset: 0, length: data.length }));
const aggrChunk = fc
  .record({ minTime: time, maxTime: time, parts: fc.array(fc.option(chunk), { maxLength: 6 }) })
  .map(({ minTime, maxTime, parts }) =>
    parts.flatMap((part, i) =>
      part === null ? [] : [{ minTime, maxTime, aggregate: AGGREGATES[i] ?? 'raw', ...part }],
    ),
  );
const series: fc.Arbitrary<WireSeries> = fc.record({
  labels: fc.array(fc.tuple(text, text), { maxLength: 8 }).map(makeLabels),
  chunks: fc.array(aggrChunk, { maxLength: 5 }).map((chunks) => chunks.flat()),
});

/** Comparable with deepEqual, wherever the chunks' bytes lie. */
function plain(list: readonly WireSeries[]): unknown {
  return list.map(({ labels, chunks }) => ({
    labels,
    chunks: chunks.map(({ bytes, offset, length, ...rest }) => ({
      ...rest,
      data: [...bytes.subarray(offset, offset + length)],
    })),
  }));
}

function seriesOf(frame: SeriesFrame): readonly WireSeries[] {
  assert.equal(frame.kind, 'series');
  return frame.kind === 'series' ? frame.series : [];
}

/** The same series as the generated code knows them. */
function generated(list: readonly WireSeries[]) {
  const all = list.map(({ labels, chunks }) => ({
    labels: labels.flatMap((name, i) =>
      i % 2 === 0 ? [{ name, value: labels[i + 1] ?? '' }] : [],
    ),
    chunks: chunks.map((part) => ({
      minTime: BigInt(part.minTime),
      maxTime: BigInt(part.maxTime),
      [part.aggregate]: {
        type: part.encoding - 1,
        data: part.bytes.subarray(part.offset, part.offset + part.length),
      },
    })),
  }));
  return create(SeriesResponseSchema, { result: { case: 'batch', value: { series: all } } });
}

test('what the generated code encodes is decoded equally', () => {
  fc.assert(
    fc.property(fc.array(series, { maxLength: 4 }), (list) => {
      const bytes = toBinary(SeriesResponseSchema, generated(list));
      assert.deepEqual(plain(seriesOf(decodeSeriesResponse(bytes, texts))), plain(list));
    }),
    { numRuns: 300 },
  );
});

test('what is encoded here the generated code decodes', () => {
  fc.assert(
    fc.property(fc.array(series, { minLength: 2, maxLength: 4 }), (list) => {
      const { result } = fromBinary(SeriesResponseSchema, encoder.series(list));
      assert.equal(result.case, 'batch');
      const got = (result.case === 'batch' ? result.value.series : []).map((one) => ({
        labels: makeLabels(one.labels.map(({ name, value }) => [name, value])),
        chunks: one.chunks.flatMap((parts) =>
          AGGREGATES.flatMap((aggregate): WireChunk[] => {
            const part = parts[aggregate];
            if (part === undefined) return [];
            const times = { minTime: Number(parts.minTime), maxTime: Number(parts.maxTime) };
            const data = { bytes: part.data, offset: 0, length: part.data.length };
            return [{ ...times, aggregate, encoding: part.type + 1, ...data }];
          }),
        ),
      }));
      assert.deepEqual(plain(got), plain(list));
    }),
    { numRuns: 300 },
  );
});

test('chunks with the same times share one message, and a single series is no batch', () => {
  const part = {
    minTime: 1,
    maxTime: 2,
    encoding: 1,
    bytes: Uint8Array.of(9),
    offset: 0,
    length: 1,
  };
  const chunks: WireChunk[] = [
    { ...part, aggregate: 'count' },
    { ...part, aggregate: 'sum' },
    { ...part, aggregate: 'count', minTime: 3 },
  ];
  const bytes = encoder.series([{ labels: ['a', 'b'], chunks }]);
  const { result } = fromBinary(SeriesResponseSchema, bytes);
  assert.equal(result.case, 'series');
  if (result.case !== 'series') return;
  assert.deepEqual(
    result.value.chunks.map(({ minTime, count, sum }) => [minTime, count?.type, sum?.type]),
    [
      [1n, 0, 0],
      [3n, 0, undefined],
    ],
  );
});

test('warnings and hints pass both ways', () => {
  const warning = encoder.warning('kann nicht: ä');
  assert.deepEqual(decodeSeriesResponse(warning, texts), {
    kind: 'warning',
    warning: 'kann nicht: ä',
  });
  assert.equal(fromBinary(SeriesResponseSchema, warning).result.value, 'kann nicht: ä');
  const hints = decodeSeriesResponse(encoder.hints(Uint8Array.of(0x0a, 1, 0x61)), texts);
  assert.deepEqual(hints.kind === 'hints' && [...hints.hints], [0x0a, 1, 0x61]);
  assert.deepEqual(decodeSeriesResponse(new Uint8Array(), texts), { kind: 'empty' });
  assert.equal(seriesFrameKind(warning), 'warning');
  assert.equal(seriesFrameKind(encoder.series([])), 'series');
});

test('labels out of order, doubled or empty are put right', () => {
  const value = {
    labels: [
      ['b', '1'],
      ['a', '2'],
      ['c', ''],
      ['a', '3'],
    ].map(([name, v]) => ({ name: name ?? '', value: v ?? '' })),
  };
  const bytes = toBinary(
    SeriesResponseSchema,
    create(SeriesResponseSchema, { result: { case: 'series', value } }),
  );
  const [got] = seriesOf(decodeSeriesResponse(bytes, texts));
  assert.deepEqual(got?.labels, ['a', '3', 'b', '1']);
});

test('fields of later versions are passed over and times may follow data', () => {
  const data = [0x1a, 5, 0x12, 1, 7, 0x18, 1];
  const late = [...data, 0x08, 5, 0x10, 6, 0x7a, 1, 1, 0x81, 1, 1, 2, 3, 4, 5, 6, 7, 8];
  const unknownGroup = [0x7b, 0x08, 1, 0x7c];
  const one = [0x12, late.length, ...late, ...unknownGroup];
  const [got] = seriesOf(decodeSeriesResponse(Uint8Array.of(0x0a, one.length, ...one), texts));
  assert.deepEqual(plain(got === undefined ? [] : [got]), [
    {
      labels: [],
      chunks: [{ minTime: 5, maxTime: 6, aggregate: 'raw', encoding: 1, data: [7] }],
    },
  ]);
});

test('a message cut anywhere is refused with the offset, and garbage never does worse', () => {
  const part: WireChunk = {
    minTime: 1600000000000,
    maxTime: 1600000100000,
    aggregate: 'raw',
    encoding: 1,
    bytes: new Uint8Array(20).fill(7),
    offset: 0,
    length: 20,
  };
  const bytes = encoder.series([
    { labels: ['__name__', 'up', 'job', 'node'], chunks: [part, part] },
  ]);
  for (let cut = 1; cut < bytes.length; cut++) {
    assert.throws(() => decodeSeriesResponse(bytes.subarray(0, cut), texts), {
      kind: 'corrupt',
      message: /^cannot decode thanos.SeriesResponse of \d+ bytes at offset \d+: /,
    });
  }
  const random = seededRandom(7);
  for (let run = 0; run < 20_000; run++) {
    const mutated = Uint8Array.from(bytes);
    for (let flips = 1 + (run % 3); flips > 0; flips--) {
      mutated[Math.floor(random.next() * bytes.length)] = Math.floor(random.next() * 256);
    }
    try {
      decodeSeriesResponse(mutated, texts);
    } catch (error) {
      assert.equal((error as { kind?: string }).kind, 'corrupt');
    }
  }
});

interface Golden {
  readonly name: string;
  /** Base64 of a message that Thanos sent. */
  readonly message: string;
  /** What its own library decodes from it. */
  readonly series: readonly {
    readonly labels: readonly string[];
    readonly chunks: readonly {
      readonly minTime: number;
      readonly maxTime: number;
      readonly aggregate: string;
      readonly type: 'XOR' | 'HISTOGRAM' | 'FLOAT_HISTOGRAM';
      readonly data: string;
    }[];
  }[];
}

test('messages of a real sidecar and store gateway are decoded as by their library', () => {
  const path = new URL('../../test/golden/store-series.json', import.meta.url);
  const golden = JSON.parse(readFileSync(path, 'utf8')) as readonly Golden[];
  assert.equal(golden.length, 4);
  for (const { name, message, series: want } of golden) {
    const got = seriesOf(decodeSeriesResponse(Buffer.from(message, 'base64'), texts));
    const types = ['XOR', 'HISTOGRAM', 'FLOAT_HISTOGRAM'];
    const plainWant = want.map(({ labels, chunks }) => ({
      labels,
      chunks: chunks.map(({ minTime, maxTime, aggregate, type, data }) => ({
        minTime,
        maxTime,
        aggregate,
        encoding: types.indexOf(type) + 1,
        data: [...Buffer.from(data, 'base64')],
      })),
    }));
    assert.deepEqual(plain(got), plainWant, name);
  }
});

import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { compareLabels, type Labels, labelPairs, makeLabels } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import { STREAMED_CONTENT } from '../remote/read-request.ts';
import { type SeriesResponse, SeriesResponseSchema } from '../wire/gen/thanos/store_pb.ts';
import { labelRewrite } from './prometheus-labels.ts';
import { ReadStream, type StreamOptions } from './prometheus-stream.ts';
import { SendSlabs } from './send-slabs.ts';
import {
  frameOf,
  type StoredChunk,
  type StoredSeries,
  seriesFrame,
  streamedAnswer,
} from './testing/remote-read.ts';

interface Reading {
  readonly external?: Labels;
  readonly dropped?: readonly string[];
  readonly options?: Partial<StreamOptions>;
  /** Bytes in each piece of the body. */
  readonly pieceBytes?: number;
}

/** What comes out for a body, which is made for the queries' number of names. */
function read(
  body: Buffer,
  { external = [], dropped = [], options, pieceBytes = 1 << 16 }: Reading,
): Uint8Array[] {
  const rewrite = labelRewrite(external, new Set(dropped));
  const stream = new ReadStream({
    url: 'http://prometheus/api/v1/read',
    rewrite,
    lastQuery: rewrite.affected.length,
    limit: 0,
    batchSize: 1,
    slabs: new SendSlabs(),
    shard: undefined,
    budgetBytes: 1 << 20,
    seriesMax: 0,
    samplesMax: 0,
    samples: () => [],
    ...options,
  });
  const messages: Uint8Array[] = [];
  stream.head({ status: 200, headers: new Map([['content-type', STREAMED_CONTENT]]) });
  for (let at = 0; at < body.length; at += pieceBytes) {
    stream.data(body, at, Math.min(body.length, at + pieceBytes));
    messages.push(...stream.take());
  }
  stream.end();
  for (let last = stream.take(); last.length > 0; last = stream.take()) messages.push(...last);
  return messages;
}

interface FlatSeries {
  readonly labels: Labels;
  readonly chunks: readonly StoredChunk[];
}

function flatten(messages: readonly Uint8Array[]): FlatSeries[] {
  return messages
    .map((message) => fromBinary(SeriesResponseSchema, message))
    .flatMap(({ result }: SeriesResponse) => {
      if (result.case === 'series') return [result.value];
      return result.case === 'batch' ? result.value.series : [];
    })
    .map(({ labels, chunks }) => ({
      labels: labels.flatMap(({ name, value }) => [name, value]),
      chunks: chunks.map(({ minTime, maxTime, raw }) => ({
        minTime: Number(minTime),
        maxTime: Number(maxTime),
        type: (raw?.type ?? 0) + 1,
        data: raw?.data ?? new Uint8Array(),
      })),
    }));
}

/** The queries that the source would send for these names. */
function queriesFor(names: readonly string[]): Matcher[][] {
  const absent = names.map((name): Matcher => ({ type: '=', name, value: '' }));
  const present = names.map((name, i): Matcher[] => [
    { type: '!=', name, value: '' },
    ...absent.slice(0, i),
  ]);
  return [...present, absent];
}

const texts = fc.constantFrom('a', 'b', 'ab', 'é', '\u{10348}', '\uffee');
const names = fc.constantFrom('__name__', 'a', 'b', 'c', 'm', 'replica', 's', 'z', 'é');
const labelSets = fc
  .dictionary(names, texts, { minKeys: 1 })
  .map((all) => makeLabels(Object.entries(all)));
const chunks = fc.array(
  fc.record({
    minTime: fc.integer({ min: -1e13, max: 1e15 }),
    maxTime: fc.integer({ min: 0, max: 1e15 }),
    type: fc.integer({ min: 1, max: 3 }),
    data: fc.uint8Array({ minLength: 1, maxLength: 300 }),
  }),
  { maxLength: 3 },
);
const stored = fc.uniqueArray(fc.record({ labels: labelSets, chunks }), {
  selector: ({ labels }) => labels.join('\n'),
  maxLength: 25,
});

/** By the plainest means: labels replaced, all sorted, parts of equal labels in any order. */
function expected(
  all: readonly StoredSeries[],
  external: Labels,
  dropped: readonly string[],
): FlatSeries[] {
  return all
    .map(({ labels, chunks: own }) => {
      const map = new Map([...labelPairs(labels), ...labelPairs(external)]);
      for (const name of dropped) map.delete(name);
      return { labels: makeLabels(map), chunks: own };
    })
    .sort((a, b) => compareLabels(a.labels, b.labels));
}

const keyOf = ({ labels, chunks: own }: FlatSeries): string =>
  JSON.stringify([
    labels,
    own.map((chunk) => [chunk.minTime, chunk.maxTime, chunk.type, [...chunk.data]]),
  ]);

test('any series, external labels and dropped labels come out rewritten and sorted', () => {
  fc.assert(
    fc.property(
      stored,
      fc.dictionary(fc.constantFrom('a', 'm', 'replica', 'z'), texts),
      fc.array(fc.constantFrom('replica', 'b', 'x'), { maxLength: 2 }),
      fc.record({
        batchSize: fc.integer({ min: 0, max: 5 }),
        pieceBytes: fc.integer({ min: 1, max: 999 }),
      }),
      (all, externalMap, dropped, { batchSize, pieceBytes }) => {
        const external = makeLabels(Object.entries(externalMap));
        const { affected } = labelRewrite(external, new Set(dropped));
        const body = streamedAnswer(all, queriesFor(affected), external);
        const messages = read(body, { external, dropped, pieceBytes, options: { batchSize } });
        const found = flatten(messages);
        const want = expected(all, external, dropped);
        assert.deepEqual(
          found.map(({ labels }) => labels),
          want.map(({ labels }) => labels),
        );
        assert.deepEqual(found.map(keyOf).sort(), want.map(keyOf).sort());
      },
    ),
    { numRuns: 300 },
  );
});

test('messages are what the generated code would write', () => {
  fc.assert(
    fc.property(stored, fc.integer({ min: 0, max: 4 }), (all, batchSize) => {
      const body = streamedAnswer(all, queriesFor(['replica']), ['replica', 'A']);
      for (const message of read(body, { external: ['replica', 'A'], options: { batchSize } })) {
        const decoded = fromBinary(SeriesResponseSchema, message);
        assert.deepEqual(toBinary(SeriesResponseSchema, decoded), Uint8Array.from(message));
        if (batchSize > 1) assert.equal(decoded.result.case, 'batch');
      }
    }),
    { numRuns: 50 },
  );
});

const CHUNK: StoredChunk = { minTime: 1, maxTime: 2, type: 1, data: Uint8Array.of(1, 2, 3) };

function framesOf(sets: readonly Labels[]): Buffer {
  return Buffer.concat(sets.map((labels) => seriesFrame(labels, [CHUNK], 0)));
}

test('a series that the added label overtakes waits in the stream, whatever is between', () => {
  const sets = [
    ['a', '1'],
    ['a', '1', 'b', '1'],
    ['a', '1', 'b', '1', 'c', '1'],
    ['a', '1', 'b', '1', 's', '1'],
    ['a', '1', 'c', '1'],
    ['a', '1', 's', '1'],
    ['a', '2'],
  ];
  const body = streamedAnswer(
    sets.map((labels) => ({ labels, chunks: [CHUNK] })),
    queriesFor(['r']),
    ['r', 'X'],
  );
  const found = flatten(read(body, { external: ['r', 'X'] })).map(({ labels }) => labels.join(''));
  assert.deepEqual(found, ['a1b1c1rX', 'a1b1rX', 'a1b1rXs1', 'a1c1rX', 'a1rX', 'a1rXs1', 'a2rX']);
});

test('parts of one series stay together and in order', () => {
  const labels = ['a', '1', 'r', 'X'];
  const parts = [1, 2, 3].map((time) => seriesFrame(labels, [{ ...CHUNK, minTime: time }], 1));
  const later = seriesFrame(['a', '1', 'b', '1', 'r', 'X'], [CHUNK], 1);
  const found = flatten(read(Buffer.concat([...parts, later]), { external: ['r', 'X'] }));
  assert.deepEqual(
    found.map((series) => [series.labels.join(''), series.chunks[0]?.minTime]),
    [
      ['a1b1rX', 1],
      ['a1rX', 1],
      ['a1rX', 2],
      ['a1rX', 3],
    ],
  );
});

test('limits end the stream: quietly the wanted one, with an error the allowed one', () => {
  const body = framesOf([
    ['a', '1'],
    ['a', '2'],
    ['a', '3'],
  ]);
  assert.equal(flatten(read(body, { options: { limit: 2 } })).length, 2);
  assert.throws(() => read(body, { options: { seriesMax: 2 } }), {
    kind: 'limit',
    message: /more than 2 series/,
  });
  assert.throws(
    () => read(body, { options: { samplesMax: 359 } }),
    /more than 359 samples, chunks counted as 120/,
  );
  assert.equal(flatten(read(body, { options: { samplesMax: 360, seriesMax: 3 } })).length, 3);
});

test('sorting in memory stops at its budget', () => {
  const all = ['1', '2'].map((a) => ({
    labels: ['a', a, 'r', 'X'],
    chunks: [{ ...CHUNK, data: new Uint8Array(600) }],
  }));
  const body = streamedAnswer(all, queriesFor(['r']), []);
  assert.equal(flatten(read(body, { dropped: ['r'] })).length, 2);
  assert.throws(() => read(body, { dropped: ['r'], options: { budgetBytes: 1000 } }), {
    kind: 'limit',
    message:
      /^cannot read from http:\/\/prometheus\/api\/v1\/read: cannot sort the series: 1 series hold/,
  });
});

test('what is no answer of remote read is named with the URL', () => {
  const bad = (body: Buffer, want: RegExp): void => {
    assert.throws(() => read(body, {}), { kind: 'corrupt', message: want });
  };
  bad(
    framesOf([
      ['b', '1'],
      ['a', '1'],
    ]),
    /read: the series are not sorted: \{a="1"\} comes after \{b="1"\}$/,
  );
  bad(seriesFrame(['a', '1'], [CHUNK], 3), /frame 0 answers query 3, 0 is the last one/);
  bad(
    frameOf(Uint8Array.of(0x0a, 0x05, 0x01)),
    /not a ChunkedReadResponse: 5 bytes are announced at offset/,
  );
  bad(seriesFrame(['a', '1'], [{ ...CHUNK, type: 0 }], 0), /a chunk has the encoding 0/);
  const cut = framesOf([['a', '1']]);
  bad(cut.subarray(0, cut.length - 1), /the stream ends in frame 0, after \d+ of \d+ bytes/);
});

interface Golden {
  readonly remoteRead: string;
  readonly external: Labels;
  readonly dropped: readonly string[];
  readonly responses: readonly string[];
}

test("frames of the real sidecar for the same remote read, but for its chunks' hashes", () => {
  const golden = JSON.parse(readFileSync('test/golden/sidecar-series.json', 'utf8')) as Record<
    string,
    Golden
  >;
  for (const [name, { remoteRead, external, dropped, responses }] of Object.entries(golden)) {
    const found = read(Buffer.from(remoteRead, 'base64'), {
      external,
      dropped,
      options: { lastQuery: 0 },
    });
    const want = responses.map((text) => withoutHashes(Buffer.from(text, 'base64')));
    assert.deepEqual(
      found.map((message) => Buffer.from(message)),
      want,
      name,
    );
  }
});

function withoutHashes(message: Uint8Array): Buffer {
  const decoded = fromBinary(SeriesResponseSchema, message);
  if (decoded.result.case === 'series') {
    for (const { raw } of decoded.result.value.chunks) {
      if (raw !== undefined) raw.hash = 0n;
    }
  }
  return Buffer.from(toBinary(SeriesResponseSchema, decoded));
}

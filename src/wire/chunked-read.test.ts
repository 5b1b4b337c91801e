import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';
import { seededRandom } from '../base/random.ts';
import { ChunkedFrameReader, decodeChunkedReadResponse } from './chunked-read.ts';
import {
  Chunk_Encoding,
  ChunkedReadResponseSchema,
  ReadResponseSchema,
} from './gen/prometheus/remote_pb.ts';
import { walkReadResponse } from './read-response.ts';
import { TextCache } from './text-cache.ts';

const texts = new TextCache();

function frame(payload: Uint8Array): Buffer {
  const size: number[] = [];
  for (let rest = payload.length; ; rest >>>= 7) {
    size.push(rest < 0x80 ? rest : (rest & 0x7f) | 0x80);
    if (rest < 0x80) break;
  }
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32c(payload));
  return Buffer.concat([Uint8Array.from(size), crc, payload]);
}

function readAll(stream: Uint8Array, pieceBytes: number): Uint8Array[] {
  const reader = new ChunkedFrameReader(1 << 20);
  const payloads: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += pieceBytes) {
    payloads.push(...reader.push(stream.subarray(at, at + pieceBytes)));
  }
  reader.finish();
  return payloads;
}

test('frames are found however the stream is cut into pieces', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 6 }),
      fc.integer({ min: 1, max: 300 }),
      (payloads, pieceBytes) => {
        const got = readAll(Buffer.concat(payloads.map(frame)), pieceBytes);
        assert.deepEqual(
          got.map((one) => [...one]),
          payloads.map((one) => [...one]),
        );
      },
    ),
    { numRuns: 200 },
  );
});

test('a frame that is damaged, too large or cut off names its offset', () => {
  const good = frame(Uint8Array.of(1, 2, 3));
  const f = (stream: Uint8Array, message: RegExp): void => {
    assert.throws(() => readAll(stream, 1000), { kind: 'corrupt', message });
  };
  const damaged = Buffer.concat([good, good]);
  damaged[damaged.length - 1] = 9;
  f(damaged, /remote-read frame at offset 8: its checksum does not match/);
  f(Uint8Array.of(0x81, 0x80, 0x40, 0, 0), /it declares 1048577 bytes, 1048576 allowed/);
  f(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff), /its size is malformed/);
  for (let cut = 1; cut < good.length; cut++) {
    f(good.subarray(0, cut), /the stream ends after \d+ bytes of it/);
  }
});

const label = (name: string, value: string) => ({ name, value });

test('chunked series are decoded where they lie', () => {
  const data = Uint8Array.of(0, 1, 2, 3);
  const message = create(ChunkedReadResponseSchema, {
    queryIndex: 3n,
    chunkedSeries: [
      {
        labels: [label('__name__', 'up'), label('job', 'ä')],
        chunks: [
          { minTimeMs: -5n, maxTimeMs: 1600000000000n, type: Chunk_Encoding.XOR, data },
          { minTimeMs: 7n, maxTimeMs: 8n, type: Chunk_Encoding.FLOAT_HISTOGRAM, data },
        ],
      },
    ],
  });
  const payload = toBinary(ChunkedReadResponseSchema, message);
  const { series, queryIndex } = decodeChunkedReadResponse(payload, texts);
  assert.equal(queryIndex, 3);
  assert.deepEqual(series[0]?.labels, ['__name__', 'up', 'job', 'ä']);
  const chunks = series[0]?.chunks ?? [];
  assert.deepEqual(
    chunks.map(({ minTime, maxTime, encoding, length }) => [minTime, maxTime, encoding, length]),
    [
      [-5, 1600000000000, 1, 4],
      [7, 8, 3, 4],
    ],
  );
  for (const chunk of chunks) {
    assert.equal(chunk.bytes, payload);
    assert.deepEqual([...payload.subarray(chunk.offset, chunk.offset + chunk.length)], [...data]);
  }
});

test('sampled series keep the bits of their values', () => {
  const value = [
    0x7ff0000000000002n,
    0x7ff8000000000001n,
    0x3ff0000000000000n,
    0x8000000000000000n,
  ];
  const samples = Array.from({ length: 600 }, (_, i) => ({
    value: i,
    timestamp: BigInt(i * 1000),
  }));
  const message = create(ReadResponseSchema, {
    results: [
      { timeseries: [{ labels: [label('a', 'b')], samples }] },
      {
        timeseries: [
          { labels: [label('c', 'd')], samples: value.map(() => ({ value: 1.5, timestamp: -1n })) },
          { histograms: [{ timestamp: 9n, sum: 4, count: { case: 'countInt', value: 3n } }] },
        ],
      },
    ],
  });
  const bytes = Buffer.from(toBinary(ReadResponseSchema, message));
  const marker = Buffer.alloc(8);
  marker.writeDoubleLE(1.5);
  for (const bits of value) bytes.writeBigUInt64LE(bits, bytes.indexOf(marker));
  const [first, second, third] = [...walkReadResponse(bytes)];
  assert.deepEqual(first?.labels, ['a', 'b']);
  assert.deepEqual(
    [...(first?.values ?? [])],
    samples.map((sample) => sample.value),
  );
  assert.deepEqual(
    [...(first?.times ?? [])],
    samples.map((sample) => Number(sample.timestamp)),
  );
  assert.equal(second?.queryIndex, 1);
  const { buffer, byteOffset, length } = second?.values ?? new Float64Array();
  assert.deepEqual([...new BigUint64Array(buffer, byteOffset, length)], value);
  assert.equal(third?.histograms[0]?.sum, 4);
  assert.equal(third?.times.length, 0);
});

test('garbage in place of an answer is refused, never worse', () => {
  const random = seededRandom(11);
  for (let run = 0; run < 20_000; run++) {
    const garbage = random.bytes(Math.floor(random.next() * 40));
    const starts = [0x0a, Math.max(0, garbage.length - 2), 0x0a, Math.max(0, garbage.length - 4)];
    if (garbage.length > 4) garbage.set(starts);
    for (const decode of [
      () => decodeChunkedReadResponse(garbage, texts),
      () => [...walkReadResponse(garbage)],
    ]) {
      try {
        decode();
      } catch (error) {
        assert.equal((error as { kind?: string }).kind, 'corrupt');
      }
    }
  }
});

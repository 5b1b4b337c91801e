import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../base/random.ts';
import { testKernel } from '../base/testing/kernel.ts';
import {
  decodeSnappyBlock,
  decodeSnappyFrames,
  encodeSnappyBlock,
  encodeSnappyFrames,
} from './snappy.ts';

const kernel = testKernel();
const MAX = 1 << 26;

/** Text-like, with repeats near and far, of any length around the fragment's. */
function compressible(seed: number, length: number): Uint8Array {
  const random = seededRandom(seed);
  const words = Array.from({ length: 50 }, () => random.bytes(1 + Math.floor(random.next() * 30)));
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const word = words[Math.floor(random.next() * random.next() * words.length)] ?? bytes;
    bytes.set(word.subarray(0, length - at), at);
    at += word.length;
  }
  return bytes;
}

const bytesArbitrary = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .tuple(
      fc.nat(),
      fc.oneof(fc.nat(2000), fc.integer({ min: 65500, max: 65560 }), fc.nat(200_000)),
    )
    .map(([seed, length]) => compressible(seed, length)),
);

function equalBytes(actual: Uint8Array, want: Uint8Array): void {
  assert.ok(Buffer.from(actual).equals(want), `${actual.length} bytes differ from ${want.length}`);
}

test('blocks decode to what was encoded', () => {
  fc.assert(
    fc.property(bytesArbitrary, (bytes) => {
      equalBytes(decodeSnappyBlock(kernel, encodeSnappyBlock(kernel, bytes), MAX), bytes);
    }),
    { numRuns: 200 },
  );
});

test('frames decode to what was encoded', () => {
  fc.assert(
    fc.property(bytesArbitrary, (bytes) => {
      equalBytes(decodeSnappyFrames(kernel, encodeSnappyFrames(kernel, bytes), MAX), bytes);
    }),
    { numRuns: 200 },
  );
});

/** Each line a name and base64, written by golang/snappy (block) and klauspost/compress/snappy (frames). */
const golden = new Map(
  readFileSync(new URL('../../test/golden/snappy.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => [line.split(' ')[0], Buffer.from(line.split(' ')[1] ?? '', 'base64')]),
);

test('what the Go libraries wrote is decoded', () => {
  const lines = Array.from(
    { length: 120 },
    (_, i) => `up{instance="host-${(i * i) % 97}:9100",job="node"} ${i % 3}\n`,
  );
  const want = Buffer.from(lines.join(''));
  equalBytes(decodeSnappyBlock(kernel, golden.get('block') ?? want, MAX), want);
  equalBytes(decodeSnappyFrames(kernel, golden.get('frames') ?? want, MAX), want);
  equalBytes(decodeSnappyFrames(kernel, golden.get('short') ?? want, MAX), Buffer.from('abc'));
  equalBytes(encodeSnappyFrames(kernel, Buffer.from('abc')), golden.get('short') ?? want);
});

test('what repeats shrinks and what is random hardly grows', () => {
  const text = compressible(1, 1_000_000);
  assert.ok(encodeSnappyBlock(kernel, text).length < text.length * 0.5);
  const noise = seededRandom(2).bytes(1_000_000);
  assert.ok(encodeSnappyBlock(kernel, noise).length < noise.length + 200);
  assert.ok(encodeSnappyFrames(kernel, noise).length < noise.length + 200);
});

/** Bytes written in the test by the format's description. */
test('every kind of element is decoded', () => {
  const f = (block: readonly (number | string)[], want: string): void => {
    const parts = block.map((part) => (typeof part === 'string' ? Buffer.from(part) : [part]));
    const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
    assert.equal(Buffer.from(decodeSnappyBlock(kernel, bytes, MAX)).toString(), want);
  };
  const long = 'x'.repeat(300);
  f([0], '');
  f([3, 2 << 2, 'abc'], 'abc');
  f([60, 59 << 2, long.slice(0, 60)], long.slice(0, 60));
  f([61, 60 << 2, 60, long.slice(0, 61)], long.slice(0, 61));
  f([0xac, 2, 61 << 2, 43, 1, long], long);
  f([0xac, 2, 62 << 2, 43, 1, 0, long], long);
  f([0xac, 2, 63 << 2, 43, 1, 0, 0, long], long);
  f([7, 2 << 2, 'abc', 1, 3], 'abcabca');
  f([9, 2 << 2, 'abc', (5 << 2) | 2, 3, 0], 'abcabcabc');
  f([9, 2 << 2, 'abc', (5 << 2) | 3, 3, 0, 0, 0], 'abcabcabc');
  f(
    [44, 19 << 2, 'abcdefghijklmnopqrst', (23 << 2) | 2, 20, 0],
    `${'abcdefghijklmnopqrst'.repeat(2)}abcd`,
  );
  f([11, 0, 'z', (9 << 2) | 2, 1, 0], 'z'.repeat(11));
});

test('malformed blocks are refused', () => {
  const f = (...block: number[]): void => {
    assert.throws(() => decodeSnappyBlock(kernel, Uint8Array.from(block), MAX), {
      kind: 'corrupt',
    });
  };
  f(); // no header
  f(0x80); // cut header
  f(0xff, 0xff, 0xff, 0xff, 0xff, 0xff); // endless header
  f(0xff, 0xff, 0xff, 0xff, 0x0f, 0, 97); // a length that two bytes cannot give
  f(1); // nothing follows
  f(0, 0, 97); // more than declared
  f(2, 0, 97); // less than declared
  f(3, 2 << 2, 97); // literal cut off
  f(3, 63 << 2, 0xff, 0xff, 0xff, 0xff); // literal of 4 GiB
  f(5, 0, 97, 1, 0); // offset 0
  f(5, 0, 97, 1, 2); // offset before the start
  f(5, 0, 97, 1); // copy cut off
  f(5, 0, 97, 3, 1, 0, 0); // copy cut off
});

test('a block above the limit is refused before anything is allocated', () => {
  const block = encodeSnappyBlock(kernel, new Uint8Array(1_000_000));
  const before = kernel.arena.peakBytes;
  assert.throws(() => decodeSnappyBlock(kernel, block, 999_999), {
    kind: 'limit',
    message: /it declares 1000000 bytes, 999999 allowed/,
  });
  assert.equal(kernel.arena.peakBytes, before);
  const frames = encodeSnappyFrames(kernel, new Uint8Array(1_000_000));
  assert.throws(() => decodeSnappyFrames(kernel, frames, 999_999), { kind: 'limit' });
});

test('frames cut anywhere or with a flipped bit never give other bytes', () => {
  const bytes = compressible(3, 700);
  const frames = encodeSnappyFrames(kernel, bytes);
  const chunkStart = 10;
  for (let cut = 1; cut < frames.length; cut++) {
    if (cut === chunkStart) continue; // an empty stream
    assert.throws(() => decodeSnappyFrames(kernel, frames.subarray(0, cut), MAX), {
      kind: 'corrupt',
    });
  }
  for (let bit = chunkStart * 8; bit < frames.length * 8; bit++) {
    const flipped = Uint8Array.from(frames);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    try {
      const got = decodeSnappyFrames(kernel, flipped, MAX);
      // A chunk type that may be skipped: the stream then holds nothing.
      assert.equal(got.length, 0);
    } catch (error) {
      assert.equal((error as { kind?: string }).kind, 'corrupt');
    }
  }
});

test('garbage never decodes and never leaks memory of the arena', () => {
  const random = seededRandom(4);
  const used = kernel.arena.usedBytes;
  for (let run = 0; run < 3000; run++) {
    const garbage = random.bytes(Math.floor(random.next() * 60));
    for (const decode of [decodeSnappyBlock, decodeSnappyFrames]) {
      try {
        assert.ok(decode(kernel, garbage, 4096).length <= 4096);
      } catch (error) {
        assert.match(String((error as { kind?: string }).kind), /corrupt|limit/);
      }
    }
  }
  assert.equal(kernel.arena.usedBytes, used);
});

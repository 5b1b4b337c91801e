import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { crc32c } from '@node-rs/crc32';
import { FrameReader } from './frame-reader.ts';

/** A frame as the protocol has it, by the plainest code there is. */
function frame(payload: Uint8Array): Buffer {
  const size: number[] = [];
  let rest = payload.length;
  for (; rest >= 128; rest = Math.floor(rest / 128)) size.push((rest % 128) + 128);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32c(payload));
  return Buffer.concat([Buffer.from([...size, rest]), crc, payload]);
}

function read(pieces: readonly Uint8Array[], limitBytes?: number): string[] {
  const found: string[] = [];
  const reader = new FrameReader((bytes, start, end) => {
    found.push(Buffer.from(bytes.subarray(start, end)).toString('latin1'));
  }, limitBytes);
  for (const piece of pieces) reader.push(piece, 0, piece.length);
  reader.end();
  return found;
}

const payloads = ['a', 'x'.repeat(300), 'yz', 'q'.repeat(70_000)];
const body = Buffer.concat(payloads.map((text) => frame(Buffer.from(text))));

test('frames are found however the body is cut into pieces', () => {
  assert.deepEqual(read([body]), payloads);
  for (const size of [1, 2, 3, 7, 128, 311, 4096, 65_536]) {
    const pieces: Buffer[] = [];
    for (let at = 0; at < body.length; at += size) pieces.push(body.subarray(at, at + size));
    assert.deepEqual(read(pieces), payloads, `pieces of ${size}`);
  }
});

test('a piece may lie in the middle of a larger buffer', () => {
  const found: number[] = [];
  const reader = new FrameReader((_, start, end) => found.push(end - start));
  const padded = Buffer.concat([Buffer.alloc(5, 0xff), body, Buffer.alloc(5, 0xff)]);
  reader.push(padded, 5, 5 + body.length);
  reader.end();
  assert.deepEqual(found, [1, 300, 2, 70_000]);
});

test('a stream that ends inside a frame is corrupt at every byte', () => {
  const small = frame(Buffer.from('hello'));
  assert.deepEqual(read([small]), ['hello']);
  for (let length = 1; length < small.length; length++) {
    assert.throws(
      () => read([small.subarray(0, length)]),
      /the stream ends in frame 0, after \d+ of/,
      `${length} bytes`,
    );
  }
});

test('every flipped bit is noticed', () => {
  const small = frame(Buffer.from('hello'));
  for (let bit = 0; bit < small.length * 8; bit++) {
    const torn = Buffer.from(small);
    torn[bit >>> 3] = (torn[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
    assert.throws(() => read([torn]), /frame 0/, `bit ${bit}`);
  }
});

test('errors name the frame, its size and the sums', () => {
  const torn = Buffer.concat([frame(Buffer.from('first')), frame(Buffer.from('second'))]);
  torn[torn.length - 1] = 0;
  assert.throws(
    () => read([torn]),
    /frame 1 of 6 bytes: checksum [0-9a-f]{8} is stored, [0-9a-f]{8} found/,
  );
  assert.throws(() => read([frame(Buffer.alloc(2000))], 1000), /claims 2000 bytes, at most 1000/);
  assert.throws(() => read([Buffer.alloc(11, 0xff)]), /claims Infinity bytes/);
});

test('an error text in place of a frame is shown', () => {
  const text = Buffer.from('expanding series: context deadline exceeded\n');
  assert.throws(() => read([body, text]), /it reads "expanding series: context deadline exceeded"/);
});

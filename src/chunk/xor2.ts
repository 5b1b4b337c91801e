/** Decoder of XOR2 chunks (encoding 4). Source: docs/formats/chunks.md. */
import { OperationError } from '../base/errors.ts';
import { STALE_HIGH, STALE_LOW } from '../model/stale.ts';
import { BitReader, XorValue } from './bit-reader.ts';
import { StartTimeReader } from './start-time.ts';

/** Columns to write to; `words` views the values' bits as pairs of 32-bit halves, the lower one first. */
export interface FloatTarget {
  readonly times: Float64Array;
  readonly words: Uint32Array;
  readonly startTimes: Float64Array;
}

/**
 * Writes the chunk's samples to the columns from `at` on and returns whether any has a start time. The
 * columns have room for as many samples as the chunk's first two bytes say.
 */
export function decodeXor2(data: Uint8Array, target: FloatTarget, at: number): boolean {
  if (data.length < 3) throw new OperationError('corrupt', `the chunk has ${data.length} bytes`);
  const count = ((data[0] as number) << 8) | (data[1] as number);
  const reader = new BitReader(data, 3);
  const start = new StartTimeReader(data[2] as number);
  // Differences are taken from the last value that was no stale marker.
  const value = new XorValue(0, 0);
  let time = 0;
  let delta = 0;
  for (let i = 0; i < count; i++) {
    const before = time;
    let stale = false;
    if (i === 0) {
      time = reader.varint();
      stale = readFirstValue(reader, value);
    } else if (i === 1) {
      delta = reader.uvarint();
      stale = readValue(reader, value);
    } else {
      const control = reader.ones(5);
      delta += readChange(reader, control);
      stale = control === 5 || (control === 1 ? readChanged(reader, value) : false);
      if (control >= 2 && control <= 4) stale = readValue(reader, value);
    }
    if (i > 0) time += delta;
    if (i > 0 && delta <= 0) throw reader.corrupt(`time ${time} after ${before}`);
    target.times[at + i] = time;
    target.words[2 * (at + i)] = stale ? STALE_LOW : value.low;
    target.words[2 * (at + i) + 1] = stale ? STALE_HIGH : value.high;
    target.startTimes[at + i] = start.read(reader, i, i === 0 ? time : before);
  }
  return start.present;
}

function readFirstValue(reader: BitReader, value: XorValue): boolean {
  const high = reader.bits(32);
  const low = reader.bits(32);
  if (high === STALE_HIGH && low === STALE_LOW) return true;
  value.high = high;
  value.low = low;
  return false;
}

/** Change of the time delta: 13, 20 or 64 bits, two's complement. */
function readChange(reader: BitReader, control: number): number {
  if (control === 4) return reader.int64();
  if (control !== 2 && control !== 3) return 0;
  const size = control === 2 ? 13 : 20;
  const bits = reader.bits(size);
  return bits >= 2 ** (size - 1) ? bits - 2 ** size : bits;
}

/** `0` same, `10` difference in the last window, `110` new window, `111` stale marker (gives true). */
function readValue(reader: BitReader, value: XorValue): boolean {
  switch (reader.ones(3)) {
    case 0:
      return false;
    case 1:
      value.readDifference(reader);
      return false;
    case 2:
      value.readWindow(reader);
      value.readDifference(reader);
      return false;
    default:
      return true;
  }
}

/** `0` difference in the last window, `1` new window. */
function readChanged(reader: BitReader, value: XorValue): boolean {
  if (reader.bits(1) === 1) value.readWindow(reader);
  value.readDifference(reader);
  return false;
}

/**
 * Counter aggregates of downsampled data: an XOR chunk whose last sample repeats the time of the one before it and
 * holds the last raw value, so that a reset between two chunks can be seen. Source: Thanos' downsampling.
 */
import { BitReader, XorValue } from './bit-reader.ts';

export interface CounterSamples {
  /** Milliseconds, not falling. */
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** Throws OperationError 'corrupt'. */
export function decodeCounterChunk(data: Uint8Array): CounterSamples {
  const reader = new BitReader(data, 0);
  const count = reader.bits(16);
  const times = new Float64Array(count);
  const values = new Float64Array(count);
  const value = new XorValue(0, 0);
  let time = 0;
  let delta = 0;
  for (let i = 0; i < count; i++) {
    if (i === 0) {
      time = reader.varint();
      value.high = reader.bits(32);
      value.low = reader.bits(32);
    } else {
      delta += i === 1 ? reader.uvarint() : changeOfDelta(reader);
      if (delta < 0) throw reader.corrupt(`times go back by ${-delta} ms`);
      time += delta;
      value.read(reader);
    }
    times[i] = time;
    values[i] = value.number;
  }
  return { times, values };
}

function changeOfDelta(reader: BitReader): number {
  const ones = reader.ones(4);
  if (ones === 0) return 0;
  if (ones === 4) return reader.int64();
  const size = [0, 14, 17, 20][ones] as number;
  const bits = reader.bits(size);
  return bits > 2 ** (size - 1) ? bits - 2 ** size : bits;
}

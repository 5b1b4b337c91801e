import { BitReader, XorValue } from '../bit-reader.ts';
import type { FloatTarget } from '../xor2.ts';

/** A plain decoder of XOR chunks, to judge the kernel by. Same errors at the same samples. */
export function decodeXorPlainly(data: Uint8Array, target: FloatTarget): number {
  const count = ((data[0] as number) << 8) | (data[1] as number);
  const reader = new BitReader(data, 2);
  const value = new XorValue(0, 0);
  let time = 0;
  let delta = 0;
  for (let i = 0; i < count; i++) {
    if (i === 0) {
      time = reader.varint();
      value.high = reader.bits(32);
      value.low = reader.bits(32);
      if (Math.abs(time) > 2 ** 53) throw reader.corrupt(`time ${time}`);
    } else {
      delta += i === 1 ? reader.uvarint() : changeOf(reader);
      if (delta <= 0 || delta > 2 ** 45) throw reader.corrupt(`time delta ${delta}`);
      time += delta;
      value.read(reader);
    }
    target.times[i] = time;
    target.words[2 * i] = value.low;
    target.words[2 * i + 1] = value.high;
  }
  if (time > 2 ** 53) throw reader.corrupt(`time ${time}`);
  return count;
}

function changeOf(reader: BitReader): number {
  const ones = reader.ones(4);
  if (ones === 0) return 0;
  if (ones === 4) return reader.int64();
  const size = [0, 14, 17, 20][ones] as number;
  const bits = reader.bits(size);
  return bits > 2 ** (size - 1) ? bits - 2 ** size : bits;
}

/**
 * The hash that limit_ratio samples by: xxHash64 of a label set in Prometheus' own encoding, each text with
 * its length before it, divided by 2^64. Source: model/labels/labels_stringlabels.go; the xxHash specification.
 */
import type { Labels } from '../../model/labels.ts';

const PRIME1 = 0x9e3779b185ebca87n;
const PRIME2 = 0xc2b2ae3d27d4eb4fn;
const PRIME3 = 0x165667b19e3779f9n;
const PRIME4 = 0x85ebca77c2b2ae63n;
const PRIME5 = 0x27d4eb2f165667c5n;

/** 0 … 1, the same for equal label sets everywhere. */
export function labelsHashRatio(labels: Labels): number {
  return Number(xxHash64(encodeLabels(labels))) / Number(0xffffffffffffffffn);
}

function encodeLabels(labels: Labels): Uint8Array {
  const encoder = new TextEncoder();
  const bytes: number[] = [];
  for (const text of labels) {
    const encoded = encoder.encode(text);
    if (encoded.length < 255) bytes.push(encoded.length);
    else bytes.push(255, encoded.length & 255, (encoded.length >> 8) & 255, encoded.length >> 16);
    for (const byte of encoded) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

export function xxHash64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let hash = PRIME5;
  if (bytes.length >= 32) {
    const lanes = [wrap(PRIME1 + PRIME2), PRIME2, 0n, wrap(-PRIME1)];
    for (; at + 32 <= bytes.length; at += 32) {
      for (let i = 0; i < 4; i++) {
        lanes[i] = round(lanes[i] as bigint, view.getBigUint64(at + 8 * i, true));
      }
    }
    const turns = [1n, 7n, 12n, 18n];
    hash = wrap(lanes.reduce((sum, lane, i) => sum + rotate(lane, turns[i] as bigint), 0n));
    for (const lane of lanes) hash = wrap((hash ^ round(0n, lane)) * PRIME1 + PRIME4);
  }
  hash = wrap(hash + BigInt(bytes.length));
  for (; at + 8 <= bytes.length; at += 8) {
    hash ^= round(0n, view.getBigUint64(at, true));
    hash = wrap(rotate(hash, 27n) * PRIME1 + PRIME4);
  }
  for (; at + 4 <= bytes.length; at += 4) {
    hash ^= wrap(BigInt(view.getUint32(at, true)) * PRIME1);
    hash = wrap(rotate(hash, 23n) * PRIME2 + PRIME3);
  }
  for (; at < bytes.length; at++) {
    hash ^= wrap(BigInt(bytes[at] as number) * PRIME5);
    hash = wrap(rotate(hash, 11n) * PRIME1);
  }
  hash = wrap((hash ^ (hash >> 33n)) * PRIME2);
  hash = wrap((hash ^ (hash >> 29n)) * PRIME3);
  return hash ^ (hash >> 32n);
}

function round(lane: bigint, word: bigint): bigint {
  return wrap(rotate(wrap(lane + word * PRIME2), 31n) * PRIME1);
}

function rotate(value: bigint, bits: bigint): bigint {
  return wrap((value << bits) | (value >> (64n - bits)));
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

/** ULIDs: 48 bits of time and 80 of chance as 26 characters, which sort by time. Source: github.com/ulid/spec. */
import type { Random } from './random.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARACTERS = 10;
const RANDOM_BYTES = 10;
const SHAPE = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

export function makeUlid(timeMs: number, random: Random): string {
  let time = '';
  for (let i = 0, rest = timeMs; i < TIME_CHARACTERS; i++, rest = Math.floor(rest / 32)) {
    time = (ALPHABET[rest % 32] as string) + time;
  }
  let chance = '';
  let bits = 0;
  let count = 0;
  for (const byte of random.bytes(RANDOM_BYTES)) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 5; count -= 5) {
      chance += ALPHABET[(bits >>> (count - 5)) & 31];
    }
    bits &= (1 << count) - 1;
  }
  return time + chance;
}

export function isUlid(text: string): boolean {
  return SHAPE.test(text);
}

/** When it was made, in milliseconds. */
export function ulidTimeMs(ulid: string): number {
  let timeMs = 0;
  for (const digit of ulid.slice(0, TIME_CHARACTERS))
    timeMs = 32 * timeMs + ALPHABET.indexOf(digit);
  return timeMs;
}

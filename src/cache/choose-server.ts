/** Which of several servers has a key, as Thanos chooses: jump hash over the naturally sorted addresses. */
import type { XXHashAPI } from 'xxhash-wasm';

const MULTIPLIER = 2862933555777941757n;
const TWO_31 = 2 ** 31;

/** "Jump consistent hash" (Lamping, Veach): when a server joins, only its share of the keys moves. */
export function jumpHash(hash: bigint, servers: number): number {
  let key = hash;
  let chosen = -1;
  for (let next = 0; next < servers; ) {
    chosen = next;
    key = BigInt.asUintN(64, key * MULTIPLIER + 1n);
    next = Math.floor((chosen + 1) * (TWO_31 / (Number(key >> 33n) + 1)));
  }
  return chosen;
}

export function serverOf(key: string, servers: readonly string[], xxhash: XXHashAPI): string {
  if (servers.length === 1) return servers[0];
  return servers[jumpHash(xxhash.h64(key), servers.length)];
}

/** `cache-2` before `cache-10`. */
export function sortServers(servers: readonly string[]): readonly string[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return [...servers].sort(compare);
}

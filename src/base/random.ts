/** The only source of chance. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** The given number of uniform bytes. */
  bytes(count: number): Uint8Array;
}

/** A repeatable source (xorshift128) for tests, simulations and generators. */
export function seededRandom(seed: number): Random {
  let a = (seed | 0) ^ 0x12345678 || 1;
  let b = 0x9e3779b9;
  let c = 0x243f6a88;
  let d = 0xb7e15162;
  const word = (): number => {
    const t = a ^ (a << 11);
    a = b;
    b = c;
    c = d;
    d = d ^ (d >>> 19) ^ t ^ (t >>> 8);
    return d >>> 0;
  };
  for (let i = 0; i < 16; i++) word();
  return {
    next: () => word() / 4294967296,
    bytes: (count) => Uint8Array.from({ length: count }, () => word() & 0xff),
  };
}

import { randomBytes } from 'node:crypto';
import type { Random } from '../base/random.ts';

export const realRandom: Random = {
  next: () => Math.random(),
  bytes: (count) => new Uint8Array(randomBytes(count)),
};

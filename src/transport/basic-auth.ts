/**
 * Basic authentication against bcrypt hashes. A hash takes about 50 ms on purpose, so answers are remembered under a
 * digest of user, hash and password, and only one is computed at a time.
 */
import { createHash } from 'node:crypto';
import bcrypt from 'bcryptjs';
import { LRUCache } from 'lru-cache';

export interface BasicAuth {
  /** Whether the Authorization header names a user with the right password. */
  admits(authorization: string | undefined, users: ReadonlyMap<string, string>): Promise<boolean>;
}

/** Checked for users that do not exist: they must not be recognised by a quick answer. */
const NOBODY = '$2b$10$ni3RjHifg0FAoMNCFKYMfeDSeQO3gQP32DMFFQoevDiQa4b3ckC7i';
const REMEMBERED = 100;

export function createBasicAuth(): BasicAuth {
  const remembered = new LRUCache<string, boolean>({ max: REMEMBERED });
  let queue: Promise<unknown> = Promise.resolve();
  return {
    async admits(authorization, users) {
      const [user, password] = parseBasic(authorization);
      if (user === undefined || password === undefined) return false;
      const hash = users.get(user) ?? NOBODY;
      const key = digest(user, hash, password);
      const known = remembered.get(key);
      if (known !== undefined) return known;
      const check = queue.then(() => remembered.get(key) ?? bcrypt.compare(password, hash));
      queue = check;
      const isRight = (await check) && users.has(user);
      remembered.set(key, isRight);
      return isRight;
    },
  };
}

function parseBasic(authorization: string | undefined): [string?, string?] {
  const match = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization ?? '');
  if (match === null) return [];
  const text = Buffer.from(match[1], 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? [] : [text.slice(0, colon), text.slice(colon + 1)];
}

function digest(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('base64');
}

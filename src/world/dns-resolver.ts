import { lookup, resolveMx, resolveNs, resolveSrv } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import type { DnsResolver } from '../base/dns-resolver.ts';
import { OperationError } from '../base/errors.ts';
import { searchNames } from './dns-search.ts';

/** That of the system: hosts file, configured name servers and their search path. */
export const realDnsResolver: DnsResolver = {
  addresses: (host, family) =>
    look(`IP addresses of ${host}`, [host], async (name) => {
      const records = await lookup(name, { all: true, family });
      return records.map(({ address }) => address);
    }),
  services: (name) =>
    look(`SRV records of ${name}`, searched(name), async (one) => {
      const records = await resolveSrv(one);
      return records.map(({ name: target, port }) => ({ target, port }));
    }),
  mailServers: (name) =>
    look(`MX records of ${name}`, searched(name), async (one) => {
      const records = await resolveMx(one);
      return records.map(({ exchange }) => exchange);
    }),
  nameServers: (name) => look(`NS records of ${name}`, searched(name), resolveNs),
};

/** No such name, or no address of the family. */
const ABSENT: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'EADDRFAMILY', 'ENONAME']);

/** The records of the first of the names that exists; none when no name does. */
async function look<T>(
  what: string,
  names: readonly string[],
  ask: (name: string) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  let failure: unknown;
  for (const name of names) {
    try {
      return await ask(name);
    } catch (cause) {
      const { code } = cause as { readonly code?: unknown };
      if (code === 'ENODATA') return []; // the name exists, without such records
      if (!ABSENT.has(code)) failure = cause;
    }
  }
  if (failure === undefined) return [];
  throw new OperationError('unavailable', `cannot look up ${what}`, { cause: failure });
}

function searched(name: string): readonly string[] {
  return searchNames(name, resolvConf());
}

/** '' where there is none. */
function resolvConf(): string {
  try {
    return readFileSync('/etc/resolv.conf', 'utf8');
  } catch {
    return '';
  }
}

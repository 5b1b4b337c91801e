import { lookup, resolveMx, resolveNs, resolveSrv } from 'node:dns/promises';
import type { DnsResolver } from '../base/dns-resolver.ts';
import { OperationError } from '../base/errors.ts';

/** That of the system: hosts file and configured name servers. */
export const realDnsResolver: DnsResolver = {
  addresses: (host, family) =>
    found(`IP addresses of ${host}`, async () => {
      const records = await lookup(host, { all: true, family });
      return records.map(({ address }) => address);
    }),
  services: (name) =>
    found(`SRV records of ${name}`, async () => {
      const records = await resolveSrv(name);
      return records.map(({ name: target, port }) => ({ target, port }));
    }),
  mailServers: (name) =>
    found(`MX records of ${name}`, async () => {
      const records = await resolveMx(name);
      return records.map(({ exchange }) => exchange);
    }),
  nameServers: (name) => found(`NS records of ${name}`, () => resolveNs(name)),
};

const ABSENT: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ENODATA', 'EADDRFAMILY', 'ENONAME']);

async function found<T>(what: string, look: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await look();
  } catch (cause) {
    if (ABSENT.has((cause as { code?: unknown }).code)) return [];
    throw new OperationError('unavailable', `cannot look up ${what}`, { cause });
  }
}

import type { DnsResolver } from '../../base/dns-resolver.ts';
import { OperationError } from '../../base/errors.ts';

/**
 * A line is "name 4 address …", "name srv target:port …", "name mx host …" or "name ns host …". A name without a line
 * does not exist; `!` fails.
 */
export function resolverOf(...lines: readonly string[]): DnsResolver {
  const find = (name: string, type: string): string[] => {
    const words = lines.map((line) => line.split(' ')).find(([n, t]) => n === name && t === type);
    if (words?.[2] === '!') throw new OperationError('unavailable', `cannot look up ${name}`);
    return words?.slice(2) ?? [];
  };
  return {
    addresses: async (host, family) => find(host, String(family)),
    services: async (name) =>
      find(name, 'srv').map((one) => ({
        target: one.split(':')[0] ?? '',
        port: Number(one.split(':')[1]),
      })),
    mailServers: async (name) => find(name, 'mx'),
    nameServers: async (name) => find(name, 'ns'),
  };
}

/**
 * Addresses that are names with a scheme, as Thanos has them:
 *
 *   host:port                 as it is
 *   dns+host:port             the host's IPv4 addresses, or the IPv6 ones where it has no others
 *   dnsdualstack+host:port    both
 *   dnssrv+name[:port]        the targets of SRV records, looked up, with their ports
 *   dnssrvnoa+name[:port]     the targets as they are
 */
import type { DnsResolver } from '../base/dns-resolver.ts';
import { errorText, OperationError } from '../base/errors.ts';

const SCHEMES = ['dns', 'dnsdualstack', 'dnssrv', 'dnssrvnoa'] as const;
type Scheme = (typeof SCHEMES)[number];

interface DnsName {
  readonly scheme: Scheme | undefined;
  readonly host: string;
  /** '' where SRV records bring it. */
  readonly port: string;
}

/** Throws OperationError 'bad-data' that says what would be right. */
export function checkAddress(address: string): void {
  parseAddress(address);
}

/** Whether the address has to be looked up. */
export function isDynamicAddress(address: string): boolean {
  return address.includes('+');
}

export interface NameResolutionOptions {
  readonly names: readonly string[];
  readonly resolver: DnsResolver;
  /** Told of each look-up; undefined when it succeeded. */
  readonly onLookup: (name: string, failure: string | undefined) => void;
}

/** Looks up a list of addresses again and again; what failed keeps the addresses that it had. */
export class NameResolution {
  readonly #options: NameResolutionOptions;
  readonly #resolved = new Map<string, readonly string[]>();

  /** Throws OperationError 'bad-data' for a malformed name. */
  constructor(options: NameResolutionOptions) {
    this.#options = options;
    for (const name of options.names) {
      checkAddress(name);
      if (!isDynamicAddress(name)) this.#resolved.set(name, [name]);
    }
  }

  /** Name → addresses as of the last look-up. */
  get resolved(): ReadonlyMap<string, readonly string[]> {
    return this.#resolved;
  }

  /** host:port of all names, each once. */
  get addresses(): readonly string[] {
    return [...new Set([...this.#resolved.values()].flat())];
  }

  /** One round over all names. Never rejects. */
  async resolve(): Promise<void> {
    const { names, resolver, onLookup } = this.#options;
    await Promise.all(
      names.filter(isDynamicAddress).map(async (name) => {
        try {
          this.#resolved.set(name, await resolveAddress(name, resolver));
          onLookup(name, undefined);
        } catch (error) {
          onLookup(name, errorText(error));
        }
      }),
    );
  }
}

/** Throws OperationError 'unavailable' when the look-up fails; a name that does not exist has no addresses. */
export async function resolveAddress(
  address: string,
  resolver: DnsResolver,
): Promise<readonly string[]> {
  const { scheme, host, port } = parseAddress(address);
  switch (scheme) {
    case undefined:
      return [address];
    case 'dns':
      return join(await anyFamily(host, resolver), port);
    case 'dnsdualstack':
      return join(await bothFamilies(host, resolver), port);
    case 'dnssrv':
    case 'dnssrvnoa': {
      const services = await resolver.services(host);
      const lists = await Promise.all(
        services.map(async ({ target, port: own }) => {
          const found = scheme === 'dnssrv' ? await anyFamily(target, resolver) : [bare(target)];
          return join(found, port === '' ? String(own) : port);
        }),
      );
      return lists.flat();
    }
  }
}

async function anyFamily(host: string, resolver: DnsResolver): Promise<readonly string[]> {
  const found = await resolver.addresses(host, 4);
  return found.length > 0 ? found : await resolver.addresses(host, 6);
}

/** One family may fail as long as the other has something. */
async function bothFamilies(host: string, resolver: DnsResolver): Promise<readonly string[]> {
  const [six, four] = await Promise.allSettled([
    resolver.addresses(host, 6),
    resolver.addresses(host, 4),
  ]);
  const found = [six, four].flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  if (found.length === 0 && six.status === 'rejected') throw six.reason;
  if (found.length === 0 && four.status === 'rejected') throw four.reason;
  return found;
}

/** Names in SRV records are rooted. */
function bare(target: string): string {
  return target.replace(/\.$/, '');
}

function join(hosts: readonly string[], port: string): string[] {
  return hosts.map((host) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`));
}

function parseAddress(address: string): DnsName {
  const plus = address.indexOf('+');
  const scheme = SCHEMES.find((one) => one === address.slice(0, Math.max(0, plus)));
  if (plus >= 0 && scheme === undefined) {
    throw malformed(address, `one of the schemes ${SCHEMES.map((one) => `${one}+`).join(' ')}`);
  }
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:/\s[\]]+)(?::(\d{1,5}))?$/.exec(address.slice(plus + 1));
  const needsPort = scheme !== 'dnssrv' && scheme !== 'dnssrvnoa';
  const port = match?.[2] ?? '';
  if (match === null || (needsPort && port === '') || Number(port) > 65535) {
    throw malformed(address, needsPort ? 'host:port' : 'name or name:port');
  }
  return { scheme, host: match[1] as string, port };
}

function malformed(address: string, want: string): OperationError {
  return new OperationError('bad-data', `address ${JSON.stringify(address)} is not ${want}`);
}

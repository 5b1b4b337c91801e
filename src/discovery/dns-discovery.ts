/** Targets that DNS records name. Source: dns_sd of Prometheus 3.14. */
import { unreachable } from '../base/assert.ts';
import type { DnsResolver } from '../base/dns-resolver.ts';
import { type Labels, labelsOf } from '../model/labels.ts';
import type { DiscoveryConfig } from './discovery-config.ts';
import { type DiscoveryRun, refreshForever } from './refresh.ts';
import type { TargetGroup } from './target-group.ts';

type DnsConfig = Extract<DiscoveryConfig, { readonly kind: 'dns' }>;

export async function runDnsDiscovery(
  config: DnsConfig,
  resolver: DnsResolver,
  run: DiscoveryRun,
): Promise<void> {
  const lookUp = async (name: string): Promise<readonly TargetGroup[]> => {
    run.metrics.lookups.inc();
    try {
      return [{ source: name, labels: [], targets: await dnsTargets(config, name, resolver) }];
    } catch (error) {
      run.metrics.lookupFailures.inc();
      run.logger.error('cannot look up targets', { config: run.jobName, name, err: error });
      return []; // what was found before stays
    }
  };
  const refresh = async (): Promise<readonly TargetGroup[]> =>
    (await Promise.all(config.names.map(lookUp))).flat();
  await refreshForever(run, { mechanism: 'dns', intervalMs: config.refreshIntervalMs }, refresh);
}

async function dnsTargets(
  { type, port }: DnsConfig,
  name: string,
  resolver: DnsResolver,
): Promise<readonly Labels[]> {
  const target = (host: string, meta: Readonly<Record<string, string>> = {}, at = port): Labels =>
    labelsOf({ __address__: hostPort(host, at), __meta_dns_name: name, ...meta });
  switch (type) {
    case 'SRV':
      return (await resolver.services(name)).map(({ target: host, port: own }) =>
        target(
          host,
          {
            __meta_dns_srv_record_target: rooted(host),
            __meta_dns_srv_record_port: String(own),
          },
          own,
        ),
      );
    case 'MX':
      return (await resolver.mailServers(name)).map((host) =>
        target(host, { __meta_dns_mx_record_target: rooted(host) }),
      );
    case 'NS':
      return (await resolver.nameServers(name)).map((host) =>
        target(host, { __meta_dns_ns_record_target: rooted(host) }),
      );
    case 'A':
      return (await resolver.addresses(name, 4)).map((address) => target(address));
    case 'AAAA':
      return (await resolver.addresses(name, 6)).map((address) => target(address));
    default:
      return unreachable(type);
  }
}

function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Records name hosts from the root; resolvers leave the last dot out. */
function rooted(host: string): string {
  return host.endsWith('.') ? host : `${host}.`;
}

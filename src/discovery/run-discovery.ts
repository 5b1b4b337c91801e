/** Runs discoveries: each finds the targets of one job until it is told to end. */
import { unreachable } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { DnsResolver } from '../base/dns-resolver.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ClientSettings } from '../transport/client-settings.ts';
import type { HttpClient } from '../transport/http-client.ts';
import type { DiscoveryConfig } from './discovery-config.ts';
import type { DiscoveryMetrics } from './discovery-metrics.ts';
import { runDnsDiscovery } from './dns-discovery.ts';
import { runFileDiscovery } from './file-discovery.ts';
import { runHttpDiscovery } from './http-discovery.ts';
import type { OnGroups } from './refresh.ts';

/** Static targets need no running. */
export type RunningDiscoveryConfig = Exclude<DiscoveryConfig, { readonly kind: 'static' }>;

export interface DiscoveryParts {
  readonly files: FileSystem;
  readonly resolver: DnsResolver;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: DiscoveryMetrics;
  readonly createClient: (settings: ClientSettings) => HttpClient;
}

export interface DiscoveryScope {
  /** The job: named in logs and metrics. */
  readonly jobName: string;
  readonly signal: AbortSignal;
  readonly onGroups: OnGroups;
}

/** Resolves when the signal has ended it. Throws OperationError when it cannot begin. */
export async function runDiscovery(
  config: RunningDiscoveryConfig,
  parts: DiscoveryParts,
  scope: DiscoveryScope,
): Promise<void> {
  const run = { ...parts, ...scope };
  switch (config.kind) {
    case 'file':
      return runFileDiscovery(config, parts.files, run);
    case 'dns':
      return runDnsDiscovery(config, parts.resolver, run);
    case 'http': {
      await using client = parts.createClient(config.client);
      await runHttpDiscovery(config, client, run);
      return;
    }
    default:
      return unreachable(config);
  }
}

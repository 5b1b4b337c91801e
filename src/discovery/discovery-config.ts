/** The discoveries that are run, as plain data with every default filled in: equal ones need not be started again. */
import type { ClientSettings } from '../transport/client-settings.ts';
import type { TargetGroup } from './target-group.ts';

export type DiscoveryConfig =
  | { readonly kind: 'static'; readonly groups: readonly TargetGroup[] }
  | {
      readonly kind: 'file';
      /** Paths whose last element may have wildcards. */
      readonly files: readonly string[];
      readonly refreshIntervalMs: number;
    }
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly refreshIntervalMs: number;
      readonly client: ClientSettings;
    }
  | {
      readonly kind: 'dns';
      readonly names: readonly string[];
      readonly type: DnsRecordType;
      /** Of the targets; SRV records have their own. */
      readonly port: number;
      readonly refreshIntervalMs: number;
    };

export type DnsRecordType = 'SRV' | 'A' | 'AAAA' | 'MX' | 'NS';

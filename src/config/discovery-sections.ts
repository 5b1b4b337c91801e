/** The sections of discoveries that Tsanos runs: static, file, http, dns. Source: the discovery packages of Prometheus. */
import type { YamlValue } from '../base/yaml.ts';
import type { DiscoveryConfig, DnsRecordType } from '../discovery/discovery-config.ts';
import type { TargetGroup } from '../discovery/target-group.ts';
import { isValidLabelName } from '../model/label-name.ts';
import { type Labels, labelsOf, makeLabels } from '../model/labels.ts';
import { type ClientSection, clientFault, clientFields, clientSettings } from './client-section.ts';
import {
  duration,
  type Fault,
  type Field,
  type FieldsOf,
  integer,
  list,
  type ReadScope,
  section,
  text,
  textMap,
  texts,
} from './schema.ts';

const FILE_NAME = /^[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)$/;
const RECORD_TYPES: readonly DnsRecordType[] = ['SRV', 'A', 'AAAA', 'MX', 'NS'];

interface StaticSection {
  readonly targets: readonly string[];
  readonly labels: readonly (readonly [string, string])[];
}

interface FileSection {
  readonly files: readonly string[];
  readonly refresh_interval: number;
}

interface HttpSection extends ClientSection {
  readonly refresh_interval: number;
  readonly url: string;
}

interface DnsSection {
  readonly names: readonly string[];
  readonly refresh_interval: number;
  readonly type: string;
  readonly port: number;
}

/** Keys as they are written. */
export interface DiscoverySection {
  readonly static_configs: readonly StaticSection[];
  readonly file_sd_configs: readonly FileSection[];
  readonly http_sd_configs: readonly HttpSection[];
  readonly dns_sd_configs: readonly DnsSection[];
}

const staticField: Field<StaticSection> = section(
  { targets: texts(), labels: textMap() },
  labelNamesFault,
);
const fileField: Field<FileSection> = section(
  { files: pathPatterns(), refresh_interval: duration(300_000) },
  ({ files }) => {
    if (files.length === 0) {
      return 'file service discovery config must contain at least one path name';
    }
    const bad = files.find((name) => !FILE_NAME.test(name));
    return bad === undefined ? undefined : `path name "${bad}" is not valid for file discovery`;
  },
);
const httpField: Field<HttpSection> = section(
  { ...clientFields, refresh_interval: duration(60_000), url: text() },
  ({ url }) => urlFault(url),
  clientFault,
);
const dnsField: Field<DnsSection> = section(
  { names: texts(), refresh_interval: duration(30_000), type: text('SRV'), port: integer() },
  ({ names, type, port }) => {
    if (names.length === 0) return 'DNS-SD config must contain at least one SRV record name';
    const known = RECORD_TYPES.find((one) => one === type.toUpperCase());
    if (known === undefined) return `invalid DNS-SD records type ${type}`;
    if (known === 'SRV' || port !== 0) return undefined;
    return 'a port is required in DNS-SD configs for all record types except SRV';
  },
);

export const discoveryFields: FieldsOf<DiscoverySection> = {
  static_configs: list(staticField, 'empty or null section in static_configs'),
  file_sd_configs: list(fileField, 'empty or null section in file_sd_configs'),
  http_sd_configs: list(httpField, 'empty or null section in http_sd_configs'),
  dns_sd_configs: list(dnsField, 'empty or null section in dns_sd_configs'),
};

/** Patterns of paths, each resolved. */
function pathPatterns(): Field<readonly string[]> {
  const base = texts();
  const read = (value: YamlValue, scope: ReadScope): readonly string[] =>
    base.read(value, scope).map((one) => (one === '' ? '' : scope.resolve(one)));
  return { ...base, read };
}

function labelNamesFault({ labels }: StaticSection): Fault {
  const bad = labels.find(([name]) => !isValidLabelName(name, 'utf8'));
  return bad === undefined ? undefined : `"${bad[0]}" is not a valid label name`;
}

/** What is wrong with the URL of an HTTP service. */
export function urlFault(url: string): Fault {
  if (url === '') return 'URL is missing';
  const [, scheme = '', rest] = /^([a-z][a-z0-9+.-]*):(.*)$/i.exec(url) ?? [];
  if (!/^https?$/i.test(scheme)) return "URL scheme must be 'http' or 'https'";
  if (!/^\/\/[^/?#]/.test(rest ?? '')) return 'host is missing in URL';
  return URL.canParse(url) ? undefined : `"${url}" is not a URL`;
}

/** A target is host:port; what looks like a URL would be asked as a host. */
export function staticTargetsFault({ static_configs }: DiscoverySection): Fault {
  const bad = static_configs.flatMap(({ targets }) => targets).find((one) => one.includes('/'));
  return bad === undefined ? undefined : `"${bad}" is not a valid hostname`;
}

/** The discoveries of a section that are run. */
export function discoveryConfigs(given: DiscoverySection): readonly DiscoveryConfig[] {
  const groups = given.static_configs.map(staticGroup);
  return [
    ...(groups.length === 0 ? [] : [{ kind: 'static', groups } as const]),
    ...given.file_sd_configs.map(({ files, refresh_interval }) => {
      return { kind: 'file', files, refreshIntervalMs: refresh_interval } as const;
    }),
    ...given.http_sd_configs.map(httpDiscovery),
    ...given.dns_sd_configs.map((dns): DiscoveryConfig => {
      const type = dns.type.toUpperCase() as DnsRecordType;
      const { names, port, refresh_interval } = dns;
      return { kind: 'dns', names, type, port, refreshIntervalMs: refresh_interval };
    }),
  ];
}

function httpDiscovery(given: HttpSection): DiscoveryConfig {
  const { url, refresh_interval } = given;
  return { kind: 'http', url, refreshIntervalMs: refresh_interval, client: clientSettings(given) };
}

function staticGroup({ targets, labels }: StaticSection, index: number): TargetGroup {
  const addresses: Labels[] = targets.map((address) => labelsOf({ __address__: address }));
  return { source: String(index), labels: makeLabels(labels), targets: addresses };
}

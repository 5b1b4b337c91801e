/**
 * Discoveries of Prometheus that Tsanos does not run yet. Their sections are read and checked, so that a configuration is
 * accepted or refused as there; each says that it has no effect.
 */
import { type ClientSection, clientFault, clientFields, tlsSection } from './client-section.ts';
import { urlFault } from './discovery-sections.ts';
import { kubernetesSection } from './kubernetes-section.ts';
import {
  choice,
  count,
  duration,
  type Fault,
  type Field,
  type FieldsOf,
  flag,
  list,
  noEffect,
  path,
  type SectionCheck,
  secret,
  section,
  shownFlag,
  text,
  textMap,
  texts,
} from './schema.ts';

const MINUTE_MS = 60_000;
const filters = list(section({ name: text(), values: texts() }));

/** A section with the keys of an HTTP client. */
function withClient<T>(
  fields: FieldsOf<T>,
  ...checks: readonly SectionCheck<NoInfer<T>>[]
): Field<unknown> {
  const all = { ...clientFields, ...fields } as FieldsOf<T & ClientSection>;
  return section(all, ...checks, clientFault);
}

function polled(port = 80): { refresh_interval: Field<number>; port: Field<number> } {
  return { refresh_interval: duration(MINUTE_MS), port: count(port) };
}

function required(message: string, isMissing: boolean): Fault {
  return isMissing ? message : undefined;
}

function role<const T extends string>(what: string, absent: T | undefined, ...roles: readonly T[]) {
  return choice(absent, roles, (given) => `${what} "${given}"`);
}

function secretKeyFault(given: { secret_key: string; secret_key_file: string }): Fault {
  const { secret_key, secret_key_file } = given;
  if (secret_key === '' && secret_key_file === '') {
    return 'one of secret_key & secret_key_file must be configured';
  }
  if (secret_key === '' || secret_key_file === '') return undefined;
  return 'at most one of secret_key & secret_key_file must be configured';
}

const awsFields = {
  region: text(),
  endpoint: text(),
  access_key: text(),
  secret_key: secret(),
  profile: text(),
  role_arn: text(),
  external_id: text(),
  ...polled(),
};

const aws = withClient({
  ...awsFields,
  role: role(
    'unknown AWS SD role',
    undefined,
    'ec2',
    'lightsail',
    'ecs',
    'msk',
    'rds',
    'elasticache',
  ),
  filters,
  clusters: texts(),
  request_concurrency: count(),
});

const ec2 = withClient({ ...awsFields, filters }, ({ filters: given }) =>
  required(
    'EC2 SD configuration filter values cannot be empty',
    given.some(({ values }) => values.length === 0),
  ),
);

const awsClusters = withClient({ ...awsFields, clusters: texts(), request_concurrency: count() });

const AZURE_METHODS = ['OAuth', 'ManagedIdentity', 'SDK', 'WorkloadIdentity'];

const azure = withClient(
  {
    environment: text('AzurePublicCloud'),
    port: count(80),
    subscription_id: text(),
    tenant_id: text(),
    client_id: text(),
    client_secret: secret(),
    refresh_interval: duration(5 * MINUTE_MS),
    authentication_method: text('OAuth'),
    resource_group: text(),
  },
  (given) => {
    const isOauth = given.authentication_method === 'OAuth';
    const names = ['subscription_id', 'tenant_id', 'client_id', 'client_secret'] as const;
    const needed = isOauth ? names : names.slice(0, 1);
    const missing = needed.find((name) => given[name] === '');
    if (missing !== undefined) return `azure SD configuration requires a ${missing}`;
    if (AZURE_METHODS.includes(given.authentication_method)) return undefined;
    const [a, b, c, d] = AZURE_METHODS;
    const kinds = `Supported types are "${a}", "${b}", "${c}" or "${d}"`;
    return `unknown authentication_type "${given.authentication_method}". ${kinds}`;
  },
);

const consul = withClient(
  {
    server: text('localhost:8500'),
    path_prefix: text(),
    token: secret(),
    datacenter: text(),
    namespace: text(),
    partition: text(),
    tag_separator: text(','),
    scheme: text('http'),
    username: text(),
    password: secret(),
    allow_stale: shownFlag(true),
    refresh_interval: duration(30_000),
    services: texts(),
    tags: texts(),
    node_meta: textMap(),
    filter: text(),
    health_filter: text(),
  },
  ({ server }) =>
    required('consul SD configuration requires a server address', server.trim() === ''),
);

const eureka = withClient(
  { server: text(), refresh_interval: duration(30_000) },
  ({ server }) =>
    required('eureka_sd: empty or null eureka server', server === '') ??
    required('eureka_sd: invalid eureka server URL', !/^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(server)),
);

interface MarathonSection extends ClientSection {
  readonly servers: readonly string[];
  readonly refresh_interval: number;
  readonly auth_token: string;
  readonly auth_token_file: string;
}

const marathonFields: FieldsOf<MarathonSection> = {
  ...clientFields,
  servers: texts(),
  refresh_interval: duration(30_000),
  auth_token: secret(),
  auth_token_file: path(),
};

function marathonFault(given: MarathonSection): Fault {
  const { servers, auth_token, auth_token_file } = given;
  if (servers.length === 0) return 'marathon_sd: must contain at least one Marathon server';
  const conflict = (names: string): string =>
    `marathon_sd: at most one of ${names} must be configured`;
  if (auth_token !== '' && auth_token_file !== '') return conflict('auth_token & auth_token_file');
  if (auth_token === '' && auth_token_file === '') return undefined;
  if (given.basic_auth !== undefined) return conflict('basic_auth, auth_token & auth_token_file');
  if (given.bearer_token !== '' || given.bearer_token_file !== '') {
    return conflict('bearer_token, bearer_token_file, auth_token & auth_token_file');
  }
  if (given.authorization === undefined) return undefined;
  return conflict('auth_token, auth_token_file & authorization');
}

const dockerFields = { host: text(), ...polled(), filters };
function hostFault({ host }: { readonly host: string }): Fault {
  return required('host missing', host === '');
}

const openstack = section(
  {
    identity_endpoint: text(),
    username: text(),
    userid: text(),
    password: secret(),
    project_name: text(),
    project_id: text(),
    domain_name: text(),
    domain_id: text(),
    application_credential_name: text(),
    application_credential_id: text(),
    application_credential_secret: secret(),
    role: role('unknown OpenStack SD role', undefined, 'hypervisor', 'instance', 'loadbalancer'),
    region: text(),
    ...polled(),
    all_tenants: flag(),
    tls_config: tlsSection,
    availability: choice(
      'public',
      ['public', 'internal', 'admin'],
      (given) => `unknown availability ${given}, must be one of admin, internal or public`,
    ),
  },
  (given) =>
    required(
      'role missing (one of: instance, hypervisor, loadbalancer)',
      given.role === undefined,
    ) ?? required('openstack SD configuration requires a region', given.region === ''),
);

const oci = withClient(
  {
    auth: choice(
      'api_key',
      ['api_key', 'instance_principal'],
      (given) =>
        `oci_sd: unknown auth method "${given}", expected "api_key" or "instance_principal"`,
    ),
    tenancy: text(),
    user: text(),
    fingerprint: text(),
    key_file: path(),
    key_passphrase: secret(),
    key_passphrase_file: path(),
    region: text(),
    compartments: texts(),
    ...polled(),
  },
  (given) => {
    if (given.region === '') return 'oci_sd: region is required';
    const needed = ['tenancy', 'user', 'fingerprint', 'key_file'] as const;
    if (given.auth === 'api_key') {
      const missing = needed.find((name) => given[name] === '');
      return missing === undefined ? undefined : `oci_sd: api_key auth requires ${missing}`;
    }
    const extra = needed.find((name) => given[name] !== '');
    return extra && `oci_sd: instance_principal auth must not have ${extra} set`;
  },
);

const scaleway = withClient(
  {
    project_id: text(),
    api_url: text('https://api.scaleway.com'),
    zone: text('fr-par-1'),
    access_key: text(),
    secret_key: secret(),
    secret_key_file: path(),
    name_filter: text(),
    tags_filter: texts(),
    ...polled(),
    role: role('unknown role', undefined, 'instance', 'baremetal'),
  },
  (given) =>
    required('role missing (one of: instance, baremetal)', given.role === undefined) ??
    required('project_id is mandatory', given.project_id === '') ??
    secretKeyFault(given) ??
    required('access_key is mandatory', given.access_key === ''),
);

const outscale = withClient(
  {
    endpoint: text(),
    region: text('eu-west-2'),
    access_key: text(),
    secret_key: secret(),
    secret_key_file: path(),
    ...polled(),
  },
  (given) =>
    required('outscale SD configuration requires a region', given.region === '') ??
    required('outscale SD configuration requires access_key', given.access_key === '') ??
    secretKeyFault(given),
);

const ovhcloud = section(
  {
    endpoint: text('ovh-eu'),
    application_key: text(),
    application_secret: secret(),
    consumer_key: secret(),
    refresh_interval: duration(MINUTE_MS),
    service: text(),
  },
  (given) =>
    required('endpoint can not be empty', given.endpoint === '') ??
    required('application key can not be empty', given.application_key === '') ??
    required('application secret can not be empty', given.application_secret === '') ??
    required('consumer key can not be empty', given.consumer_key === '') ??
    required(
      `unknown service: ${given.service}`,
      given.service !== 'dedicated_server' && given.service !== 'vps',
    ),
);

const puppetdb = withClient(
  { url: text(), query: text(), include_parameters: flag(), ...polled() },
  ({ url, query }) => urlFault(url) ?? required('query missing', query === ''),
);

const triton = section(
  {
    account: text(),
    role: text('container'),
    dns_suffix: text(),
    endpoint: text(),
    groups: texts(),
    ...polled(9163),
    tls_config: tlsSection,
    version: count(1),
  },
  (given) =>
    required(
      "triton SD configuration requires role to be 'container' or 'cn'",
      given.role !== 'container' && given.role !== 'cn',
    ) ??
    required('triton SD configuration requires an account', given.account === '') ??
    required('triton SD configuration requires a dns_suffix', given.dns_suffix === '') ??
    required('triton SD configuration requires an endpoint', given.endpoint === ''),
);

const uyuni = withClient(
  {
    server: text(),
    username: text(),
    password: secret(),
    entitlement: text('monitoring_entitled'),
    separator: text(','),
    refresh_interval: duration(MINUTE_MS),
  },
  (given) =>
    required('Uyuni SD configuration requires server host', given.server === '') ??
    required('Uyuni SD configuration requires a username', given.username === '') ??
    required('Uyuni SD configuration requires a password', given.password === ''),
);

function zookeeper(name: string): Field<unknown> {
  const fields = { servers: texts(), paths: texts(), timeout: duration(10_000) };
  return section(
    fields,
    ({ servers, paths }) =>
      required(
        `${name} SD config must contain at least one Zookeeper server`,
        servers.length === 0,
      ) ??
      required(`${name} SD config must contain at least one path`, paths.length === 0) ??
      required(
        `${name} SD config paths must begin with '/'`,
        paths.some((one) => !one.startsWith('/')),
      ),
  );
}

const SECTIONS: Readonly<Record<string, Field<unknown>>> = {
  aws,
  azure,
  consul,
  digitalocean: withClient({
    ...polled(),
    role: role('unknown DigitalOcean SD role', 'droplets', 'droplets', 'databases'),
  }),
  docker: withClient(
    {
      ...dockerFields,
      host_networking_host: text('localhost'),
      match_first_network: shownFlag(true),
    },
    hostFault,
  ),
  dockerswarm: withClient(
    { ...dockerFields, role: text() },
    hostFault,
    ({ role: given }) =>
      required('role missing (one of: tasks, services, nodes)', given === '') ??
      required(
        `invalid role ${given}, expected tasks, services, or nodes`,
        !['tasks', 'services', 'nodes'].includes(given),
      ),
  ),
  ec2,
  ecs: awsClusters,
  elasticache: awsClusters,
  eureka,
  gce: section(
    {
      project: text(),
      zone: text(),
      filter: text(),
      ...polled(),
      tag_separator: text(','),
    },
    ({ project, zone }) =>
      required('GCE SD configuration requires a project', project === '') ??
      required('GCE SD configuration requires a zone', zone === ''),
  ),
  hetzner: withClient(
    {
      ...polled(),
      role: role('unknown role', undefined, 'robot', 'hcloud'),
      label_selector: text(),
    },
    ({ role: given }) => required('role missing (one of: robot, hcloud)', given === undefined),
  ),
  ionos: withClient({ datacenter_id: text(), ...polled() }, ({ datacenter_id }) =>
    required("datacenter id can't be empty", datacenter_id === ''),
  ),
  kubernetes: kubernetesSection,
  kuma: withClient(
    {
      server: text(),
      client_id: text(),
      refresh_interval: duration(15_000),
      fetch_timeout: duration(120_000),
    },
    ({ server }) =>
      required('kuma SD server must not be empty and have a scheme', !URL.canParse(server)),
  ),
  lightsail: withClient(awsFields),
  linode: withClient({ ...polled(), tag_separator: text(','), region: text() }),
  marathon: section(marathonFields, marathonFault, clientFault),
  msk: awsClusters,
  nerve: zookeeper('nerve'),
  nomad: withClient(
    {
      allow_stale: shownFlag(true),
      namespace: text('default'),
      refresh_interval: duration(MINUTE_MS),
      region: text('global'),
      server: text('http://localhost:4646'),
      tag_separator: text(','),
    },
    ({ server }) =>
      required('nomad SD configuration requires a server address', server.trim() === ''),
  ),
  oci,
  openstack,
  outscale,
  ovhcloud,
  puppetdb,
  rds: withClient({ ...awsFields, clusters: texts(), filters, request_concurrency: count() }),
  scaleway,
  serverset: zookeeper('serverset'),
  stackit: withClient(
    {
      project: text(),
      ...polled(),
      region: text('eu01'),
      endpoint: text(),
      service_account_key: secret(),
      private_key: secret(),
      service_account_key_path: path(),
      private_key_path: path(),
      credentials_file_path: path(),
    },
    ({ endpoint, region }) =>
      required('stackit_sd: endpoint and region missing', endpoint === '' && region === '') ??
      required(
        `stackit_sd: invalid endpoint "${endpoint}"`,
        endpoint !== '' && !URL.canParse(endpoint),
      ),
  ),
  triton,
  uyuni,
  vultr: withClient(polled()),
};

/** `consul_sd_configs` and its kin, each a list. */
export const otherDiscoveryFields: Readonly<Record<`${string}_sd_configs`, Field<unknown>>> =
  Object.fromEntries(
    Object.entries(SECTIONS).map(([name, of]) => {
      const key = `${name}_sd_configs`;
      return [key, noEffect(list(of, `empty or null section in ${key}`))];
    }),
  );

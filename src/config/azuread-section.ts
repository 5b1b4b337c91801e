/** `azuread` of a remote endpoint. Source: storage/remote/azuread of Prometheus 3.14. */
import {
  type Fault,
  type Field,
  type FieldsOf,
  flag,
  optional,
  path,
  secret,
  section,
  text,
} from './schema.ts';

const CLOUDS: readonly string[] = ['AzureChina', 'AzureGovernment', 'AzurePublic'];
const UUID =
  /^(urn:uuid:)?(\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?|[0-9a-f]{32})$/i;
const WAYS = ['managed_identity', 'workload_identity', 'oauth', 'sdk', 'certificate'] as const;

interface Identity {
  readonly client_id: string;
}

interface Application extends Identity {
  readonly tenant_id: string;
}

interface AzureAdSection {
  readonly managed_identity: Identity | undefined;
  readonly workload_identity: (Application & { readonly token_file_path: string }) | undefined;
  readonly oauth: (Application & { readonly client_secret: string }) | undefined;
  readonly sdk: { readonly tenant_id: string } | undefined;
  readonly certificate:
    | (Application & {
        readonly certificate_path: string;
        readonly certificate_key_path: string;
        readonly certificate_password: string;
        readonly send_certificate_chain: boolean;
      })
    | undefined;
  readonly cloud: string;
  readonly scope: string;
}

const application: FieldsOf<Application> = { client_id: text(), tenant_id: text() };

export const azureAdSection: Field<AzureAdSection> = section<AzureAdSection>(
  {
    managed_identity: optional(section<Identity>({ client_id: text() })),
    workload_identity: optional(section({ ...application, token_file_path: path() })),
    oauth: optional(section({ ...application, client_secret: secret() })),
    sdk: optional(section({ tenant_id: text() })),
    certificate: optional(
      section({
        ...application,
        certificate_path: path(),
        certificate_key_path: path(),
        certificate_password: secret(),
        send_certificate_chain: flag(),
      }),
    ),
    cloud: text('AzurePublic'),
    scope: text(),
  },
  ({ cloud }) => (CLOUDS.includes(cloud || 'AzurePublic') ? undefined : cloudFault(cloud)),
  waysFault,
  identityFault,
  ({ scope }) =>
    /^[\w\s:/.-]*$/.test(scope) ? undefined : 'the provided scope contains invalid characters',
);

function cloudFault(cloud: string): Fault {
  return `must provide a cloud in the Azure AD config: ${CLOUDS.join(', ')}, not "${cloud}"`;
}

function waysFault(given: AzureAdSection): Fault {
  const count = WAYS.filter((way) => given[way] !== undefined).length;
  if (count > 1) return 'cannot provide multiple authentication methods in the Azure AD config';
  if (count === 1) return undefined;
  const names = 'Managed Identity, Azure Workload Identity, Azure OAuth, Azure Certificate';
  return `must provide an Azure ${names} or Azure SDK in the Azure AD config`;
}

function identityFault(given: AzureAdSection): Fault {
  const { managed_identity, workload_identity, oauth, certificate } = given;
  const managed = managed_identity?.client_id ?? '';
  if (managed !== '' && !UUID.test(managed)) return invalid('Managed Identity client_id');
  const workloadTenant = workload_identity?.tenant_id ?? '';
  return (
    applicationFault('Workload Identity', workload_identity) ??
    (workloadTenant === '' || UUID.test(workloadTenant)
      ? undefined
      : invalid('Workload Identity tenant_id')) ??
    applicationFault('OAuth', oauth) ??
    (oauth?.client_secret === '' ? missing('OAuth client_secret') : undefined) ??
    applicationFault('Certificate', certificate) ??
    (certificate?.certificate_path === '' ? missing('Certificate certificate_path') : undefined)
  );
}

function applicationFault(name: string, given: Application | undefined): Fault {
  if (given === undefined) return undefined;
  if (given.client_id === '') return missing(`${name} client_id`);
  if (given.tenant_id === '') return missing(`${name} tenant_id`);
  return UUID.test(given.client_id) ? undefined : invalid(`${name} client_id`);
}

function missing(what: string): Fault {
  return `must provide an Azure ${what} in the Azure AD config`;
}

function invalid(what: string): Fault {
  return `the provided Azure ${what} is invalid`;
}

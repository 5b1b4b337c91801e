/** `kubernetes_sd_configs`. Source: the checks of Prometheus' kubernetes discovery. */
import { type ClientSection, clientFault, clientFields } from './client-section.ts';
import {
  absentSection,
  choice,
  type Fault,
  type Field,
  list,
  path,
  section,
  shownFlag,
  text,
  texts,
} from './schema.ts';

const ROLES = ['node', 'pod', 'service', 'endpoints', 'endpointslice', 'ingress'] as const;
type Role = (typeof ROLES)[number];

const SELECTORS: Readonly<Record<Role, readonly string[]>> = {
  pod: ['pod', 'node'],
  service: ['service'],
  endpointslice: ['pod', 'service', 'endpointslice'],
  endpoints: ['pod', 'service', 'endpoints'],
  node: ['node'],
  ingress: ['ingress'],
};

const role = choice(undefined, ROLES, (given) => `unknown Kubernetes SD role "${given}"`);

interface Kubernetes extends ClientSection {
  readonly api_server: string;
  readonly role: Role | undefined;
  readonly kubeconfig_file: string;
  readonly namespaces: { readonly own_namespace: boolean; readonly names: readonly string[] };
  readonly selectors: readonly Selector[];
  readonly attach_metadata: unknown;
}

interface Selector {
  readonly role: Role | undefined;
  readonly label: string;
  readonly field: string;
}

export const kubernetesSection: Field<unknown> = section<Kubernetes>(
  {
    api_server: text(),
    role,
    kubeconfig_file: path(),
    ...clientFields,
    namespaces: section({ own_namespace: shownFlag(false), names: texts() }),
    selectors: list(section({ role, label: text(), field: text() })),
    attach_metadata: section({
      node: shownFlag(false),
      namespace: shownFlag(false),
      deployment: shownFlag(false),
      job: shownFlag(false),
      cronjob: shownFlag(false),
    }),
  },
  roleFault,
  clientFault,
  accessFault,
  selectorFault,
);

function roleFault(given: Kubernetes): Fault {
  if (given.role !== undefined) return undefined;
  return 'role missing (one of: pod, service, endpoints, endpointslice, node, ingress)';
}

function accessFault(given: Kubernetes): Fault {
  const hasServer = given.api_server !== '';
  const hasFile = given.kubeconfig_file !== '';
  const ownNamespace = given.namespaces.own_namespace;
  if (hasServer && hasFile) return "cannot use 'kubeconfig_file' and 'api_server' simultaneously";
  if (hasFile && hasClient(given)) {
    return "cannot use a custom HTTP client configuration together with 'kubeconfig_file'";
  }
  if (!hasServer && hasClient(given)) {
    return "to use custom HTTP client configuration please provide the 'api_server' URL explicitly";
  }
  if (hasServer && ownNamespace) {
    return "cannot use 'api_server' and 'namespaces.own_namespace' simultaneously";
  }
  if (hasFile && ownNamespace) {
    return "cannot use 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously";
  }
  return undefined;
}

/** Whether any key of the HTTP client says something else than when it is absent. */
function hasClient(given: ClientSection): boolean {
  const absent = absentSection(clientFields);
  return Object.keys(clientFields).some((key) => {
    const name = key as keyof ClientSection;
    return JSON.stringify(given[name]) !== JSON.stringify(absent[name]);
  });
}

function selectorFault(given: Kubernetes): Fault {
  const seen = new Set<string>();
  for (const selector of given.selectors) {
    const name = selector.role ?? '';
    if (seen.has(name)) return `duplicated selector role: ${name}`;
    seen.add(name);
    const allowed = SELECTORS[given.role ?? 'pod'];
    if (!allowed.includes(name)) {
      return `${given.role} role supports only ${allowed.join(', ')} selectors`;
    }
    const fault = selectorTextFault(selector.field) ?? selectorTextFault(selector.label);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** A list of requirements such as `status.phase=Running,metadata.name!=web`; labels know `in`, `notin` and `!` too. */
function selectorTextFault(selector: string): Fault {
  if (selector.trim() === '') return undefined;
  const parts = selector.split(/,(?![^(]*\))/).map((part) => part.trim());
  const bad = parts.find((part) => !isRequirement(part));
  if (bad === undefined) return undefined;
  return `invalid selector: '${selector}'; can't understand '${bad}'`;
}

function isRequirement(part: string): boolean {
  if (/^[^=!]+(?:==?|!=)[^=!]*$/.test(part)) return true;
  return /^[\w./-]+\s+(?:not)?in\s+\([^()]*\)$/.test(part) || /^!?\w[\w/-]*$/.test(part);
}

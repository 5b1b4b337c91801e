/** `alerting`: read and checked; nothing acts on it yet. Source: AlertingConfig of Prometheus 3.14. */
import type { ValidationScheme } from '../model/label-name.ts';
import { type ClientSection, clientFault, clientFields } from './client-section.ts';
import {
  type DiscoverySection,
  discoveryFields,
  staticTargetsFault,
} from './discovery-sections.ts';
import { otherDiscoveryFields } from './other-discoveries.ts';
import { checkRelabel, type RelabelSection, relabelConfigs } from './relabel-section.ts';
import { sigv4Section } from './remote-sections.ts';
import {
  choice,
  duration,
  type Field,
  type FieldsOf,
  list,
  optional,
  section,
  text,
} from './schema.ts';

interface AlertmanagerSection extends ClientSection, DiscoverySection {
  readonly sigv4: unknown;
  readonly scheme: string;
  readonly path_prefix: string;
  readonly timeout: number;
  readonly api_version: 'v2' | undefined;
  readonly relabel_configs: readonly RelabelSection[];
  readonly alert_relabel_configs: readonly RelabelSection[];
}

export interface AlertingSection {
  readonly alert_relabel_configs: readonly RelabelSection[];
  readonly alertmanagers: readonly AlertmanagerSection[];
}

const ALERTMANAGER_FIELDS: FieldsOf<AlertmanagerSection> = {
  ...discoveryFields,
  ...otherDiscoveryFields,
  ...clientFields,
  sigv4: optional(sigv4Section),
  scheme: text('http'),
  path_prefix: text(),
  timeout: duration(10_000),
  api_version: choice(
    'v2',
    ['v2'],
    (given) => `expected Alertmanager api version to be one of [v2] but got ${given}`,
  ),
  relabel_configs: relabelConfigs('empty or null Alertmanager target relabeling rule'),
  alert_relabel_configs: relabelConfigs('empty or null Alertmanager alert relabeling rule'),
};

const alertmanager = section(
  ALERTMANAGER_FIELDS,
  clientFault,
  (given) => (given.relabel_configs.length === 0 ? staticTargetsFault(given) : undefined),
  (given) => {
    const { basic_auth, authorization, oauth2, sigv4 } = given;
    const hasOther = basic_auth ?? authorization ?? oauth2;
    if (hasOther === undefined || sigv4 === undefined) return undefined;
    return 'at most one of basic_auth, authorization, oauth2, & sigv4 must be configured';
  },
);

export const alertingSection: Field<AlertingSection> = section<AlertingSection>({
  alert_relabel_configs: relabelConfigs('empty or null alert relabeling rule'),
  alertmanagers: list(alertmanager, 'empty or null alertmanager section'),
});

/** Throws OperationError 'bad-data' with the place of a rule that is wrong. */
export function checkAlerting(given: AlertingSection, scheme: ValidationScheme): void {
  checkRelabel(given.alert_relabel_configs, scheme);
  for (const one of given.alertmanagers) {
    checkRelabel([...one.alert_relabel_configs, ...one.relabel_configs], scheme);
  }
}

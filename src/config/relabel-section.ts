/** `relabel_configs` and their kin. Source: relabel.Config of Prometheus 3.14 and its checks. */
import { must } from '../base/assert.ts';
import type { YamlValue } from '../base/yaml.ts';
import { isValidLabelName, type ValidationScheme } from '../model/label-name.ts';
import { compileRegex } from '../model/regex.ts';
import type { RelabelAction, RelabelConfig } from '../model/relabel-config.ts';
import { count, type Fault, type Field, list, section, shownText, text, texts } from './schema.ts';

const ACTIONS: readonly RelabelAction[] = [
  'replace',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
];
const NEEDS_TARGET: readonly RelabelAction[] = [
  'replace',
  'hashmod',
  'lowercase',
  'uppercase',
  'keepequal',
  'dropequal',
];
const PLAIN_TARGET: readonly RelabelAction[] = ['lowercase', 'uppercase', 'keepequal', 'dropequal'];
const DEFAULT_SEPARATOR = ';';
const DEFAULT_REGEX = '(.*)';
const DEFAULT_REPLACEMENT = '$1';
const LEGACY_TEMPLATE = /^(?:(?:[a-zA-Z_]|\$(?:\{\w+\}|\w+))+\w*)+$/;

/** A rule with the place where it is written: which names are valid, and so whether it is, is known late. */
export interface RelabelSection extends RelabelConfig {
  readonly value: YamlValue | undefined;
}

/** Keys as they are written. */
interface WrittenRule {
  readonly source_labels: readonly string[];
  readonly separator: string;
  readonly regex: string;
  readonly modulus: number;
  readonly target_label: string;
  readonly replacement: string;
  readonly action: string;
}

const base: Field<WrittenRule> = section(
  {
    source_labels: texts(),
    separator: shownText(DEFAULT_SEPARATOR),
    regex: { ...text(DEFAULT_REGEX), read: readRegex },
    modulus: count(),
    target_label: text(),
    replacement: shownText(DEFAULT_REPLACEMENT),
    action: { ...text('replace'), read: readAction },
  },
  ({ source_labels }) => (source_labels.includes('') ? '"" is not a valid label name' : undefined),
);

const relabelField: Field<RelabelSection> = {
  absent: toRelabel(base.absent, undefined),
  read(value, scope) {
    const entries = new Map(value.entries());
    if (entries.get('action')?.isNull === true) throw value.fault('relabel action cannot be empty');
    const plain = base.read(value, scope);
    const regex = entries.get('regex')?.isNull === true ? '' : plain.regex;
    return toRelabel({ ...plain, regex }, value);
  },
  print: (given) => base.print(fromRelabel(given)),
};

/** `empty` is the error for an entry without content. */
export function relabelConfigs(empty: string): Field<readonly RelabelSection[]> {
  return list(relabelField, empty);
}

function readRegex(value: YamlValue): string {
  const given = value.text();
  try {
    compileRegex(given);
  } catch (error) {
    throw value.fault(error instanceof Error ? error.message : String(error));
  }
  return given;
}

function readAction(value: YamlValue): string {
  const given = value.text().toLowerCase();
  if (ACTIONS.some((action) => action === given)) return given;
  throw value.fault(`unknown relabel action "${given}"`);
}

function toRelabel(plain: WrittenRule, value: YamlValue | undefined): RelabelSection {
  return {
    sourceLabels: plain.source_labels,
    separator: plain.separator,
    regex: plain.regex,
    modulus: plain.modulus,
    targetLabel: plain.target_label,
    replacement: plain.replacement,
    action: plain.action as RelabelAction,
    value,
  };
}

function fromRelabel(config: RelabelConfig): WrittenRule {
  return {
    source_labels: config.sourceLabels,
    separator: config.separator,
    regex: config.regex,
    modulus: config.modulus,
    target_label: config.targetLabel,
    replacement: config.replacement,
    action: config.action,
  };
}

/** The rules as plain data. */
export function plainRelabel(rules: readonly RelabelSection[]): readonly RelabelConfig[] {
  return rules.map(({ value, ...config }) => config);
}

/** Throws OperationError 'bad-data' with the place of the first rule that is wrong. */
export function checkRelabel(rules: readonly RelabelSection[], scheme: ValidationScheme): void {
  for (const rule of rules) {
    const fault = ruleFault(rule, scheme);
    if (fault !== undefined) throw must(rule.value, 'a rule that was read').fault(fault);
  }
}

function ruleFault(config: RelabelSection, scheme: ValidationScheme): Fault {
  const { action, targetLabel } = config;
  if (action === 'hashmod' && config.modulus === 0) {
    return 'relabel configuration for hashmod requires non-zero modulus';
  }
  if (NEEDS_TARGET.includes(action) && targetLabel === '') {
    return `relabel configuration for ${action} action requires 'target_label' value`;
  }
  if (!isValidTarget(config, scheme)) {
    return `"${targetLabel}" is invalid 'target_label' for ${action} action`;
  }
  if (PLAIN_TARGET.includes(action) && config.replacement !== DEFAULT_REPLACEMENT) {
    return `'replacement' can not be set for ${action} action`;
  }
  if (action === 'labelmap' && !isValidTemplate(config.replacement, scheme)) {
    return `"${config.replacement}" is invalid 'replacement' for ${action} action`;
  }
  return onlyFault(config);
}

function isValidTarget({ action, targetLabel }: RelabelConfig, scheme: ValidationScheme): boolean {
  const isTemplate = action === 'replace' && targetLabel.includes('$');
  if (isTemplate) return isValidTemplate(targetLabel, scheme);
  return !NEEDS_TARGET.includes(action) || isValidLabelName(targetLabel, scheme);
}

function isValidTemplate(template: string, scheme: ValidationScheme): boolean {
  if (scheme === 'utf8') return isValidLabelName(template, scheme);
  return LEGACY_TEMPLATE.test(template);
}

/** Some actions take some fields and no other. */
function onlyFault({ action, value, ...config }: RelabelSection): Fault {
  const given = new Set(value?.entries().map(([key]) => key));
  const isPlain =
    config.separator === DEFAULT_SEPARATOR &&
    config.modulus === 0 &&
    config.replacement === DEFAULT_REPLACEMENT;
  if (action === 'dropequal' || action === 'keepequal') {
    if (isPlain && !given.has('regex')) return undefined;
    const fields = "'source_labels' and `target_label`";
    return `${action} action requires only ${fields}, and no other fields`;
  }
  if (action === 'labeldrop' || action === 'labelkeep') {
    if (isPlain && !given.has('source_labels') && config.targetLabel === '') return undefined;
    return `${action} action requires only 'regex', and no other fields`;
  }
  return undefined;
}

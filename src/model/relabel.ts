/**
 * Relabeling: steps that rewrite a label set or drop it. Configurations are compiled once and applied many times.
 * Source: relabel_config of Prometheus 3.14; what is valid is checked where configurations are read.
 */
import { createHash } from 'node:crypto';
import { unreachable } from '../base/assert.ts';
import { isValidLabelName, type ValidationScheme } from './label-name.ts';
import { dropLabels, keepLabels, type Labels, labelValue, withLabel } from './labels.ts';
import { type AnchoredRegex, compileRegex, type RegexMatch } from './regex.ts';
import { expandTemplate } from './regex-template.ts';
import type { RelabelConfig } from './relabel-config.ts';

/** Labels after the step, or undefined when it drops them. */
export type RelabelStep = (labels: Labels) => Labels | undefined;

/** Throws OperationError 'bad-data' for an expression that does not compile. */
export function compileRelabel(
  configs: readonly RelabelConfig[],
  scheme: ValidationScheme,
): readonly RelabelStep[] {
  return configs.map((config) => compileStep(config, scheme));
}

/** All steps in order, until one drops. */
export function relabel(steps: readonly RelabelStep[], labels: Labels): Labels | undefined {
  let result: Labels | undefined = labels;
  for (const step of steps) {
    result = step(result);
    if (result === undefined) return undefined;
  }
  return result;
}

function compileStep(config: RelabelConfig, scheme: ValidationScheme): RelabelStep {
  const { action, targetLabel } = config;
  const regex = compileRegex(config.regex);
  const source = sourceText(config);
  switch (action) {
    case 'keep':
      return (labels) => (regex.matches(source(labels)) ? labels : undefined);
    case 'drop':
      return (labels) => (regex.matches(source(labels)) ? undefined : labels);
    case 'keepequal':
      return (labels) => (labelValue(labels, targetLabel) === source(labels) ? labels : undefined);
    case 'dropequal':
      return (labels) => (labelValue(labels, targetLabel) === source(labels) ? undefined : labels);
    case 'lowercase':
      return (labels) => withLabel(labels, targetLabel, mapCase(source(labels), lowerCase));
    case 'uppercase':
      return (labels) => withLabel(labels, targetLabel, mapCase(source(labels), upperCase));
    case 'hashmod':
      return (labels) => withLabel(labels, targetLabel, hashMod(source(labels), config.modulus));
    case 'labelmap':
      return (labels) => mapLabels(labels, regex, config.replacement);
    case 'labeldrop':
      return (labels) => dropLabels(labels, matchingNames(labels, regex));
    case 'labelkeep':
      return (labels) => keepLabels(labels, matchingNames(labels, regex));
    case 'replace':
      return replaceStep(config, regex, { source, scheme });
    default:
      return unreachable(action);
  }
}

interface StepContext {
  readonly source: (labels: Labels) => string;
  readonly scheme: ValidationScheme;
}

/** A target that the match makes invalid, and a text that does not match, leave the labels as they are. */
function replaceStep(
  { regex: text, targetLabel, replacement }: RelabelConfig,
  regex: AnchoredRegex,
  { source, scheme }: StepContext,
): RelabelStep {
  const isPlain = !targetLabel.includes('$') && !replacement.includes('$');
  if (isPlain) {
    if (!isValidLabelName(targetLabel, scheme)) return (labels) => labels;
    return (labels) =>
      regex.matches(source(labels)) ? withLabel(labels, targetLabel, replacement) : labels;
  }
  const exec = text === '(.*)' ? wholeMatch : regex.exec;
  return (labels) => {
    const match = exec(source(labels));
    if (match === undefined) return labels;
    const target = expandTemplate(targetLabel, match);
    if (!isValidLabelName(target, scheme)) return labels;
    return withLabel(labels, target, expandTemplate(replacement, match));
  };
}

function wholeMatch(text: string): RegexMatch {
  return { groups: [text, text], names: {} };
}

function sourceText({ sourceLabels, separator }: RelabelConfig): (labels: Labels) => string {
  const [first] = sourceLabels;
  if (first !== undefined && sourceLabels.length === 1)
    return (labels) => labelValue(labels, first);
  return (labels) => sourceLabels.map((name) => labelValue(labels, name)).join(separator);
}

function matchingNames(labels: Labels, regex: AnchoredRegex): ReadonlySet<string> {
  return new Set(labels.filter((name, i) => i % 2 === 0 && regex.matches(name)));
}

function mapLabels(labels: Labels, regex: AnchoredRegex, replacement: string): Labels {
  let result = labels;
  for (let i = 0; i < labels.length; i += 2) {
    const match = regex.exec(labels[i]);
    if (match === undefined) continue;
    const name = expandTemplate(replacement, match);
    if (name !== '') result = withLabel(result, name, labels[i + 1]);
  }
  return result;
}

/** The last eight bytes of the MD5, big endian. */
function hashMod(text: string, modulus: number): string {
  const digest = createHash('md5').update(text).digest();
  return String(digest.readBigUInt64BE(8) % BigInt(modulus));
}

/** Character by character: Go maps each alone, JavaScript looks at neighbours (the final sigma). */
function mapCase(text: string, map: (character: string) => string): string {
  let result = '';
  for (const character of text) result += map(character);
  return result;
}

function lowerCase(character: string): string {
  // Only the dotted capital I becomes two; its simple form is the first.
  const [first] = character.toLowerCase();
  return first ?? character;
}

/** Characters whose capital form is several, such as the sharp s, stay. */
function upperCase(character: string): string {
  const upper = character.toUpperCase();
  return [...upper].length === 1 ? upper : character;
}

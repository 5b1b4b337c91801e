/**
 * Lists of target groups as files and HTTP services give them, in YAML or JSON: `[{ targets: [host:port], labels: {…} }]`.
 * Unknown fields are errors. Source: targetgroup of Prometheus 3.14.
 */
import { OperationError } from '../base/errors.ts';
import { parseYaml, type YamlValue } from '../base/yaml.ts';
import { isValidLabelName } from '../model/label-name.ts';
import { labelsOf, makeLabels } from '../model/labels.ts';
import type { TargetGroup } from './target-group.ts';

export interface ReadGroupsOptions {
  readonly form: 'yaml' | 'json';
  /** The file or URL: names the document in errors and, with a number, the source of each group. */
  readonly where: string;
  /** Put on each group, over one of its own. */
  readonly label: readonly [name: string, value: string];
}

/** Throws OperationError 'bad-data' with the place of what is wrong. */
export function readGroups(
  text: string,
  { form, where, label }: ReadGroupsOptions,
): readonly TargetGroup[] {
  if (form === 'json') checkJson(text, where);
  // A tab is a blank between the tokens of JSON and cannot stand inside them, but YAML wants no tabs.
  const document = form === 'json' ? text.replaceAll('\t', ' ') : text;
  return parseYaml(document, where)
    .list()
    .map((value, i) => {
      if (value.isNull) throw value.fault('is an empty target group');
      const { targets, labels } = value.fields('targets', 'labels');
      const own = labels?.entries().map(readLabel) ?? [];
      return {
        source: `${where}:${i}`,
        labels: makeLabels([...own, label]),
        targets: (targets?.list() ?? []).map((target) => labelsOf({ __address__: target.text() })),
      };
    });
}

function readLabel([name, value]: readonly [string, YamlValue]): readonly [string, string] {
  if (!isValidLabelName(name, 'utf8')) throw value.fault(`"${name}" is not a valid label name`);
  return [name, value.text()];
}

function checkJson(text: string, where: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OperationError('bad-data', `${where} is no JSON: ${reason}`);
  }
}

/** From the labels that a page gives a series to those that it is stored under. Source: Prometheus' scrape loop. */
import { OperationError } from '../base/errors.ts';
import { isValidLabelName } from '../model/label-name.ts';
import {
  compareText,
  type Labels,
  labelPairs,
  labelValue,
  METRIC_NAME,
  makeLabels,
} from '../model/labels.ts';
import { printLabels, quoteText } from '../model/labels-text.ts';
import { compileRelabel, relabel } from '../model/relabel.ts';
import type { TargetSettings } from './ingest-port.ts';

/** As they stand in the page: a label may have an empty value, which tells that the target wants none. */
export type LabelPairs = readonly (readonly [string, string])[];

/** A broken limit on labels: the whole page is refused. */
export class LabelLimitError extends OperationError {
  constructor(message: string) {
    super('limit', message);
  }
}

/**
 * What makes the labels of a sample: target labels, relabeling, checks. It returns undefined for a series that is
 * dropped, and throws OperationError 'bad-data' or LabelLimitError for one with which the page fails.
 */
export function sampleLabels(settings: TargetSettings): (pairs: LabelPairs) => Labels | undefined {
  const steps = compileRelabel(settings.metricRelabelConfigs, settings.validationScheme);
  const add = settings.honorLabels ? addMissing : addAll;
  const own = labelPairs(settings.labels);
  return (pairs) => {
    const labels = relabel(steps, add(pairs, own));
    if (labels === undefined || labels.length === 0) return undefined;
    checkNames(labels, settings);
    checkLimits(labels, settings);
    return labels;
  };
}

/** The labels of a series about the scrape itself. */
export function reportLabels(name: string, settings: TargetSettings): Labels {
  const own = labelPairs(settings.labels);
  const moved = own
    .filter(([label]) => label === METRIC_NAME)
    .map(([label]) => [`exported_${label}`, name] as const);
  return makeLabels([[METRIC_NAME, name], ...moved, ...own]);
}

/** honor_labels: what the target says of itself stands, even that a label is empty. */
function addMissing(pairs: LabelPairs, own: LabelPairs): Labels {
  return joinDistinct(pairs, own) ?? makeLabels([...own, ...pairs]);
}

/** Both together, sorted, when no name comes twice: so it is with nearly all series. */
function joinDistinct(pairs: LabelPairs, own: LabelPairs): Labels | undefined {
  const joined = [...pairs];
  for (const pair of own) joined.push(pair);
  for (let i = 1; i < joined.length; i++) {
    const pair = joined[i];
    let at = i;
    for (; at > 0; at--) {
      const order = compareText(joined[at - 1][0], pair[0]);
      if (order === 0) return undefined;
      if (order < 0) break;
      joined[at] = joined[at - 1];
    }
    joined[at] = pair;
  }
  const labels: string[] = [];
  for (const [name, value] of joined) if (value !== '') labels.push(name, value);
  return labels;
}

/** The target's labels win; what they replace is kept with as many `exported_` before it as it takes. */
function addAll(pairs: LabelPairs, own: LabelPairs): Labels {
  const distinct = joinDistinct(pairs, own);
  if (distinct !== undefined) return distinct;
  const merged = new Map(pairs);
  const replaced: (readonly [string, string])[] = [];
  for (const [name, value] of own) {
    const existing = merged.get(name) ?? '';
    if (existing !== '') replaced.push([name, existing]);
    merged.set(name, value);
  }
  replaced.sort(([a], [b]) => a.length - b.length);
  for (const [name, value] of replaced) {
    let exported = `exported_${name}`;
    while ((merged.get(exported) ?? '') !== '') exported = `exported_${exported}`;
    merged.set(exported, value);
  }
  return makeLabels(merged);
}

function checkNames(labels: Labels, { validationScheme }: TargetSettings): void {
  const metric = labelValue(labels, METRIC_NAME);
  if (metric === '') {
    throw new OperationError('bad-data', `missing metric name (${METRIC_NAME} label)`);
  }
  const isGood =
    (validationScheme === 'utf8' || /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(metric)) &&
    labels.every((text, i) => i % 2 === 1 || isValidLabelName(text, validationScheme));
  if (isGood) return;
  const text = printLabels(labels);
  throw new OperationError('bad-data', `invalid metric name or label names: ${text}`);
}

function checkLimits(labels: Labels, settings: TargetSettings): void {
  const { labelLimit, labelNameLengthLimit, labelValueLengthLimit } = settings;
  if (labelLimit + labelNameLengthLimit + labelValueLengthLimit === 0) return;
  const about = `metric: ${shorten(labelValue(labels, METRIC_NAME))}`;
  const count = labels.length / 2;
  if (labelLimit > 0 && count > labelLimit) {
    const found = `${about}, number of labels: ${count}, limit: ${labelLimit}`;
    throw new LabelLimitError(`label_limit exceeded (${found})`);
  }
  if (labelNameLengthLimit === 0 && labelValueLengthLimit === 0) return;
  for (const [name, value] of labelPairs(labels)) {
    const nameLength = Buffer.byteLength(name);
    if (labelNameLengthLimit > 0 && nameLength > labelNameLengthLimit) {
      const found = `label name: ${shorten(name)}, length: ${nameLength}`;
      throw new LabelLimitError(
        `label_name_length_limit exceeded (${about}, ${found}, limit: ${labelNameLengthLimit})`,
      );
    }
    const length = Buffer.byteLength(value);
    if (labelValueLengthLimit > 0 && length > labelValueLengthLimit) {
      const shown = quoteText(shorten(value));
      const found = `label name: ${shorten(name)}, value: ${shown}, length: ${length}`;
      throw new LabelLimitError(
        `label_value_length_limit exceeded (${about}, ${found}, limit: ${labelValueLengthLimit})`,
      );
    }
  }
}

function shorten(text: string): string {
  return [...text].slice(0, 50).join('');
}

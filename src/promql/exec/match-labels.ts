import {
  dropLabels,
  keepLabels,
  type Labels,
  labelValue,
  METRIC_NAME,
  withLabel,
} from '../../model/labels.ts';
import { changesMetric } from '../function/float-operators.ts';
import type { VectorMatching } from '../parse/ast.ts';
import type { BinaryPlan } from '../plan/plan.ts';
import { METADATA_LABELS } from './metric-name.ts';

/** The labels by which a series matches. */
export function matchLabels(labels: Labels, { on, labels: names }: VectorMatching): Labels {
  return on
    ? keepLabels(labels, new Set(names))
    : dropLabels(labels, new Set([...names, METRIC_NAME]));
}

/**
 * The labels of an operator's result: one-to-one those that matched, otherwise the many side's; `group_left`
 * and `group_right` bring labels over from the one side, or remove them where that has none.
 */
export function resultLabels(
  many: Labels,
  one: Labels,
  { op, matching }: BinaryPlan,
  dropsName: boolean,
): Labels {
  const { card, on, labels: names, include } = matching as VectorMatching;
  let labels = dropsName || changesMetric(op) ? dropLabels(many, METADATA_LABELS) : many;
  if (card === 'one-to-one') {
    labels = on ? keepLabels(labels, new Set(names)) : dropLabels(labels, new Set(names));
  }
  for (const name of include) labels = withLabel(labels, name, labelValue(one, name));
  return labels;
}

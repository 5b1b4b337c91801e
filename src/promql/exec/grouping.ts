/** Which group of an aggregation a series belongs to. */
import {
  dropLabels,
  keepLabels,
  type Labels,
  labelsKey,
  labelValue,
  METRIC_NAME,
  NO_LABELS,
} from '../../model/labels.ts';

export interface Grouper {
  /** Equal exactly for label sets of one group. */
  keyOf(labels: Labels): string;
  /** The group's own labels. */
  labelsOf(labels: Labels): Labels;
}

/** `by` with no names is one group of all; `without` drops the metric's name too. */
export function grouper(grouping: readonly string[], without: boolean): Grouper {
  if (without) {
    const dropped = new Set([...grouping, METRIC_NAME]);
    const labelsOf = (labels: Labels): Labels => dropLabels(labels, dropped);
    return { labelsOf, keyOf: (labels) => labelsKey(labelsOf(labels)) };
  }
  const [name] = grouping;
  if (name === undefined) return { keyOf: () => '', labelsOf: () => NO_LABELS };
  const kept = new Set(grouping);
  const labelsOf = (labels: Labels): Labels => keepLabels(labels, kept);
  if (kept.size === 1) return { labelsOf, keyOf: (labels) => labelValue(labels, name) };
  return { labelsOf, keyOf: (labels) => labelsKey(labelsOf(labels)) };
}

/** Which series of the two sides of a binary operator belong together. */
import { dropLabels, keepLabels, type Labels, labelsKey, METRIC_NAME } from '../../model/labels.ts';
import type { VectorMatching } from '../parse/ast.ts';

export interface Signature {
  /** Equal exactly for label sets that match. */
  keyOf(labels: Labels): string;
  /** The labels that matched. */
  labelsOf(labels: Labels): Labels;
}

/** `ignoring` never looks at the metric's name. */
export function signatureOf(matching: VectorMatching): Signature {
  const names = new Set(matching.on ? matching.labels : [...matching.labels, METRIC_NAME]);
  const labelsOf = (labels: Labels): Labels =>
    matching.on ? keepLabels(labels, names) : dropLabels(labels, names);
  return { labelsOf, keyOf: (labels) => labelsKey(labelsOf(labels)) };
}

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

export interface MatchLabels {
  /** The labels by which a series matches. */
  matching(labels: Labels): Labels;
  /**
   * The labels of an operator's result: one-to-one those that matched, otherwise the many side's;
   * `group_left` and `group_right` bring labels over from the one side, or remove them where that has none.
   */
  result(many: Labels, one: Labels): Labels;
}

/** `ignoring` never looks at the metric's name. @param dropsName whether `bool` drops it from the result. */
export function matchLabels({ op, matching }: BinaryPlan, dropsName: boolean): MatchLabels {
  const { card, on, labels: names, include } = matching as VectorMatching;
  const listed = new Set(names);
  const ignored = new Set([...names, METRIC_NAME]);
  const dropsMetric = dropsName || changesMetric(op);
  return {
    matching: (labels) => (on ? keepLabels(labels, listed) : dropLabels(labels, ignored)),
    result(many, one) {
      let labels = dropsMetric ? dropLabels(many, METADATA_LABELS) : many;
      if (card === 'one-to-one') {
        labels = on ? keepLabels(labels, listed) : dropLabels(labels, listed);
      }
      for (const name of include) labels = withLabel(labels, name, labelValue(one, name));
      return labels;
    },
  };
}

import type { FloatHistogram } from '../../model/histogram.ts';
import { HistogramSum } from '../function/histogram-sum.ts';
import type { WindowContext } from '../function/window-context.ts';
import type { Position } from '../parse/ast.ts';
import { type OperatorRemarks, REMARKS } from './query-annotations.ts';

/** Remarks on one series' windows go to the query's annotations. */
export function windowRemarks(
  annotations: OperatorRemarks,
  position: Position,
  metricName: string,
  rangeMs: number,
): WindowContext {
  const context: WindowContext = {
    rangeSeconds: rangeMs / 1000,
    warnMixed: () => annotations.warn(position, REMARKS.mixedFloatsHistograms(metricName)),
    warnMixedSchemas: () => annotations.warn(position, REMARKS.mixedExponentialCustom(metricName)),
    warnNotCounter: () => annotations.warn(position, REMARKS.notCounter(metricName)),
    warnNotGauge: () => annotations.warn(position, REMARKS.notGauge(metricName)),
    warnStartTimeOverlap: () => annotations.startTimeOverlap(position, metricName),
    warnCounterResetCollision: () =>
      annotations.warn(position, REMARKS.counterResetCollision('aggregation')),
    infoReconciled: (operation) =>
      annotations.info(position, REMARKS.mismatchedCustomBuckets(operation)),
    infoIgnoredHistograms: () =>
      annotations.info(position, REMARKS.ignoredInMixedRange(metricName)),
    addHistograms: (a: FloatHistogram, b: FloatHistogram) => {
      const sum = new HistogramSum(a);
      const { compatible, reconciled } = sum.addPlain(b, 1);
      if (!compatible) context.warnMixedSchemas();
      if (reconciled) context.infoReconciled('addition');
      return compatible ? sum.toHistogram() : undefined;
    },
  };
  return context;
}

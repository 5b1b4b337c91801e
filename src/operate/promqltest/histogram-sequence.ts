import { OperationError } from '../../base/errors.ts';
import type { FloatHistogram } from '../../model/histogram.ts';
import { HistogramSum } from '../../promql/function/histogram-sum.ts';

/** The next histogram of a sequence `{{A}}+{{B}}xN`. Throws OperationError 'bad-data' if B cannot be added. */
export function combineHistograms(
  current: FloatHistogram,
  step: FloatHistogram,
  sign: 1 | -1,
): FloatHistogram {
  const sum = new HistogramSum(current);
  if (current.schema > step.schema || !sum.addPlain(step, sign).compatible) {
    throw new OperationError(
      'bad-data',
      `cannot combine histograms: schema ${step.schema} into schema ${current.schema}`,
    );
  }
  return sum.toHistogram();
}

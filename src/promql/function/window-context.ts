import type { FloatHistogram } from '../../model/histogram.ts';
import type { HistogramOperation } from '../exec/query-annotations.ts';

/** What a range function needs to know beside its window, and where it remarks on what it saw. */
export interface WindowContext {
  readonly rangeSeconds: number;
  warnMixed(): void;
  warnMixedSchemas(): void;
  warnNotCounter(): void;
  warnNotGauge(): void;
  warnStartTimeOverlap(): void;
  warnCounterResetCollision(): void;
  infoReconciled(operation: HistogramOperation): void;
  infoIgnoredHistograms(): void;
  /** Remarks on what does not fit; undefined when they cannot be added at all. */
  addHistograms(a: FloatHistogram, b: FloatHistogram): FloatHistogram | undefined;
}

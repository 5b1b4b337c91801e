export { correctResets } from './counter';
export {
  formatNumber,
  writeMatrixValues,
  writePoint,
  writeSampleValues,
  writeStepPrefixes,
} from './format';
export { chunkCrcs, crc32c } from './crc';
export {
  finishAvg,
  finishCount,
  finishGroup,
  finishStddev,
  finishStdvar,
  finishSum,
  foldAvg,
  foldCount,
  foldMax,
  foldMin,
  foldSum,
  foldVariance,
} from './aggregate';
export { expositionResolve, expositionScan } from './exposition';
export { expositionIndex, expositionLines } from './exposition-memory';
export { snappyDecode, snappyEncode } from './snappy';
export { heapBase, kernelVersion } from './version';
export { windowMaxOverTime, windowMinOverTime } from './window-extreme';
export { windowQuantileOverTime } from './window-quantile';
export { windowDelta, windowIncrease, windowRate } from './window-rate';
export { windowDeriv, windowPredictLinear } from './window-regression';
export {
  dropStale,
  selectInstant,
  windowChanges,
  windowCountOverTime,
  windowFirstOverTime,
  windowIdelta,
  windowIrate,
  windowLastOverTime,
  windowPresentOverTime,
  windowResets,
} from './window-sample';
export { windowAvgOverTime, windowSumOverTime } from './window-sum';
export { windowStddevOverTime, windowStdvarOverTime } from './window-variance';
export { xorDecode } from './xor';
export { dedupChain, dedupPenalty, penaltyWindows } from './dedup';
export {
  headAppend,
  headCopyOpen,
  headFailure,
  headFind,
  headFindOrCreate,
  headInit,
  headIsAlive,
  headKill,
  headLabels,
  headLive,
  headNeeded,
  headPairs,
  headRef,
  headRelease,
  headStateBytes,
  headTakeOutput,
  headUnused,
} from './head';
export { headPostings, headSweep } from './head-postings';
export { headGrant } from './head-slab';
export { chunkEntryRows } from './chunk-entries';
export { walCompress, walEncodeSamples, walEncodeSnappySamples, walFrame } from './wal';
export { walDropOld, walScan, walSeriesRows } from './wal-read';

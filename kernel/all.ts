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
  headChunks,
  headChunksBegun,
  headChunksDropped,
  headEndTruncation,
  headFailure,
  headFind,
  headFindOrCreate,
  headHandle,
  headInit,
  headIsAlive,
  headLabels,
  headLastRef,
  headLastTime,
  headLive,
  headMaxTime,
  headMinTime,
  headNeeded,
  headNoteRef,
  headOpenBlocks,
  headOutput,
  headPlaceOutput,
  headRef,
  headSetRef,
  headRelease,
  headSlot,
  headSlots,
  headStateBytes,
  headTakeOutput,
  headTruncate,
  headUnused,
} from './head';
export {
  headAppend,
  headBatchBytes,
  headCheck,
  headIsHistogram,
  headMixed,
  headNoteFloat,
  headNoteHistogram,
  headReserve,
  headUndo,
} from './head-append';
export { blockEntry, blockFrames, blockHeadEntries } from './block';
export { textsMerge, textsNumber, textsSort } from './block-texts';
export { headCopyLabels } from './head-block';
export {
  headCopyChunks,
  headFinish,
  headListChunk,
  headOverlaps,
  headPutChunk,
} from './head-chunks';
export { headSweep } from './head-postings';
export {
  headCopyPairs,
  headFilterBits,
  headFilterPairs,
  headFindPair,
  headListBits,
  headListPairs,
  headListSeries,
  headMark,
  headMarkPairs,
  headMerge,
  headPairRows,
  headPairs,
  headPairSeries,
  headSort,
} from './head-select';
export { headFreeSlabBytes, headGrant } from './head-slab';
export { chunkEntryRows } from './chunk-entries';
export { walCompress, walEncodeSamples, walEncodeSnappySamples, walFrame } from './wal';
export { walDropOld, walScan, walSeriesRows } from './wal-read';

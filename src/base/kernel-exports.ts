/**
 * What kernel/all.ts exports, as the host sees it, one interface a kernel file. Addresses and counts are
 * unsigned 32-bit; an address that comes back may look negative above 2 GiB: use `>>> 0`.
 */
export interface VersionKernel {
  kernelVersion(): number;
  /** First byte after the kernel's static data; the arena starts there. */
  heapBase(): number;
}

export interface SnappyKernel {
  /** Fills exactly the target from a block without its header; 1, or 0 when the source is malformed. */
  snappyDecode(source: number, sourceLength: number, target: number, targetLength: number): number;
  /** Bytes written; target needs 64 + length + length / 6, table 32 KiB of scratch. */
  snappyEncode(source: number, length: number, target: number, table: number): number;
}

/**
 * Folds a series' step column (float64 values, a byte of presence a step: 0 absent, 1 float, 2 histogram) into the
 * columns of its group, float64 each but for the bytes of presence. The group's columns start zeroed. Finishing
 * leaves the result in the first of them, where present. Histograms are left out, except by foldCount.
 */
export interface AggregateKernel {
  foldSum(
    values: number,
    present: number,
    steps: number,
    sums: number,
    rests: number,
    groupPresent: number,
  ): void;
  finishSum(sums: number, rests: number, steps: number): void;
  foldAvg(
    values: number,
    present: number,
    steps: number,
    sums: number,
    rests: number,
    counts: number,
  ): void;
  finishAvg(sums: number, rests: number, counts: number, steps: number, present: number): void;
  foldMin(
    values: number,
    present: number,
    steps: number,
    minima: number,
    groupPresent: number,
  ): void;
  foldMax(
    values: number,
    present: number,
    steps: number,
    maxima: number,
    groupPresent: number,
  ): void;
  foldCount(present: number, steps: number, counts: number): void;
  finishCount(counts: number, steps: number, present: number): void;
  /** After foldCount: 1 wherever anything was present. */
  finishGroup(counts: number, steps: number, present: number): void;
  foldVariance(
    values: number,
    present: number,
    steps: number,
    squares: number,
    means: number,
    counts: number,
  ): void;
  finishStdvar(squares: number, counts: number, steps: number, present: number): void;
  finishStddev(squares: number, counts: number, steps: number, present: number): void;
}

export interface CounterKernel {
  /** Adds to each value what resets before it have lost. In place. */
  correctResets(values: number, count: number): void;
}

/**
 * Merges replicas of one series. They come as a table of 64 bytes each, of which the caller fills the first three u32:
 * the addresses of times and values, and their count. Outputs have room for the sum of the counts; what is
 * returned is how many samples were written.
 */
export interface DedupKernel {
  /** At least two replicas. Bytes of values pass unchanged, but for counters that are raised. */
  dedupPenalty(
    replicas: number,
    replicaCount: number,
    isCounter: boolean,
    timesOut: number,
    valuesOut: number,
  ): number;
  /**
   * Pairs of inclusive float64 times at `windows`, at most `capacity` of them: where another replica would need a sample
   * to be chosen beside the given one. Returns how many there are.
   */
  penaltyWindows(
    times: number,
    count: number,
    minTime: number,
    maxTime: number,
    windows: number,
    capacity: number,
  ): number;
  /**
   * @param heap address of scratch space, a u32 a replica.
   * @param switched address of a byte a sample: 0 if it follows the one before in the same replica.
   */
  dedupChain(
    replicas: number,
    replicaCount: number,
    heap: number,
    timesOut: number,
    valuesOut: number,
    switched: number,
  ): number;
}

/** Numbers as text of Prometheus' HTTP API. All but the first return how many bytes they wrote. */
export interface FormatKernel {
  /** Fills a slot of 32 bytes a step with `,[time,"` for writeMatrixValues. Times in milliseconds. */
  writeStepPrefixes(start: number, step: number, steps: number, slots: number): void;
  /** `,[time,"value"]` for every step whose byte of presence is 1. Needs 64 bytes a step. */
  writeMatrixValues(
    values: number,
    present: number,
    steps: number,
    slots: number,
    out: number,
  ): number;
  /** `,[time,"value"]` for every sample. Needs 64 bytes a sample. */
  writeSampleValues(times: number, values: number, count: number, out: number): number;
  /** `[time,"value"]`. Needs 64 bytes. */
  writePoint(time: number, value: number, out: number): number;
  /** The shortest text that reads back as the same double. Needs 48 bytes, writes at most 25. */
  formatNumber(value: number, out: number): number;
}

/**
 * Arguments of every window kernel: addresses of the time and value columns of one series without stale
 * markers, its length; the first evaluation time, step and number of steps, the range, in milliseconds;
 * addresses of the results (float64 a step), of their presence (a byte a step, 0 or 1) and of scratch space,
 * whose size kernel-scratch.ts gives. The window of step k is (start + k·step − range, start + k·step]. An
 * absent step's result means nothing.
 */
export type WindowArguments = [
  times: number,
  values: number,
  count: number,
  start: number,
  step: number,
  steps: number,
  range: number,
  out: number,
  present: number,
  scratch: number,
];

export interface WindowRateKernel {
  windowRate(...window: WindowArguments): void;
  windowIncrease(...window: WindowArguments): void;
  windowDelta(...window: WindowArguments): void;
}

export interface WindowSampleKernel {
  /**
   * The newest sample in (T − lookback, T] at each step; absent where it is a stale marker. Lookback stands in
   * the place of range; there is no scratch.
   */
  selectInstant(
    times: number,
    values: number,
    count: number,
    start: number,
    step: number,
    steps: number,
    lookback: number,
    out: number,
    present: number,
  ): void;
  /** Removes stale markers from both columns in place; returns the new length. */
  dropStale(times: number, values: number, count: number): number;
  windowFirstOverTime(...window: WindowArguments): void;
  windowLastOverTime(...window: WindowArguments): void;
  windowCountOverTime(...window: WindowArguments): void;
  windowPresentOverTime(...window: WindowArguments): void;
  windowIrate(...window: WindowArguments): void;
  windowIdelta(...window: WindowArguments): void;
  windowChanges(...window: WindowArguments): void;
  windowResets(...window: WindowArguments): void;
}

export interface WindowSumKernel {
  windowSumOverTime(...window: WindowArguments): void;
  windowAvgOverTime(...window: WindowArguments): void;
}

export interface WindowExtremeKernel {
  windowMinOverTime(...window: WindowArguments): void;
  windowMaxOverTime(...window: WindowArguments): void;
}

export interface WindowVarianceKernel {
  windowStddevOverTime(...window: WindowArguments): void;
  windowStdvarOverTime(...window: WindowArguments): void;
}

export interface WindowRegressionKernel {
  windowDeriv(...window: WindowArguments): void;
  /**
   * @param durationSeconds how far ahead of the evaluation time to predict.
   * @param evaluationStart first evaluation time: differs from `start` by the selector's offset.
   * @param evaluationStep differs from `step` when `@` fixes the window.
   */
  windowPredictLinear(
    ...args: [
      ...window: WindowArguments,
      durationSeconds: number,
      evaluationStart: number,
      evaluationStep: number,
    ]
  ): void;
}

export interface WindowQuantileKernel {
  windowQuantileOverTime(...args: [...window: WindowArguments, quantile: number]): void;
}

export interface CrcKernel {
  /** CRC-32C of the bytes, continued from `crc` (0 at the start). */
  crc32c(address: number, length: number, crc: number): number;
  /** Number of the first chunk of a table whose CRC is wrong, `count` if all are right. */
  chunkCrcs(table: number, count: number): number;
}

export interface XorKernel {
  /**
   * Decodes the XOR chunks of a table (rows of address, bytes, encoding, samples: u32 each) into float64
   * columns; 0, or a code and row and bit in the two u32 at `failure`. `words`: longest chunk + 64 bytes.
   */
  xorDecode(
    table: number,
    count: number,
    times: number,
    values: number,
    words: number,
    failure: number,
  ): number;
}

/**
 * A head: series, open chunks and posting lists in a region that belongs to it (kernel/head.ts). All take the address
 * of its state, headStateBytes long. Series are numbered by slots, counted from 0; + 1 where 0 says "none". The host
 * knows them by handles. Numbers of more than 31 bits come back as negative ones.
 */
export interface HeadKernel {
  headStateBytes(): number;
  /** Entries of finished chunks are put together at the output's address. */
  headInit(head: number, output: number, outputLength: number, chunkRange: number): void;
  headGrant(head: number, address: number, length: number): void;
  /** Why the last call that stopped did so: 1 memory, 2 the output is full, 3 the labels, 4 too many series. */
  headFailure(head: number): number;
  headNeeded(head: number): number;
  headUnused(head: number): number;
  headFreeSlabBytes(head: number): number;
  headLive(head: number): number;
  headSlots(head: number): number;
  /** Beyond ±9e18 when there is no sample. */
  headMinTime(head: number): number;
  headMaxTime(head: number): number;
  headChunks(head: number): number;
  headOpenBlocks(head: number): number;
  headChunksBegun(head: number): number;
  headChunksDropped(head: number): number;
  headOutput(head: number): number;
  headTakeOutput(head: number): void;
  headPlaceOutput(head: number, file: number, offset: number): void;
  /** Slot + 1; 0 for a handle whose series is gone. */
  headSlot(head: number, handle: number): number;
  headHandle(head: number, slot: number): number;
  headRef(head: number, slot: number): number;
  headSetRef(head: number, slot: number, ref: number): void;
  headLastRef(head: number): number;
  headNoteRef(head: number, ref: number): void;
  /** 0 for a slot without a living series. */
  headIsAlive(head: number, slot: number): number;
  headLastTime(head: number, slot: number): number;
  /** Slot + 1. Labels: u16 length, name, u16 length, value, … */
  headFind(head: number, labels: number, length: number): number;
  /** With ref 0 a new series gets the next one. */
  headFindOrCreate(head: number, labels: number, length: number, ref: number): number;
  headLabels(head: number, slot: number, target: number, capacity: number): number;
  /** How many series ended; u32 slots and float64 handles of them. */
  headTruncate(
    head: number,
    from: number,
    count: number,
    minTime: number,
    slots: number,
    handles: number,
  ): number;
  /** Number of the oldest file that is needed, −1 if none is. */
  headEndTruncation(head: number, minTime: number): number;
  headRelease(head: number, slots: number, count: number): void;
  headSweep(head: number, budget: number): number;
}

/** Samples and chunks of a head; the columns of a batch: kernel/head-append.ts. */
export interface HeadSampleKernel {
  headBatchBytes(capacity: number): number;
  /** How many rows are accepted. */
  headCheck(head: number, batch: number, capacity: number, count: number, minTime: number): number;
  headMixed(head: number, batch: number, capacity: number, count: number): number;
  headUndo(head: number, batch: number, capacity: number, from: number, count: number): void;
  headReserve(head: number, count: number): number;
  /** How many rows are appended. */
  headAppend(head: number, batch: number, capacity: number, from: number, count: number): number;
  headIsHistogram(head: number, slot: number): number;
  headNoteHistogram(head: number, slot: number, time: number): void;
  headNoteFloat(head: number, slot: number): void;
  headFinish(head: number, slot: number): number;
  headPutChunk(
    head: number,
    slot: number,
    bytes: number,
    length: number,
    encoding: number,
    minTime: number,
    maxTime: number,
  ): number;
  headListChunk(head: number, slot: number, row: number): number;
  headOverlaps(head: number, slot: number, minTime: number, maxTime: number): number;
  headCopyChunks(
    head: number,
    slot: number,
    minTime: number,
    maxTime: number,
    target: number,
    capacity: number,
  ): number;
}

/** Writing blocks; the layout of rows: kernel/block.ts. */
export interface BlockKernel {
  /** Bytes written. */
  blockFrames(rows: number, count: number, target: number): number;
  /** Bytes written; 0 where chunks overlap. */
  blockEntry(
    labels: number,
    labelCount: number,
    times: number,
    count: number,
    scratch: number,
    target: number,
  ): number;
  /** Places done. */
  blockHeadEntries(
    places: number,
    count: number,
    files: number,
    firstFile: number,
    fileCount: number,
    rows: number,
    times: number,
  ): number;
}

/** Symbols of a block that a head becomes: kernel/block-texts.ts. */
export interface BlockTextKernel {
  textsSort(rows: number, count: number, spare: number, state: number): void;
  /** 1 when rows are left. */
  textsMerge(state: number, limit: number): number;
  /** The next number. */
  textsNumber(
    rows: number,
    count: number,
    before: number,
    next: number,
    numbers: number,
    texts: number,
  ): number;
}

export interface HeadBlockKernel {
  /** How many series were copied: u32 bytes of all, then for each u32 number of pairs, the pairs. */
  headCopyLabels(
    head: number,
    slots: number,
    count: number,
    target: number,
    capacity: number,
  ): number;
}

/** Finding series of a head: kernel/head-select.ts. */
export interface HeadSelectKernel {
  headPairs(head: number): number;
  /** Number of a pair + 1. */
  headFindPair(head: number, bytes: number, length: number): number;
  headPairSeries(head: number, pair: number): number;
  headListPairs(
    head: number,
    name: number,
    length: number,
    from: number,
    target: number,
    capacity: number,
  ): number;
  headCopyPairs(
    head: number,
    pairs: number,
    count: number,
    target: number,
    capacity: number,
  ): number;
  headPairRows(head: number, from: number, target: number, capacity: number): number;
  headMark(head: number, pairs: number, count: number, bitmap: number): void;
  headListSeries(head: number, bitmap: number, target: number): number;
  headFilterBits(slots: number, count: number, bitmap: number, wanted: number): number;
  headFilterPairs(
    head: number,
    slots: number,
    count: number,
    bitmap: number,
    wanted: number,
  ): number;
  headMarkPairs(
    head: number,
    slots: number,
    count: number,
    name: number,
    length: number,
    bitmap: number,
  ): void;
  headListBits(bitmap: number, bits: number, target: number): number;
  headSort(head: number, slots: number, count: number, spare: number): void;
  headMerge(
    head: number,
    a: number,
    aCount: number,
    b: number,
    bCount: number,
    target: number,
  ): void;
}

/** The layout of columns and state: kernel/exposition.ts and kernel/exposition-memory.ts. */
export interface ExpositionKernel {
  /** Reads known and plain lines into columns until one needs the host, where it stops; returns its address. */
  expositionScan(
    cursor: number,
    end: number,
    base: number,
    columns: number,
    capacity: number,
    state: number,
    options: number,
  ): number;
  /** Finds the entries of rows from … to that the host wrote; returns the row that needs the index, or `to`. */
  expositionResolve(
    bytes: number,
    columns: number,
    capacity: number,
    state: number,
    from: number,
    to: number,
  ): number;
}

export interface ExpositionMemoryKernel {
  /** Fills the slots that the state names with its entries, by the hash of their bytes. */
  expositionIndex(state: number): void;
  /** Number of newlines of [start, end). */
  expositionLines(start: number, end: number): number;
}

/** Write-ahead logs (kernel/wal.ts). Columns: float64 refs, float64 times in milliseconds, values' bits. */
export interface WalKernel {
  /** A record; needs 17 bytes and 28 a sample. */
  walEncodeSamples(
    refs: number,
    times: number,
    values: number,
    count: number,
    target: number,
  ): number;
  /** At least one sample; needs 32 bytes and 32 a sample. Writes u32 address of the block and length of the record. */
  walEncodeSnappySamples(
    refs: number,
    times: number,
    values: number,
    count: number,
    target: number,
    out: number,
  ): number;
  /** 0 where nothing is saved. Target needs 72 + length + length / 6, table 32 KiB of scratch. */
  walCompress(record: number, length: number, target: number, table: number): number;
  /** Bytes written: fragments that begin behind the first `used` bytes of a page. */
  walFrame(data: number, length: number, flags: number, target: number, used: number): number;
}

/** kernel/wal-read.ts has the layout of the state and of rows. */
export interface WalReadKernel {
  /** Why it stopped. */
  walScan(state: number): number;
  /** How many samples are left in the columns. */
  walDropOld(refs: number, times: number, values: number, count: number, minTime: number): number;
  /** How many series of a record were put into rows. */
  walSeriesRows(
    at: number,
    end: number,
    rows: number,
    rowsMax: number,
    texts: number,
    textsSize: number,
    stop: number,
  ): number;
}

/** Entries of chunks_head files; kernel/chunk-entries.ts has the layout of rows. */
export interface ChunkEntryKernel {
  /** Why it stopped: 0 the rows are full, 1 the input ends, 2 zeros, 3 a bad length, 4 a wrong CRC. */
  chunkEntryRows(at: number, end: number, rows: number, rowsMax: number, state: number): number;
}

export interface KernelExports
  extends AggregateKernel,
    ChunkEntryKernel,
    CrcKernel,
    CounterKernel,
    DedupKernel,
    ExpositionKernel,
    ExpositionMemoryKernel,
    FormatKernel,
    SnappyKernel,
    VersionKernel,
    WindowExtremeKernel,
    WindowQuantileKernel,
    WindowRateKernel,
    WindowRegressionKernel,
    WindowSampleKernel,
    WindowSumKernel,
    WindowVarianceKernel,
    WalKernel,
    WalReadKernel,
    XorKernel,
    HeadKernel,
    HeadSampleKernel,
    BlockKernel,
    BlockTextKernel,
    HeadBlockKernel,
    HeadSelectKernel {}

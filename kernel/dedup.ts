/*
 * Several replicas of one series become one.
 *
 * Penalty (the default of Thanos, pkg/dedup) merges two replicas, then the result with the third, and so on:
 *
 *   1. Each side moves to its first sample at or after: last time given + 1 + the side's own penalty.
 *   2. The earlier of the two samples is given, the left one if they are equally old.
 *   3. The side that was not chosen is penalized by twice the distance to the sample given before (5000 ms when there
 *      was none); the chosen side's penalty ends. So one replica is followed until it lacks about two intervals.
 *   4. When a side has ended, the other is given without penalty.
 *   5. For counters: where the choice changes sides, both are raised, from here on, by what their value is below the
 *      last value given, so that no change of sides looks like a reset. Before the first sample the choice is left.
 *
 * Chain merges by time alone, one sample a timestamp, as the chained merge of Prometheus does (storage/merge.go).
 *
 * Values pass as bits. A NaN, hence a stale marker, is not raised and raises nothing. A sample that is no float takes
 * part as a NaN whose high word is HISTOGRAM_TAG.
 *
 * Replicas come as a table of 64 bytes a row. The caller fills the first 12 bytes, the kernel works in the others:
 *
 *   | times | values | count | position | raise | last time | left penalty | right penalty | side | left, right ended |
 *   0       4        8       12         16      24          32             40              48     52    56         64
 *   |            the replica of this row        |    the merge of all rows above (left) with this replica (right)    |
 */
const ROW: usize = 64;
const FIRST_PENALTY: f64 = 5000;
const HISTOGRAM_TAG: u32 = 0x7ff47461;
const LEFT: u32 = 0;
const RIGHT: u32 = 1;

/** Takes at least two replicas. Returns how many samples it wrote: at most the sum of the counts. */
export function dedupPenalty(
  replicas: usize,
  replicaCount: u32,
  isCounter: bool,
  timesOut: usize,
  valuesOut: usize,
): u32 {
  if (replicaCount == 2) return mergePair(replicas, isCounter, timesOut, valuesOut);
  const last = replicas + <usize>(replicaCount - 1) * ROW;
  for (let row = replicas; row <= last; row += ROW) startRow(replicas, row, isCounter);
  let written: u32 = 0;
  for (; moveMerge(replicas, last, isCounter); written++) {
    const replica = currentReplica(replicas, last);
    store<f64>(timesOut + (<usize>written << 3), timeOf(replica));
    store<u64>(valuesOut + (<usize>written << 3), bitsOf(replica));
  }
  return written;
}

/** The same for two replicas that are most of the cases, with all state in locals. */
function mergePair(replicas: usize, isCounter: bool, timesOut: usize, valuesOut: usize): u32 {
  const leftTimes = <usize>load<u32>(replicas);
  const leftValues = <usize>load<u32>(replicas, 4);
  const leftCount = load<u32>(replicas, 8);
  const rightTimes = <usize>load<u32>(replicas, ROW);
  const rightValues = <usize>load<u32>(replicas, ROW + 4);
  const rightCount = load<u32>(replicas, ROW + 8);
  let left: u32 = 0;
  let right: u32 = 0;
  let leftPenalty: f64 = 0;
  let rightPenalty: f64 = 0;
  let leftRaise: f64 = 0;
  let rightRaise: f64 = 0;
  let lastTime: f64 = -Infinity;
  let lastValue = leftCount > 0 ? load<f64>(leftValues) : NaN;
  let isLeft = true;
  let written: u32 = 0;
  while (true) {
    while (left < leftCount && numberAt(leftTimes, left) < lastTime + 1 + leftPenalty) left++;
    while (right < rightCount && numberAt(rightTimes, right) < lastTime + 1 + rightPenalty) right++;
    const leftTime = left < leftCount ? numberAt(leftTimes, left) : Infinity;
    const rightTime = right < rightCount ? numberAt(rightTimes, right) : Infinity;
    const time = min(leftTime, rightTime);
    if (time == Infinity) break;
    const wasLeft = isLeft;
    isLeft = leftTime <= rightTime;
    const penalty = penaltyAt(time, lastTime);
    leftPenalty = isLeft ? 0 : penalty;
    rightPenalty = isLeft ? penalty : 0;
    lastTime = time;
    if (isCounter && isLeft != wasLeft) {
      if (left < leftCount) leftRaise += missingTo(lastValue, numberAt(leftValues, left) + leftRaise);
      if (right < rightCount) {
        rightRaise += missingTo(lastValue, numberAt(rightValues, right) + rightRaise);
      }
    }
    const bits = isLeft
      ? raisedBits(leftValues + (<usize>left << 3), leftRaise)
      : raisedBits(rightValues + (<usize>right << 3), rightRaise);
    lastValue = reinterpret<f64>(bits);
    store<f64>(timesOut + (<usize>written << 3), time);
    store<u64>(valuesOut + (<usize>written << 3), bits);
    written++;
  }
  return written;
}

function numberAt(column: usize, index: u32): f64 {
  return load<f64>(column + (<usize>index << 3));
}

function penaltyAt(time: f64, lastTime: f64): f64 {
  return lastTime == -Infinity ? FIRST_PENALTY : 2 * (time - lastTime);
}

/** What a value is below the last one; nothing if either is NaN. */
function missingTo(last: f64, value: f64): f64 {
  return last > value ? last - value : 0;
}

/** Adding to a NaN would change its bits. */
function raisedBits(address: usize, raise: f64): u64 {
  const value = load<f64>(address);
  if (raise == 0 || value != value) return load<u64>(address);
  return reinterpret<u64>(value + raise);
}

/**
 * Where a replica that is followed by penalty could lose to another one that has a sample there: before its first
 * sample, in gaps longer than the penalty, after its last one. Writes pairs of inclusive times, at most `capacity`, and
 * returns how many there are. An other replica without a sample in any of them is never chosen.
 */
export function penaltyWindows(
  times: usize,
  count: u32,
  minTime: f64,
  maxTime: f64,
  windows: usize,
  capacity: u32,
): u32 {
  let found: u32 = 0;
  let lastTime: f64 = -Infinity;
  let from = minTime;
  let i: u32 = 0;
  while (true) {
    if (i > 1) i = passSteady(times, i, count);
    if (i > 1) lastTime = numberAt(times, i - 2);
    if (i > 0) from = numberAt(times, i - 1) + 1 + penaltyAt(numberAt(times, i - 1), lastTime);
    const to = i < count ? numberAt(times, i) - 1 : maxTime;
    if (from <= to) {
      if (found < capacity) {
        store<f64>(windows + (<usize>found << 4), from);
        store<f64>(windows + (<usize>found << 4), to, 8);
      }
      found++;
    }
    if (i == count) return found;
    i++;
  }
}

/**
 * Passes samples, eight at a time, of which none is more than the penalty behind the one before; returns the index of the
 * first that was not passed.
 */
function passSteady(times: usize, i: u32, count: u32): u32 {
  for (; i + 8 <= count; i += 8) {
    const at = times + (<usize>i << 3);
    const early = v128.or(gapsAt(at), gapsAt(at + 16));
    if (v128.any_true(v128.or(early, v128.or(gapsAt(at + 32), gapsAt(at + 48))))) break;
  }
  return i;
}

/** For two samples, whether the penalty is over before they come: t₀ − t₋₁ ≥ 2 (t₋₁ − t₋₂) + 2. */
// @ts-ignore: decorator
@inline
function gapsAt(at: usize): v128 {
  const middle = v128.load(at - 8);
  const before = f64x2.sub(middle, v128.load(at - 16));
  const after = f64x2.sub(v128.load(at), middle);
  return f64x2.ge(after, f64x2.add(f64x2.add(before, before), f64x2.splat(2)));
}

function startRow(replicas: usize, row: usize, isCounter: bool): void {
  memory.fill(row + 12, 0, ROW - 12);
  store<f64>(row, -Infinity, 24);
  store<u32>(row, <u32>(load<u32>(row, 8) == 0), 56);
  if (row == replicas) return;
  // A merge starts with each side on its first sample.
  const above = row - ROW;
  const hasLeft = above == replicas ? load<u32>(above, 8) > 0 : moveMerge(replicas, above, isCounter);
  store<u32>(row, <u32>!hasLeft, 52);
}

/** Moves the merge of a row to its next sample; false at its end. */
function moveMerge(replicas: usize, row: usize, isCounter: bool): bool {
  const lastTime = load<f64>(row, 24);
  const lastSide = load<u32>(row, 48);
  const hasLast = load<u32>(row + (lastSide == LEFT ? 52 : 56)) == 0;
  const lastBits = hasLast ? bitsOf(currentReplica(replicas, row)) : 0;
  moveLeftTo(lastTime + 1 + load<f64>(row, 32), replicas, row, isCounter);
  moveRightTo(lastTime + 1 + load<f64>(row, 40), row);
  const leftTime = load<u32>(row, 52) == 0 ? timeOf(leftReplica(replicas, row)) : Infinity;
  const rightTime = load<u32>(row, 56) == 0 ? timeOf(row) : Infinity;
  const time = min(leftTime, rightTime);
  if (time == Infinity) return false;
  const side = leftTime <= rightTime ? LEFT : RIGHT;
  const penalty = penaltyAt(time, lastTime);
  store<f64>(row, time, 24);
  store<f64>(row, side == LEFT ? 0 : penalty, 32);
  store<f64>(row, side == LEFT ? penalty : 0, 40);
  store<u32>(row, side, 48);
  if (isCounter && side != lastSide && hasLast && isFloat(lastBits)) {
    raiseMerge(replicas, row, reinterpret<f64>(lastBits));
  }
  return true;
}

/** The left side of a merge only ever moves sample by sample, so that its own penalties come out the same. */
function moveLeftTo(goal: f64, replicas: usize, row: usize, isCounter: bool): void {
  const above = row - ROW;
  if (above == replicas) {
    if (!moveReplicaTo(goal, above)) store<u32>(row, 1, 52);
    return;
  }
  while (load<u32>(row, 52) == 0 && timeOf(currentReplica(replicas, above)) < goal) {
    if (!moveMerge(replicas, above, isCounter)) store<u32>(row, 1, 52);
  }
}

function moveRightTo(goal: f64, row: usize): void {
  if (!moveReplicaTo(goal, row)) store<u32>(row, 1, 56);
}

/** False when the replica has no sample at or after the goal. */
function moveReplicaTo(goal: f64, row: usize): bool {
  const times = <usize>load<u32>(row);
  const count = load<u32>(row, 8);
  let position = load<u32>(row, 12);
  while (position < count && numberAt(times, position) < goal) position++;
  store<u32>(row, position, 12);
  return position < count;
}

/** The replica whose sample the merge of a row is at. */
function currentReplica(replicas: usize, row: usize): usize {
  while (row > replicas && load<u32>(row, 48) == LEFT) row -= ROW;
  return row;
}

function leftReplica(replicas: usize, row: usize): usize {
  return currentReplica(replicas, row - ROW);
}

/** Raises every replica in the merge of a row to the last value, but for those hidden behind a histogram. */
function raiseMerge(replicas: usize, row: usize, last: f64): void {
  for (; row > replicas; row -= ROW) {
    if (load<u32>(row, 56) == 0) raiseReplica(row, last);
    if (load<u32>(row, 52) != 0 || !isFloat(bitsOf(leftReplica(replicas, row)))) return;
  }
  raiseReplica(row, last);
}

function raiseReplica(row: usize, last: f64): void {
  const raise = load<f64>(row, 16);
  const value = numberAt(<usize>load<u32>(row, 4), load<u32>(row, 12));
  store<f64>(row, raise + missingTo(last, value + raise), 16);
}

function timeOf(row: usize): f64 {
  return numberAt(<usize>load<u32>(row), load<u32>(row, 12));
}

function bitsOf(row: usize): u64 {
  const address = <usize>load<u32>(row, 4) + (<usize>load<u32>(row, 12) << 3);
  return raisedBits(address, load<f64>(row, 16));
}

function isFloat(bits: u64): bool {
  return <u32>(bits >>> 32) != HISTOGRAM_TAG;
}

/**
 * Takes at least one replica; `heap` has room for a u32 a replica. `switched` gets one byte a sample: 0 if the sample
 * follows the one before in the same replica. Returns how many samples it wrote: at most the sum of the counts.
 *
 * One replica is followed; the others wait in a heap by their times. When the followed one is not earlier than the first
 * in the heap, it goes in and the first comes out, so of equal times another replica's sample is given.
 */
export function dedupChain(
  replicas: usize,
  replicaCount: u32,
  heap: usize,
  timesOut: usize,
  valuesOut: usize,
  switched: usize,
): u32 {
  let waiting: u32 = 0;
  for (let i: u32 = 0; i < replicaCount; i++) {
    const row = replicas + <usize>i * ROW;
    store<u32>(row, 0, 12);
    store<f64>(row, 0, 16);
    if (i > 0 && load<u32>(row, 8) > 0) pushWaiting(heap, waiting++, row);
  }
  let row = replicas;
  let last: f64 = -Infinity;
  let written: u32 = 0;
  while (true) {
    let hasSwitched = written == 0;
    if (written > 0) passSample(row);
    while (true) {
      if (load<u32>(row, 12) == load<u32>(row, 8)) {
        if (waiting == 0) return written;
      } else if (timeOf(row) == last) {
        passSample(row);
        continue;
      } else if (waiting == 0 || timeOf(row) < timeOf(waitingAt(heap, 0))) {
        break;
      } else {
        pushWaiting(heap, waiting++, row);
      }
      row = popWaiting(heap, waiting--);
      hasSwitched = true;
      if (timeOf(row) != last) break;
      passSample(row);
    }
    last = timeOf(row);
    store<f64>(timesOut + (<usize>written << 3), last);
    store<u64>(valuesOut + (<usize>written << 3), bitsOf(row));
    store<u8>(switched + written, <u8>hasSwitched);
    written++;
  }
  return written;
}

function passSample(row: usize): void {
  store<u32>(row, load<u32>(row, 12) + 1, 12);
}

/** Puts a replica into a heap of so many, the earliest first; of equals, the newcomer stays below. */
function pushWaiting(heap: usize, size: u32, row: usize): void {
  let at = size;
  const time = timeOf(row);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = waitingAt(heap, parent);
    if (time >= timeOf(above)) break;
    store<u32>(heap + (<usize>at << 2), <u32>above);
    at = parent;
  }
  store<u32>(heap + (<usize>at << 2), <u32>row);
}

/** Takes the earliest of so many; the last one sinks from the top to its place. */
function popWaiting(heap: usize, size: u32): usize {
  const first = waitingAt(heap, 0);
  const left = size - 1;
  const sinking = waitingAt(heap, left);
  const time = timeOf(sinking);
  let at: u32 = 0;
  for (let child: u32 = 1; child < left; child = (at << 1) + 1) {
    if (child + 1 < left && timeOf(waitingAt(heap, child + 1)) < timeOf(waitingAt(heap, child))) {
      child++;
    }
    const below = waitingAt(heap, child);
    if (timeOf(below) >= time) break;
    store<u32>(heap + (<usize>at << 2), <u32>below);
    at = child;
  }
  store<u32>(heap + (<usize>at << 2), <u32>sinking);
  return first;
}

function waitingAt(heap: usize, index: u32): usize {
  return load<u32>(heap + (<usize>index << 2));
}

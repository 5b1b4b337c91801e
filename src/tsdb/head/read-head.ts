/** Answers what readers ask about a head; in the thread of its owner, between batches. */
import { unreachable } from '../../base/assert.ts';
import { OperationError } from '../../base/errors.ts';
import { XOR } from '../../chunk/encoding.ts';
import { compileMatcher } from '../../model/matcher.ts';
import type { Interval } from '../block/tombstones.ts';
import { overlaps } from './head-histograms.ts';
import { labelNames, labelValues, mergeSeries, selectSeries, sortSeries } from './head-index.ts';
import { type HeadMemory, SCRATCH_BYTES } from './head-memory.ts';
import { clampTime, type HeadParts, headTimes, slotOf } from './head-parts.ts';
import {
  align8,
  type HeadMerge,
  type HeadRequest,
  type HeadScope,
  type HeadSlice,
  type HeadTexts,
  INLINE_FILE,
  PLACE_BYTES,
  SERIES_HEAD_BYTES,
  type SeriesContent,
  SORT_SERIES,
  shardOf,
} from './head-protocol.ts';

/** −1 as an unsigned number. */
const NO_SLOT = 0xffffffff;
const NO_INTERVALS: readonly Interval[] = [];

export interface HeadAnswer {
  readonly value: HeadSlice | HeadTexts | HeadMerge | Float64Array<ArrayBuffer>;
  /** Buffers that may move to the reader. */
  readonly transfer: readonly ArrayBuffer[];
}

/** Throws OperationError 'bad-data' for matchers that are none, 'limit' when the memory for finding series is used up. */
export function readHead(parts: HeadParts, request: HeadRequest): HeadAnswer {
  switch (request.kind) {
    case 'select':
      return select(parts, request);
    case 'read':
      return sliceAnswer(readSlice(parts, request.handles, request));
    case 'sort':
      return handlesAnswer(sortHandles(parts, request.handles));
    case 'merge':
      return mergeHandles(parts, request.left, request.right);
    case 'names':
      return { value: { values: listLabels(parts, request.scope, undefined) }, transfer: [] };
    case 'values':
      return { value: { values: listLabels(parts, request.scope, request.name) }, transfer: [] };
    default:
      return unreachable(request);
  }
}

function sliceAnswer(value: HeadSlice): HeadAnswer {
  return { value, transfer: [value.series.buffer, value.rest.buffer] };
}

function select(
  parts: HeadParts,
  request: Extract<HeadRequest, { readonly kind: 'select' }>,
): HeadAnswer {
  const { scope, shard, content } = request;
  const { memory } = parts;
  const slots = overlapping(parts, scope);
  if (slots.length > SORT_SERIES) {
    const rest = handlesOf(memory, slots);
    return sliceAnswer({ series: new Uint8Array(0), count: 0, rest, isSorted: false });
  }
  sortSeries(memory, slots);
  const handles = shardOf(handlesOf(memory, slots), shard);
  return sliceAnswer(readSlice(parts, handles, { ...scope, content }));
}

function handlesOf({ kernel, head }: HeadMemory, slots: Uint32Array): Float64Array<ArrayBuffer> {
  const handles = new Float64Array(slots.length);
  for (let i = 0; i < slots.length; i++) {
    handles[i] = kernel.exports.headHandle(head, slots[i] as number);
  }
  return handles;
}

function slotsOf(parts: HeadParts, handles: Float64Array): Uint32Array {
  return Uint32Array.from(handles, (handle) => slotOf(parts, handle)).filter(
    (slot) => slot !== NO_SLOT,
  );
}

function sortHandles(
  parts: HeadParts,
  handles: Float64Array<ArrayBuffer>,
): Float64Array<ArrayBuffer> {
  const slots = slotsOf(parts, handles);
  sortSeries(parts.memory, slots);
  return handlesOf(parts.memory, slots);
}

function handlesAnswer(handles: Float64Array<ArrayBuffer>): HeadAnswer {
  return { value: handles, transfer: [handles.buffer] };
}

function mergeHandles(
  parts: HeadParts,
  left: Float64Array<ArrayBuffer>,
  right: Float64Array<ArrayBuffer>,
): HeadAnswer {
  const lists = [slotsOf(parts, left), slotsOf(parts, right)] as const;
  const { merged, taken } = mergeSeries(parts.memory, lists);
  // Series that have ended may be anywhere in a list: those before the last one taken went with it.
  const value: HeadMerge = {
    merged: handlesOf(parts.memory, merged),
    left: takenOf(parts, left, taken[0]),
    right: takenOf(parts, right, taken[1]),
  };
  return { value, transfer: [value.merged.buffer] };
}

/** How many handles stand for the first so many living series of a list. */
function takenOf(parts: HeadParts, handles: Float64Array, living: number): number {
  let at = 0;
  for (let left = living; at < handles.length; at++) {
    const isAlive = slotOf(parts, handles[at] as number) >= 0;
    if (isAlive && left === 0) break;
    if (isAlive) left--;
  }
  return at;
}

/** Series that the matchers accept, if there are samples in the times. */
function overlapping(parts: HeadParts, scope: HeadScope): Uint32Array {
  if (isBeside(parts, scope)) return new Uint32Array(0);
  return selectSeries(parts.memory, scope.matchers.map(compileMatcher));
}

/** Whether all samples of the head lie before or behind the times. */
function isBeside(parts: HeadParts, { minTime, maxTime }: HeadScope): boolean {
  const times = headTimes(parts);
  return minTime > times.maxTime || maxTime < times.minTime;
}

function hasChunks(
  { memory, histograms }: HeadParts,
  slot: number,
  scope: Pick<HeadScope, 'minTime' | 'maxTime'>,
): boolean {
  const { kernel, head } = memory;
  const from = clampTime(scope.minTime);
  const to = clampTime(scope.maxTime);
  if (kernel.exports.headOverlaps(head, slot, from, to) !== 0) return true;
  const open = histograms.chunk(slot);
  return open !== undefined && overlaps(open, from, to);
}

function listLabels(parts: HeadParts, scope: HeadScope, name: string | undefined): string[] {
  const { memory } = parts;
  if (isBeside(parts, scope)) return [];
  const matchers = scope.matchers.map(compileMatcher);
  const slots = matchers.length === 0 ? undefined : selectSeries(memory, matchers);
  return name === undefined ? labelNames(memory, slots) : labelValues(memory, name, slots);
}

interface SliceRequest {
  readonly minTime: number;
  readonly maxTime: number;
  readonly content: SeriesContent;
}

/** As many of the series as there is room for. Those that have ended, or have no chunks in the times, are left out. */
function readSlice(
  parts: HeadParts,
  handles: Float64Array<ArrayBuffer>,
  request: SliceRequest,
): HeadSlice {
  const { memory } = parts;
  if (request.content === 'chunks') tryToFlush(memory);
  let length = 0;
  let count = 0;
  let done = 0;
  for (; done < handles.length; done++) {
    const slot = slotOf(parts, handles[done] as number);
    const isWanted = slot >= 0 && hasChunks(parts, slot, request);
    const size = isWanted ? copySeries(parts, slot, request, length) : 0;
    if (size < 0 && length > 0) break;
    if (size < 0) {
      const message = `cannot read a series of the head: it takes more than ${SCRATCH_BYTES} bytes`;
      throw new OperationError('limit', message);
    }
    length += size;
    if (size > 0) count++;
  }
  const { scratch, kernel } = memory;
  const series = kernel.u8.slice(scratch, scratch + length);
  return { series, count, rest: handles.slice(done), isSorted: true };
}

/** Places name bytes that readers must find in the files; those that the disk has no room for go along. */
function tryToFlush(memory: HeadMemory): void {
  try {
    memory.flush();
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
  }
}

/** Bytes written behind what the scratch space holds already; −1 when there is no room. */
function copySeries(parts: HeadParts, slot: number, request: SliceRequest, used: number): number {
  const { memory, deleted } = parts;
  const { kernel, head, scratch } = memory;
  const { exports } = kernel;
  const start = scratch + used;
  const room = SCRATCH_BYTES - used - SERIES_HEAD_BYTES;
  if (room <= 0) return -1;
  const labelsLength = exports.headLabels(head, slot, start + SERIES_HEAD_BYTES, room);
  if (labelsLength === 0) return -1;
  const intervals =
    deleted.size === 0 ? NO_INTERVALS : (deleted.get(exports.headHandle(head, slot)) ?? []);
  let size = SERIES_HEAD_BYTES + align8(labelsLength);
  const left = SCRATCH_BYTES - used - size - 16 * intervals.length;
  if (left <= 0) return -1;
  for (const { minTime, maxTime } of intervals) {
    kernel.f64[(start + size) >>> 3] = minTime;
    kernel.f64[((start + size) >>> 3) + 1] = maxTime;
    size += 16;
  }
  let encoding = 0;
  if (request.content === 'chunks') {
    const at = start + size;
    const chunks = copyChunks(parts, slot, request, { at, room: left });
    if (chunks.size <= 0) return chunks.size;
    encoding = chunks.encoding;
    size += chunks.size;
    const entries = copyUnwritten(memory, { start, at, end: start + size });
    if (entries < 0) return -1;
    size += entries;
  }
  kernel.u32.set([size, labelsLength, intervals.length, encoding], start >>> 2);
  return size;
}

/** Size −1 when there is no room, 0 when there are no chunks. */
function copyChunks(
  { memory, histograms }: HeadParts,
  slot: number,
  request: SliceRequest,
  { at, room }: { readonly at: number; readonly room: number },
): { readonly size: number; readonly encoding: number } {
  const { kernel, head } = memory;
  const from = clampTime(request.minTime);
  const to = clampTime(request.maxTime);
  const size = kernel.exports.headCopyChunks(head, slot, from, to, at, room);
  if (size === 0) return { size: -1, encoding: 0 };
  const { u8, u32, f64 } = kernel;
  const places = u32[at >>> 2] as number;
  if ((u32[(at >>> 2) + 1] as number) > 0) return { size, encoding: XOR };
  const open = histograms.chunk(slot);
  if (open === undefined || !overlaps(open, from, to)) {
    return { size: places === 0 ? 0 : size, encoding: 0 };
  }
  const { minTime, maxTime, encoding } = open;
  const data = open.data();
  const end = at + 8 + PLACE_BYTES * places;
  const total = end + 16 + align8(data.length) - at;
  if (total > room) return { size: -1, encoding: 0 };
  u32[(at >>> 2) + 1] = data.length;
  f64[end >>> 3] = minTime;
  f64[(end >>> 3) + 1] = maxTime;
  u8.set(data, end + 16);
  return { size: total, encoding };
}

/** Puts the entries behind a series that are in no file yet; the bytes they take, −1 when there is no room. */
function copyUnwritten(
  memory: HeadMemory,
  { start, at, end }: { readonly start: number; readonly at: number; readonly end: number },
): number {
  const { unwritten, kernel, scratch } = memory;
  if (unwritten === undefined) return 0;
  const { u8, u32 } = kernel;
  let target = end;
  for (
    let i = 0, row = (at >>> 2) + 2;
    i < (u32[at >>> 2] as number);
    i++, row += PLACE_BYTES / 4
  ) {
    const from = (u32[row + 1] as number) - unwritten.offset;
    if (u32[row] !== unwritten.file || from < 0) continue;
    const length = u32[row + 2] as number;
    if (target + align8(length) > scratch + SCRATCH_BYTES) return -1;
    u8.set(unwritten.bytes.subarray(from, from + length), target);
    u32[row] = INLINE_FILE;
    u32[row + 1] = target - start;
    target += align8(length);
  }
  return target - end;
}

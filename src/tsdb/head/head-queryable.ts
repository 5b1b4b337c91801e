/**
 * A head as seen from another thread: its owner is asked for the series, in slices; full chunks are read from their files
 * in chunks_head, which the answers name.
 */
import type { FileSystem } from '../../base/file-system.ts';
import type { Kernel } from '../../base/kernel.ts';
import type { KernelPool } from '../../base/kernel-pool.ts';
import {
  allocChunkTable,
  type ChunkPlace,
  decodeChunks,
  setChunkRow,
} from '../../chunk/columns.ts';
import type { Labels } from '../../model/labels.ts';
import { printLabels } from '../../model/labels-text.ts';
import type { SampleColumns } from '../../model/sample.ts';
import type {
  ChunkQueryable,
  ChunkSeriesSet,
  EncodedChunk,
} from '../../storage/chunk-queryable.ts';
import type {
  LabelsRequest,
  LabelsResult,
  Queryable,
  SelectRequest,
  SeriesSet,
} from '../../storage/queryable.ts';
import type { ReadAccount } from '../../storage/read-account.ts';
import { TextCache } from '../../wire/text-cache.ts';
import { dropDeleted } from '../block/read-series.ts';
import { trimChunks } from '../compact/rewrite-chunks.ts';
import type { ChunkPages } from '../head-chunks/chunk-pages.ts';
import { HeadChunkReader } from '../head-chunks/head-chunk-reader.ts';
import {
  type HeadMerge,
  type HeadRequest,
  type HeadScope,
  type HeadSlice,
  type HeadTexts,
  MERGE_SERIES,
  SORT_SERIES,
  shardOf,
} from './head-protocol.ts';
import { SliceCursor } from './slice-cursor.ts';

export interface HeadQueryableOptions {
  readonly files: FileSystem;
  /** Of the database. */
  readonly directory: string;
  /** Where chunks are encoded anew of which something was deleted. */
  readonly kernels: KernelPool;
  /** What queries, one after the other, keep in memory. */
  readonly pages?: ChunkPages;
  readonly texts?: TextCache;
  /** Brings a request to the owner, where Head.read answers it, and the answer's value back. */
  call(request: HeadRequest, signal: AbortSignal): Promise<unknown>;
}

export function headQueryable(options: HeadQueryableOptions): Queryable & ChunkQueryable {
  const { files, directory, kernels, pages, texts = new TextCache(), call } = options;
  const reader = (): HeadChunkReader =>
    new HeadChunkReader(files, `${directory}/chunks_head`, pages);
  const fetch = async (request: SelectRequest, signal: AbortSignal): Promise<SliceCursor> =>
    new SliceCursor(await fetchSlices(call, request, signal), request.hints.limit, texts);
  return {
    async select(request, { signal, account }) {
      return new HeadSeriesSet(await fetch(request, signal), reader(), account);
    },
    async selectChunks(request, { signal }) {
      return new HeadChunkSet(await fetch(request, signal), reader(), kernels);
    },
    async labelNames(request, { signal }) {
      return textsOf(await call({ kind: 'names', scope: scopeOf(request) }, signal), request);
    },
    async labelValues(name, request, { signal }) {
      return textsOf(
        await call({ kind: 'values', name, scope: scopeOf(request) }, signal),
        request,
      );
    },
  };
}

function scopeOf({ matchers, minTime, maxTime }: LabelsRequest | SelectRequest): HeadScope {
  return { matchers, minTime, maxTime };
}

function textsOf(answer: unknown, { limit }: LabelsRequest): LabelsResult {
  const { values } = answer as HeadTexts;
  return { values: limit > 0 ? values.slice(0, limit) : values, warnings: [] };
}

type Call = HeadQueryableOptions['call'];
type Handles = Float64Array<ArrayBuffer>;

async function fetchSlices(
  call: Call,
  request: SelectRequest,
  signal: AbortSignal,
): Promise<readonly Uint8Array[]> {
  const { limit, shard, func } = request.hints;
  const content = func === 'series' ? 'labels' : 'chunks';
  const scope = scopeOf(request);
  const first = (await call({ kind: 'select', scope, shard, content }, signal)) as HeadSlice;
  const slices: Uint8Array[] = [first.series];
  let { rest, count } = first;
  if (!first.isSorted) rest = shardOf(await sortHandles(call, rest, signal), shard);
  const { minTime, maxTime } = request;
  while (rest.length > 0 && (limit === 0 || count < limit)) {
    signal.throwIfAborted();
    const next = { kind: 'read', handles: rest, minTime, maxTime, content } as const;
    const slice = (await call(next, signal)) as HeadSlice;
    slices.push(slice.series);
    count += slice.count;
    rest = slice.rest;
  }
  return slices;
}

/** Lets the owner sort piece by piece, so that it is never busy with it for long. */
async function sortHandles(call: Call, handles: Handles, signal: AbortSignal): Promise<Handles> {
  let runs: Handles[] = [];
  for (let at = 0; at < handles.length; at += SORT_SERIES) {
    const piece = handles.slice(at, at + SORT_SERIES);
    runs.push((await call({ kind: 'sort', handles: piece }, signal)) as Handles);
  }
  while (runs.length > 1) {
    const longer: Handles[] = [];
    for (let i = 0; i < runs.length; i += 2) {
      const [left, right = new Float64Array(0)] = runs.slice(i, i + 2) as [Handles, Handles?];
      longer.push(await mergeHandles(call, left, right, signal));
    }
    runs = longer;
  }
  return runs[0] ?? handles;
}

async function mergeHandles(
  call: Call,
  left: Handles,
  right: Handles,
  signal: AbortSignal,
): Promise<Handles> {
  const all = new Float64Array(left.length + right.length);
  let [i, k, at] = [0, 0, 0];
  while (i < left.length && k < right.length) {
    signal.throwIfAborted();
    const request = {
      kind: 'merge',
      left: left.slice(i, i + MERGE_SERIES),
      right: right.slice(k, k + MERGE_SERIES),
    } as const;
    const answer = (await call(request, signal)) as HeadMerge;
    all.set(answer.merged, at);
    at += answer.merged.length;
    i += answer.left;
    k += answer.right;
  }
  for (const rest of [left.subarray(i), right.subarray(k)]) {
    all.set(rest, at);
    at += rest.length;
  }
  return all.slice(0, at);
}

/** Decodes the samples of the current series. */
class HeadSeriesSet implements SeriesSet {
  readonly warnings: readonly string[] = [];
  readonly #cursor: SliceCursor;
  readonly #reader: HeadChunkReader;
  readonly #account: ReadAccount | undefined;

  constructor(cursor: SliceCursor, reader: HeadChunkReader, account: ReadAccount | undefined) {
    this.#cursor = cursor;
    this.#reader = reader;
    this.#account = account;
  }

  next(): boolean {
    return this.#cursor.next();
  }

  get labels(): Labels {
    return this.#cursor.labels;
  }

  read(kernel: Kernel): SampleColumns {
    const { places, open, deleted, labels } = this.#cursor;
    const count = places.length + (open === undefined ? 0 : 1);
    const table = allocChunkTable(kernel, count);
    for (const [row, place] of places.entries()) {
      const { data, encoding } = place;
      const at =
        data === undefined ? this.#reader.read(kernel, place) : put(kernel, data, encoding);
      setChunkRow(kernel, table, row, at);
    }
    if (open !== undefined) {
      setChunkRow(kernel, table, count - 1, put(kernel, open.data, open.encoding));
    }
    const describe = (row: number): string =>
      `chunk ${row + 1} of ${count} of ${printLabels(labels)} in the head`;
    const columns = decodeChunks(kernel, { table, count, describe, account: this.#account });
    return deleted.length === 0 ? columns : dropDeleted(kernel, columns, deleted);
  }

  [Symbol.dispose](): void {
    this.#reader[Symbol.dispose]();
  }
}

function put(kernel: Kernel, data: Uint8Array, encoding: number): ChunkPlace {
  const address = kernel.arena.alloc(data.length);
  kernel.u8.set(data, address);
  return { address, length: data.length, encoding };
}

/** Gives the chunks of the current series as they are, less what was deleted. */
class HeadChunkSet implements ChunkSeriesSet {
  readonly warnings: readonly string[] = [];
  readonly #cursor: SliceCursor;
  readonly #reader: HeadChunkReader;
  readonly #kernels: KernelPool;

  constructor(cursor: SliceCursor, reader: HeadChunkReader, kernels: KernelPool) {
    this.#cursor = cursor;
    this.#reader = reader;
    this.#kernels = kernels;
  }

  next(): boolean {
    return this.#cursor.next();
  }

  get labels(): Labels {
    return this.#cursor.labels;
  }

  chunks(): readonly EncodedChunk[] {
    const { places, open, deleted } = this.#cursor;
    const full = places.map((place): EncodedChunk => {
      const { minTime, maxTime, encoding } = place;
      return { minTime, maxTime, encoding, data: place.data ?? this.#reader.readData(place) };
    });
    const all = open === undefined ? full : [...full, open];
    if (deleted.length === 0) return all;
    using lent = this.#kernels.borrow();
    return trimChunks(lent.kernel, all, { minTime: -Infinity, maxTime: Infinity, deleted });
  }

  [Symbol.dispose](): void {
    this.#reader[Symbol.dispose]();
  }
}

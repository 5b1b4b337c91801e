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
import { dropDeleted } from '../block/read-series.ts';
import { trimChunks } from '../compact/rewrite-chunks.ts';
import { HeadChunkReader } from '../head-chunks/head-chunk-reader.ts';
import type { HeadRequest, HeadScope, HeadSlice, HeadTexts } from './head-protocol.ts';
import { SliceCursor } from './slice-cursor.ts';

export interface HeadQueryableOptions {
  readonly files: FileSystem;
  /** Of the database. */
  readonly directory: string;
  /** Where chunks are encoded anew of which something was deleted. */
  readonly kernels: KernelPool;
  /** Brings a request to the owner, where Head.read answers it, and the answer's value back. */
  call(request: HeadRequest, signal: AbortSignal): Promise<unknown>;
}

export function headQueryable(options: HeadQueryableOptions): Queryable & ChunkQueryable {
  const { files, directory, kernels, call } = options;
  const reader = (): HeadChunkReader => new HeadChunkReader(files, `${directory}/chunks_head`);
  return {
    async select(request, { signal }) {
      return new HeadSeriesSet(await fetchSlices(call, request, signal), reader());
    },
    async selectChunks(request, { signal }) {
      return new HeadChunkSet(await fetchSlices(call, request, signal), reader(), kernels);
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

async function fetchSlices(
  call: HeadQueryableOptions['call'],
  request: SelectRequest,
  signal: AbortSignal,
): Promise<Uint8Array[]> {
  const { limit, shard, func } = request.hints;
  const content = func === 'series' ? 'labels' : 'chunks';
  const { minTime, maxTime } = request;
  const slices: Uint8Array[] = [];
  let next: HeadRequest | undefined = {
    kind: 'select',
    scope: scopeOf(request),
    limit,
    shard,
    content,
  };
  while (next !== undefined) {
    const { series, rest } = (await call(next, signal)) as HeadSlice;
    signal.throwIfAborted();
    slices.push(series);
    next =
      rest.length === 0 ? undefined : { kind: 'read', handles: rest, minTime, maxTime, content };
  }
  return slices;
}

/** Decodes the samples of the current series. */
class HeadSeriesSet implements SeriesSet {
  readonly warnings: readonly string[] = [];
  readonly #cursor: SliceCursor;
  readonly #reader: HeadChunkReader;

  constructor(slices: readonly Uint8Array[], reader: HeadChunkReader) {
    this.#cursor = new SliceCursor(slices);
    this.#reader = reader;
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
    const columns = decodeChunks(kernel, { table, count, describe });
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

  constructor(slices: readonly Uint8Array[], reader: HeadChunkReader, kernels: KernelPool) {
    this.#cursor = new SliceCursor(slices);
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

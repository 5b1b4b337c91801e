/**
 * Several storages of the same series as one, such as the head and the blocks of a server. A series that more than one
 * of them knows comes once: its samples joined by time, of equal times the sample of the storage that stands first.
 */
import type { Kernel } from '../base/kernel.ts';
import { compareLabels, type Labels, NO_LABELS } from '../model/labels.ts';
import { mergeTexts } from '../model/merge-texts.ts';
import type { SampleColumns } from '../model/sample.ts';
import type { ChunkQueryable, ChunkSeriesSet, EncodedChunk } from './chunk-queryable.ts';
import { deduplicate } from './deduplicate.ts';
import {
  compareTimes,
  type LabelsRequest,
  type LabelsResult,
  type Queryable,
  type SelectRequest,
  type SeriesSet,
} from './queryable.ts';

/** Each storage is asked when the one before it has answered. */
export function mergeQueryables(parts: readonly Queryable[]): Queryable {
  return {
    async select(request, options) {
      using opened = new DisposableStack();
      const sets: SeriesSet[] = [];
      for (const part of parts) {
        sets.push(opened.use(await part.select(unlimited(request), options)));
      }
      const merged = new Merged(sets, request, opened.move());
      return Object.assign(merged, { read: (kernel: Kernel) => readAll(kernel, merged.current) });
    },
    labelNames: (request, options) =>
      askForTexts(request, parts, (part) => part.labelNames(request, options)),
    labelValues: (name, request, options) =>
      askForTexts(request, parts, (part) => part.labelValues(name, request, options)),
  };
}

/** As mergeQueryables; of the same series all chunks come, by their times. */
export function mergeChunkQueryables(parts: readonly ChunkQueryable[]): ChunkQueryable {
  return {
    async selectChunks(request, options) {
      using opened = new DisposableStack();
      const sets: ChunkSeriesSet[] = [];
      for (const part of parts) {
        sets.push(opened.use(await part.selectChunks(unlimited(request), options)));
      }
      const merged = new Merged(sets, request, opened.move());
      return Object.assign(merged, { chunks: () => chunksOfAll(merged.current) });
    },
  };
}

/** Which series are within a limit, or in a shard, is known only when all storages' series are merged. */
function unlimited(request: SelectRequest): SelectRequest {
  const { shard: _, ...hints } = request.hints;
  return { ...request, hints: { ...hints, limit: 0 } };
}

async function askForTexts<Part>(
  { limit }: LabelsRequest,
  parts: readonly Part[],
  ask: (part: Part) => Promise<LabelsResult>,
): Promise<LabelsResult> {
  const results: LabelsResult[] = [];
  for (const part of parts) results.push(await ask(part));
  const values = mergeTexts(results.map((result) => result.values));
  return {
    values: limit > 0 ? values.slice(0, limit) : values,
    warnings: results.flatMap((result) => result.warnings),
  };
}

/** Several sets as one cursor in label order; those that stand on the least labels are current. */
class Merged<Item extends SeriesSet | ChunkSeriesSet> implements Disposable {
  readonly #sets: readonly Item[];
  readonly #request: SelectRequest;
  readonly #held: Disposable;
  /** Sets that stand on a series. */
  #live: readonly Item[] = [];
  #isStarted = false;
  #seen = 0;
  #given = 0;
  labels: Labels = NO_LABELS;
  /** In the order of the sets. */
  current: readonly Item[] = [];

  constructor(sets: readonly Item[], request: SelectRequest, held: Disposable) {
    this.#sets = sets;
    this.#request = request;
    this.#held = held;
  }

  next(): boolean {
    const { limit, shard } = this.#request.hints;
    if (limit > 0 && this.#given === limit) return false;
    while (this.#advance()) {
      const number = this.#seen++;
      if (shard !== undefined && number % shard.count !== shard.index) continue;
      this.#given++;
      return true;
    }
    return false;
  }

  get warnings(): readonly string[] {
    return this.#sets.flatMap((set) => set.warnings);
  }

  #advance(): boolean {
    const moved = this.#isStarted ? this.current : this.#sets;
    if (!this.#isStarted) this.#live = this.#sets;
    this.#isStarted = true;
    for (const set of moved) {
      if (!set.next()) this.#live = this.#live.filter((one) => one !== set);
    }
    const [first] = this.#live;
    this.current = this.#live.length < 2 ? this.#live : leastOf(this.#live);
    if (first === undefined) return false;
    this.labels = (this.current[0] as Item).labels;
    return true;
  }

  [Symbol.dispose](): void {
    this.#held[Symbol.dispose]();
  }
}

/** Those that stand on the smallest labels. */
function leastOf<Item extends { readonly labels: Labels }>(sets: readonly Item[]): readonly Item[] {
  let least: Item[] = [];
  for (const set of sets) {
    const order = least.length === 0 ? -1 : compareLabels(set.labels, (least[0] as Item).labels);
    if (order < 0) least = [set];
    else if (order === 0) least.push(set);
  }
  return least;
}

/** Of equal times the first one's samples stay. */
function readAll(kernel: Kernel, sets: readonly SeriesSet[]): SampleColumns {
  const columns = sets.map((set) => set.read(kernel));
  return deduplicate(kernel, columns, { func: 'chain', isCounter: false });
}

function chunksOfAll(sets: readonly ChunkSeriesSet[]): readonly EncodedChunk[] {
  const found = sets.flatMap((set) => set.chunks());
  if (sets.length === 1) return found;
  return found.sort(compareTimes);
}

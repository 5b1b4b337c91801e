/**
 * Several storages of the same series as one, such as the head and the blocks of a server. A series that more than one
 * of them knows comes once: its samples joined by time, of equal times the sample of the storage that stands first.
 */
import type { Kernel } from '../base/kernel.ts';
import { compareLabels, compareText, type Labels, NO_LABELS } from '../model/labels.ts';
import type { SampleColumns } from '../model/sample.ts';
import type { ChunkQueryable, ChunkSeriesSet, EncodedChunk } from './chunk-queryable.ts';
import { deduplicate } from './deduplicate.ts';
import type {
  LabelsRequest,
  LabelsResult,
  Queryable,
  SelectRequest,
  SeriesSet,
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
      return new MergedSeries(sets, request, opened.move());
    },
    labelNames: (request, options) =>
      mergeTexts(request, parts, (part) => part.labelNames(request, options)),
    labelValues: (name, request, options) =>
      mergeTexts(request, parts, (part) => part.labelValues(name, request, options)),
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
      return new MergedChunks(sets, request, opened.move());
    },
  };
}

/** Which series are within a limit, or in a shard, is known only when all storages' series are merged. */
function unlimited(request: SelectRequest): SelectRequest {
  const { shard: _, ...hints } = request.hints;
  return { ...request, hints: { ...hints, limit: 0 } };
}

async function mergeTexts<Part>(
  { limit }: LabelsRequest,
  parts: readonly Part[],
  ask: (part: Part) => Promise<LabelsResult>,
): Promise<LabelsResult> {
  const results: LabelsResult[] = [];
  for (const part of parts) results.push(await ask(part));
  const values = [...new Set(results.flatMap((result) => result.values))].sort(compareText);
  return {
    values: limit > 0 ? values.slice(0, limit) : values,
    warnings: results.flatMap((result) => result.warnings),
  };
}

/** Walks over sets in label order; those that stand on the least labels are current. */
class Walk<Item extends SeriesSet | ChunkSeriesSet> {
  readonly #sets: readonly Item[];
  readonly #request: SelectRequest;
  /** Sets that stand on a series. */
  #live: Item[] = [];
  #isStarted = false;
  #seen = 0;
  #given = 0;
  labels: Labels = NO_LABELS;
  /** In the order of the sets. */
  current: readonly Item[] = [];

  constructor(sets: readonly Item[], request: SelectRequest) {
    this.#sets = sets;
    this.#request = request;
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
    const ended = new Set(moved.filter((set) => !set.next()));
    if (!this.#isStarted) this.#live = [...this.#sets];
    this.#isStarted = true;
    if (ended.size > 0) this.#live = this.#live.filter((set) => !ended.has(set));
    const [first, ...others] = this.#live;
    if (first === undefined) {
      this.current = [];
      return false;
    }
    let least = [first];
    for (const set of others) {
      const order = compareLabels(set.labels, (least[0] as Item).labels);
      if (order < 0) least = [set];
      else if (order === 0) least.push(set);
    }
    this.current = least;
    this.labels = (least[0] as Item).labels;
    return true;
  }
}

class MergedSeries implements SeriesSet {
  readonly #walk: Walk<SeriesSet>;
  readonly #held: Disposable;

  constructor(sets: readonly SeriesSet[], request: SelectRequest, held: Disposable) {
    this.#walk = new Walk(sets, request);
    this.#held = held;
  }

  get warnings(): readonly string[] {
    return this.#walk.warnings;
  }

  get labels(): Labels {
    return this.#walk.labels;
  }

  next(): boolean {
    return this.#walk.next();
  }

  read(kernel: Kernel): SampleColumns {
    const columns = this.#walk.current.map((set) => set.read(kernel));
    const [only] = columns;
    if (columns.length === 1 && only !== undefined) return only;
    return deduplicate(kernel, columns, { func: 'chain', isCounter: false });
  }

  [Symbol.dispose](): void {
    this.#held[Symbol.dispose]();
  }
}

class MergedChunks implements ChunkSeriesSet {
  readonly #walk: Walk<ChunkSeriesSet>;
  readonly #held: Disposable;

  constructor(sets: readonly ChunkSeriesSet[], request: SelectRequest, held: Disposable) {
    this.#walk = new Walk(sets, request);
    this.#held = held;
  }

  get warnings(): readonly string[] {
    return this.#walk.warnings;
  }

  get labels(): Labels {
    return this.#walk.labels;
  }

  next(): boolean {
    return this.#walk.next();
  }

  chunks(): readonly EncodedChunk[] {
    const found = this.#walk.current.flatMap((set) => set.chunks());
    if (this.#walk.current.length === 1) return found;
    return found.sort((a, b) => a.minTime - b.minTime || a.maxTime - b.maxTime);
  }

  [Symbol.dispose](): void {
    this.#held[Symbol.dispose]();
  }
}

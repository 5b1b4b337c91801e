/** A store of one replica: the real write-ahead log on simulated files, and what was logged in plain memory. */
import { OperationError } from '../../src/base/errors.ts';
import type { FileSystem } from '../../src/base/file-system.ts';
import type { Kernel } from '../../src/base/kernel.ts';
import { encodeXorChunk } from '../../src/chunk/xor-encode.ts';
import { compareLabels, type Labels, labelsKey, labelValue } from '../../src/model/labels.ts';
import { compileMatcher, type Matcher } from '../../src/model/matcher.ts';
import { type Appender, type AppendResult, OUTCOMES } from '../../src/storage/appender.ts';
import { Wal } from '../../src/tsdb/wal/wal.ts';
import type { ReplicaStore, StoredSeries } from './store.ts';

interface Series {
  readonly ref: number;
  readonly labels: Labels;
  readonly times: number[];
  /** Bits, low and high half. */
  readonly words: number[];
}

interface Row {
  readonly ref: number;
  readonly time: number;
  readonly low: number;
  readonly high: number;
}

const SAMPLES_PER_CHUNK = 30;

export class LoggedStore implements ReplicaStore {
  readonly appender: Appender;
  readonly damages: number;
  readonly #kernel: Kernel;
  readonly #wal: Wal;
  readonly #byRef = new Map<number, Series>();
  readonly #byKey = new Map<string, Series>();
  #unlogged: Series[] = [];
  #rows: Row[] = [];

  constructor(files: FileSystem, kernel: Kernel) {
    this.#kernel = kernel;
    this.#wal = Wal.open({ files, directory: '/data/wal', kernel, compression: 'none' });
    this.damages = this.#replay().damages.length;
    this.appender = {
      seriesRef: (labels) => this.#seriesRef(labels),
      float: (ref, time, low, high) => void this.#rows.push({ ref, time, low, high }),
      histogram: () => undefined,
      exemplar: () => undefined,
      metadata: () => undefined,
      commit: () => this.#commit(),
      rollback: () => {
        this.#rows = [];
      },
    };
  }

  async series(
    matchers: readonly Matcher[],
    minTime: number,
    maxTime: number,
  ): Promise<readonly StoredSeries[]> {
    return this.#find(matchers)
      .map(({ labels, ...columns }) => ({ labels, chunks: chunksOf(columns) }))
      .map(({ labels, chunks }) => ({
        labels,
        chunks: chunks.filter((chunk) => chunk.minTime <= maxTime && chunk.maxTime >= minTime),
      }))
      .filter(({ chunks }) => chunks.length > 0)
      .sort((a, b) => compareLabels(a.labels, b.labels));
  }

  delete(matchers: readonly Matcher[], minTime: number, maxTime: number): void {
    const tombstones = this.#find(matchers).map(({ ref }) => ({ ref, minTime, maxTime }));
    if (tombstones.length === 0) return;
    this.#wal.log({ tombstones });
    for (const { ref } of tombstones) this.#remove(ref, minTime, maxTime);
  }

  step(): void {}

  close(): void {
    this.#wal.close();
  }

  #find(matchers: readonly Matcher[]): readonly Series[] {
    const compiled = matchers.map(compileMatcher);
    return [...this.#byRef.values()].filter(({ labels }) =>
      compiled.every(({ name, matches }) => matches(labelValue(labels, name))),
    );
  }

  #replay() {
    return this.#wal.replay({
      series: (batch) => {
        for (let i = 0; i < batch.count; i++) this.#add(batch.ref(i), batch.labels(i));
      },
      samples: ({ refs, times, values, count }) => {
        const { f64, u32 } = this.#kernel;
        for (let i = 0; i < count; i++) {
          const word = (values >>> 2) + 2 * i;
          this.#append({
            ref: f64[(refs >>> 3) + i] as number,
            time: f64[(times >>> 3) + i] as number,
            low: u32[word] as number,
            high: u32[word + 1] as number,
          });
        }
      },
      tombstones: (records) => {
        for (const { ref, minTime, maxTime } of records) this.#remove(ref, minTime, maxTime);
      },
      metadata: () => undefined,
      histograms: () => undefined,
      exemplars: () => undefined,
    });
  }

  #seriesRef(labels: Labels): number {
    const found = this.#byKey.get(labelsKey(labels));
    if (found !== undefined) return found.ref;
    const series = this.#add(this.#byRef.size + 1, labels);
    this.#unlogged.push(series);
    return series.ref;
  }

  #add(ref: number, labels: Labels): Series {
    const series = { ref, labels, times: [], words: [] };
    this.#byRef.set(ref, series);
    this.#byKey.set(labelsKey(labels), series);
    return series;
  }

  #commit(): AppendResult {
    const rows = this.#rows;
    this.#rows = [];
    const outcomes = Uint8Array.from(rows, (row) => OUTCOMES.indexOf(this.#outcome(row)));
    const good = rows.filter((_, i) => outcomes[i] === 0);
    const { arena } = this.#kernel;
    const mark = arena.mark();
    try {
      this.#wal.log({ series: this.#unlogged, samples: this.#columns(good) });
    } finally {
      arena.release(mark);
    }
    this.#unlogged = [];
    for (const row of good) this.#append(row);
    return { outcomes, appended: good.length, exemplarsOutOfOrder: 0 };
  }

  #outcome({ ref, time, low, high }: Row): (typeof OUTCOMES)[number] {
    const series = this.#byRef.get(ref);
    if (series === undefined) return 'no-series';
    const { times, words } = series;
    const last = times.at(-1) ?? Number.NEGATIVE_INFINITY;
    if (time > last) return 'appended';
    if (time < last) return 'out-of-order';
    return words.at(-2) === low && words.at(-1) === high ? 'same' : 'duplicate';
  }

  #append({ ref, time, low, high }: Row): void {
    const series = this.#byRef.get(ref);
    if (series === undefined) {
      throw new OperationError('corrupt', `cannot replay a sample: nobody knows series ${ref}`);
    }
    series.times.push(time);
    series.words.push(low, high);
  }

  #remove(ref: number, minTime: number, maxTime: number): void {
    const series = this.#byRef.get(ref);
    if (series === undefined) return;
    const kept = series.times.flatMap((time, i) => (time < minTime || time > maxTime ? [i] : []));
    const times = kept.map((i) => series.times[i]);
    const words = kept.flatMap((i) => [series.words[2 * i], series.words[2 * i + 1]]);
    series.times.splice(0, Number.POSITIVE_INFINITY, ...times);
    series.words.splice(0, Number.POSITIVE_INFINITY, ...words);
  }

  #columns(rows: readonly Row[]) {
    const { arena } = this.#kernel;
    const count = rows.length;
    const refs = arena.alloc(8 * count);
    const times = arena.alloc(8 * count);
    const values = arena.alloc(8 * count);
    const { f64, u32 } = this.#kernel;
    rows.forEach(({ ref, time, low, high }, i) => {
      f64[(refs >>> 3) + i] = ref;
      f64[(times >>> 3) + i] = time;
      u32[(values >>> 2) + 2 * i] = low;
      u32[(values >>> 2) + 2 * i + 1] = high;
    });
    return { refs, times, values, count };
  }
}

function chunksOf({ times, words }: Pick<Series, 'times' | 'words'>): StoredSeries['chunks'] {
  const columns = { times: Float64Array.from(times), words: Uint32Array.from(words) };
  const starts = times.flatMap((_, i) => (i % SAMPLES_PER_CHUNK === 0 ? [i] : []));
  return starts.map((start) => {
    const end = Math.min(times.length, start + SAMPLES_PER_CHUNK);
    return {
      minTime: times[start],
      maxTime: times[end - 1],
      encoding: 1,
      data: encodeXorChunk({ ...columns, start, end }),
    };
  });
}

/** What the sidecars sent to the querier for one question, written down on the way and decoded plainly. */
import { decodeXorPlainly } from '../../src/chunk/testing/xor-oracle.ts';
import type { Labels } from '../../src/model/labels.ts';
import { STALE_HIGH, STALE_LOW } from '../../src/model/stale.ts';
import { decodeSeriesResponse } from '../../src/wire/series-response.ts';
import { TextCache } from '../../src/wire/text-cache.ts';
import type { WireChunk } from '../../src/wire/wire-series.ts';
import type { GivenSample } from './model.ts';

export interface SentChunk {
  readonly minTime: number;
  readonly maxTime: number;
  readonly samples: readonly GivenSample[];
}

export interface SentSeries {
  readonly labels: Labels;
  readonly chunks: readonly SentChunk[];
}

/** One answer of a sidecar. */
export class WireAnswer {
  /** Of the replica. */
  readonly name: string;
  /** Whether it came to its end without a warning. */
  isWhole = false;
  readonly #frames: Uint8Array[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** The frame may lie in memory that is used again. */
  add(frame: Uint8Array): void {
    this.#frames.push(frame.slice());
  }

  /** All series that arrived, and whether there was a warning among them. */
  read(): { readonly series: readonly SentSeries[]; readonly isWarned: boolean } {
    const texts = new TextCache();
    const frames = this.#frames.map((frame) => decodeSeriesResponse(frame, texts));
    const series = frames.flatMap((frame) => (frame.kind === 'series' ? frame.series : []));
    return {
      series: series.map(({ labels, chunks }) => ({ labels, chunks: chunks.map(readChunk) })),
      isWarned: frames.some(({ kind }) => kind === 'warning'),
    };
  }
}

const NO_START_TIMES = new Float64Array(0);

function readChunk({ minTime, maxTime, bytes, offset, length }: WireChunk): SentChunk {
  const data = bytes.subarray(offset, offset + length);
  const count = ((data[0] as number) << 8) | (data[1] as number);
  const values = new Float64Array(count);
  const target = {
    times: new Float64Array(count),
    words: new Uint32Array(values.buffer),
    startTimes: NO_START_TIMES,
  };
  decodeXorPlainly(data, target);
  const samples = Array.from(target.times, (time, i): GivenSample => {
    const isStale = target.words[2 * i] === STALE_LOW && target.words[2 * i + 1] === STALE_HIGH;
    return { time, value: isStale ? 'stale' : (values[i] as number) };
  });
  return { minTime, maxTime, samples };
}

/**
 * Numbered samples: batch n holds one for each of its series, all of the same time, of a value that says which sample it is.
 * So what is stored can be checked by itself.
 */
import { type Labels, labelValue } from '../../src/model/labels.ts';

export const START_MS = 1_700_006_400_000;
export const STEP_MS = 60_000;
export const BATCH_SAMPLES = 50;
const LASTING_SERIES = 40;
/** The others are new after so many batches. */
const GENERATION_BATCHES = 70;

export interface Sample {
  readonly labels: Labels;
  readonly time: number;
  readonly value: number;
}

export function samplesOf(batch: number): Sample[] {
  return Array.from({ length: BATCH_SAMPLES }, (_, i) => ({
    labels: labelsOf(batch, i),
    time: START_MS + STEP_MS * batch,
    value: batch * BATCH_SAMPLES + i,
  }));
}

function labelsOf(batch: number, i: number): Labels {
  const generation = i < LASTING_SERIES ? 0 : 1 + Math.floor(batch / GENERATION_BATCHES);
  return ['__name__', 'numbered', 'generation', String(generation), 'number', String(i)];
}

export interface Finding {
  /** Batches that are there, from the first one on, without a gap. */
  readonly batches: number;
  /** Samples of acknowledged batches that are not there. */
  readonly lost: number;
  /** Samples that are there more than once. */
  readonly doubled: number;
  /** Samples that nobody ever logged. */
  readonly wrong: number;
  /** Batches that were not acknowledged and are there in part. */
  readonly torn: number;
}

/** Takes all samples of a storage. */
export class Check {
  readonly #counts: number[] = [];
  readonly #seen = new Set<number>();
  readonly #seenInSource = new Set<number>();
  #doubled = 0;
  #wrong = 0;

  /** What comes now may be there as well: queries join head and blocks. */
  nextSource(): void {
    this.#seenInSource.clear();
  }

  take(labels: Labels, time: number, value: number): void {
    const batch = (time - START_MS) / STEP_MS;
    const i = Number(labelValue(labels, 'number'));
    const isOurs =
      Number.isInteger(batch) &&
      batch >= 0 &&
      value === batch * BATCH_SAMPLES + i &&
      labelsOf(batch, i).join() === labels.join();
    if (!isOurs) this.#wrong++;
    else if (this.#seenInSource.has(value)) this.#doubled++;
    else {
      this.#seenInSource.add(value);
      if (this.#seen.has(value)) return;
      this.#seen.add(value);
      this.#counts[batch] = (this.#counts[batch] ?? 0) + 1;
    }
  }

  finish(acknowledged: number): Finding {
    let lost = 0;
    let torn = 0;
    let batches = 0;
    for (let batch = 0; batch < Math.max(acknowledged, this.#counts.length); batch++) {
      const count = this.#counts[batch] ?? 0;
      if (batch < acknowledged) lost += BATCH_SAMPLES - count;
      else if (count !== 0 && count !== BATCH_SAMPLES) torn++;
      if (count === BATCH_SAMPLES && batches === batch) batches++;
    }
    return { batches, lost, doubled: this.#doubled, wrong: this.#wrong, torn };
  }
}

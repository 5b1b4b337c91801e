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

/** Samples of one number in batches, both ends inclusive. */
export interface Deletion {
  readonly number: number;
  readonly first: number;
  readonly last: number;
}

/** What must be in a storage. */
export interface Expectation {
  /** Batches that were acknowledged; none behind them but the one that was under way. */
  readonly acknowledged: number;
  readonly deleted: readonly Deletion[];
  /** The one that was under way: its samples may be there or not. */
  readonly unsure: Deletion | undefined;
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
  /** Samples that are there although their deletion was acknowledged. */
  readonly risen: number;
  /** Batches that were not acknowledged and are there in part. */
  readonly torn: number;
}

/** Takes all samples of a storage. */
export class Check {
  readonly #seen = new Set<number>();
  #doubled = 0;
  #wrong = 0;

  take(labels: Labels, time: number, value: number): void {
    const batch = (time - START_MS) / STEP_MS;
    const i = Number(labelValue(labels, 'number'));
    const isOurs =
      Number.isInteger(batch) &&
      batch >= 0 &&
      value === batch * BATCH_SAMPLES + i &&
      labelsOf(batch, i).join() === labels.join();
    if (!isOurs) this.#wrong++;
    else if (this.#seen.has(value)) this.#doubled++;
    else this.#seen.add(value);
  }

  finish({ acknowledged, deleted, unsure }: Expectation): Finding {
    const gone = samplesIn(deleted);
    const doubtful = samplesIn(unsure === undefined ? [] : [unsure]);
    let [lost, risen, torn, batches] = [0, 0, 0, 0];
    let newest = acknowledged - 1;
    for (const sample of this.#seen) newest = Math.max(newest, batchOf(sample));
    for (let batch = 0; batch <= newest; batch++) {
      let missing = 0;
      for (let i = 0; i < BATCH_SAMPLES; i++) {
        const sample = batch * BATCH_SAMPLES + i;
        const isSeen = this.#seen.has(sample);
        if (isSeen && gone.has(sample)) risen++;
        else if (!isSeen && !gone.has(sample) && !doubtful.has(sample)) missing++;
      }
      if (batch < acknowledged) lost += missing;
      else if (missing > 0 && missing < BATCH_SAMPLES) torn++;
      if (missing === 0 && batches === batch) batches++;
    }
    return { batches, lost, doubled: this.#doubled, wrong: this.#wrong, risen, torn };
  }
}

function batchOf(sample: number): number {
  return Math.floor(sample / BATCH_SAMPLES);
}

function samplesIn(deletions: readonly Deletion[]): ReadonlySet<number> {
  const samples = new Set<number>();
  for (const { number, first, last } of deletions) {
    for (let batch = first; batch <= last; batch++) samples.add(batch * BATCH_SAMPLES + number);
  }
  return samples;
}

/** A line of promtool's dump: `{name="value", …} value milliseconds`. */
export function parseDumped(line: string): Sample {
  const [, texts = '', value, time] = /^\{(.*)\} (\S+) (\d+)$/.exec(line) ?? [];
  const labels = [...texts.matchAll(/(\w+)="([^"]*)"/g)].flatMap(([, name = '', text = '']) => [
    name,
    text,
  ]);
  return { labels, value: Number(value), time: Number(time) };
}

/**
 * What a sidecar does to the labels of each series: external labels are added and win over equal names, labels
 * that the caller wants gone are dropped. It works on encoded labels (ChunkedSeries), which it never decodes.
 *
 * A series' own labels are those that the rewriting leaves alone. The stream is sorted by them.
 */
import type { Labels } from '../model/labels.ts';
import { dropLabels, makeLabels } from '../model/labels.ts';
import type { ChunkedSeries } from '../remote/chunked-series.ts';
import { LABEL_WORDS } from '../remote/chunked-series.ts';
import { LabelSchema } from '../wire/gen/thanos/label_pb.ts';
import { encodeMessage } from '../wire/message.ts';
import type { TextCache } from '../wire/text-cache.ts';

export interface LabelRewrite {
  /** Ascending by name. */
  readonly added: readonly AddedLabel[];
  /** Names of which no series keeps its own label: the external ones and the dropped ones. */
  readonly affected: readonly string[];
  readonly external: Labels;
}

interface AddedLabel {
  readonly name: Uint8Array;
  /** The label as field 1 of thanos.Series. */
  readonly field: Uint8Array;
}

export function labelRewrite(external: Labels, dropped: ReadonlySet<string>): LabelRewrite {
  const kept = dropLabels(external, dropped);
  const added: AddedLabel[] = [];
  for (let i = 0; i < kept.length; i += 2) {
    const [name, value] = [kept[i] as string, kept[i + 1] as string];
    const message = encodeMessage(LabelSchema, { name, value });
    added.push({ name: Buffer.from(name), field: Buffer.concat([fieldHead(message), message]) });
  }
  const names = external.filter((_, i) => i % 2 === 0);
  return { added, affected: [...new Set([...names, ...dropped])], external: kept };
}

/** The same for labels that are decoded already. */
export function rewriteLabels(labels: Labels, { affected, external }: LabelRewrite): Labels {
  const own = dropLabels(labels, new Set(affected));
  return makeLabels(pairsOf([...own, ...external]));
}

function* pairsOf(flat: Labels): Generator<[string, string]> {
  for (let i = 0; i < flat.length; i += 2) yield [flat[i] as string, flat[i + 1] as string];
}

function fieldHead(message: Uint8Array): Uint8Array {
  const head = [0x0a];
  let rest = message.length;
  for (; rest >= 0x80; rest >>>= 7) head.push((rest & 0x7f) | 0x80);
  return Uint8Array.from([...head, rest]);
}

/** Offsets of one own label: field start and end, name start and end, value start and end. */
const WORDS = LABEL_WORDS;

/** A copy of one series' own labels, and where the added ones go between them. */
export class OwnLabels {
  readonly #affected: readonly Uint8Array[];
  readonly #added: readonly AddedLabel[];
  #bytes = new Uint8Array(1024);
  #words = new Int32Array(32 * WORDS);
  #length = 0;
  /** Number of own labels. */
  count = 0;
  /** Bytes of all label fields, added ones included. */
  encodedBytes = 0;

  constructor(rewrite: LabelRewrite) {
    this.#affected = rewrite.affected.map((name) => Buffer.from(name));
    this.#added = rewrite.added;
  }

  /** Takes the own labels of the series that was parsed last. */
  load(bytes: Uint8Array, series: ChunkedSeries): void {
    this.count = 0;
    this.#length = 0;
    const { labels } = series;
    const end = series.labelCount * WORDS;
    let runStart = 0;
    let runEnd = 0;
    for (let word = 0; word < end; word += WORDS) {
      if (!this.#isOwn(bytes, labels, word)) continue;
      const fieldStart = labels[word] as number;
      if (fieldStart !== runEnd) {
        this.#copy(bytes, runStart, runEnd);
        runStart = fieldStart;
      }
      runEnd = labels[word + 1] as number;
      this.#note(labels, word, this.#length - runStart);
    }
    this.#copy(bytes, runStart, runEnd);
    this.encodedBytes = this.#length;
    for (const { field } of this.#added) this.encodedBytes += field.length;
  }

  /** Writes all labels, the added ones in their places; returns the offset behind them. */
  write(target: Uint8Array, offset: number): number {
    let at = offset;
    let from = 0;
    let next = 0;
    for (const { name, field } of this.#added) {
      while (next < this.count && this.#nameOrder(next, name) < 0) next++;
      const until = next < this.count ? (this.#words[next * WORDS] as number) : this.#length;
      if (until > from) target.set(this.#bytes.subarray(from, until), at);
      at += until - from;
      target.set(field, at);
      at += field.length;
      from = until;
    }
    target.set(this.#bytes.subarray(from, this.#length), at);
    return at + this.#length - from;
  }

  /** Negative, 0 or positive as these labels come before, equal or come after the others. */
  compare(other: OwnLabels): number {
    const both = Math.min(this.count, other.count);
    for (let label = 0; label < both; label++) {
      const order = this.#compareAt(other, label, 2) || this.#compareAt(other, label, 4);
      if (order !== 0) return order;
    }
    return this.count - other.count;
  }

  /**
   * Whether adding labels reverses the order of this series and a later one: this one's labels are the beginning
   * of the other's, whose next label comes before the first that is added behind this one's last.
   */
  isOvertakenBy(later: OwnLabels): boolean {
    if (later.count <= this.count) return false;
    for (let label = 0; label < this.count; label++) {
      if (this.#compareAt(later, label, 2) || this.#compareAt(later, label, 4)) return false;
    }
    const behind = this.#added.find(({ name }) => this.count === 0 || this.#lastNameIsBelow(name));
    return behind !== undefined && later.#nameOrder(this.count, behind.name) < 0;
  }

  /** The own labels as texts. */
  decode(texts: TextCache): Labels {
    const labels: string[] = [];
    for (let word = 0; word < this.count * WORDS; word += WORDS) {
      for (const part of [2, 4]) {
        const start = this.#words[word + part] as number;
        labels.push(texts.decode(this.#bytes, start, this.#words[word + part + 1] as number));
      }
    }
    return labels;
  }

  /** Neither empty, which means absent, nor of a name that the rewriting decides about. */
  #isOwn(bytes: Uint8Array, labels: Int32Array, word: number): boolean {
    if (labels[word + 4] === labels[word + 5]) return false;
    const start = labels[word + 2] as number;
    const length = (labels[word + 3] as number) - start;
    for (const name of this.#affected) {
      if (name.length !== length) continue;
      let i = 0;
      while (i < length && bytes[start + i] === name[i]) i++;
      if (i === length) return false;
    }
    return true;
  }

  #note(labels: Int32Array, word: number, shift: number): void {
    const base = this.count++ * WORDS;
    if (base + WORDS > this.#words.length) {
      const larger = new Int32Array(2 * this.#words.length);
      larger.set(this.#words);
      this.#words = larger;
    }
    for (let i = 0; i < WORDS; i++) this.#words[base + i] = (labels[word + i] as number) + shift;
  }

  #copy(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.#length + end - start;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(2 * needed);
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes.subarray(start, end), this.#length);
    this.#length = needed;
  }

  #lastNameIsBelow(name: Uint8Array): boolean {
    return this.#nameOrder(this.count - 1, name) < 0;
  }

  #nameOrder(label: number, name: Uint8Array): number {
    const start = this.#words[label * WORDS + 2] as number;
    const length = (this.#words[label * WORDS + 3] as number) - start;
    const both = Math.min(length, name.length);
    for (let i = 0; i < both; i++) {
      const order = (this.#bytes[start + i] as number) - (name[i] as number);
      if (order !== 0) return order;
    }
    return length - name.length;
  }

  /** Order of the name (part 2) or value (part 4) of one label in both sets. */
  #compareAt(other: OwnLabels, label: number, part: number): number {
    const word = label * WORDS + part;
    const [a, b] = [this.#bytes, other.#bytes];
    const aStart = this.#words[word] as number;
    const aLength = (this.#words[word + 1] as number) - aStart;
    const bStart = other.#words[word] as number;
    const bLength = (other.#words[word + 1] as number) - bStart;
    const both = Math.min(aLength, bLength);
    for (let i = 0; i < both; i++) {
      const order = (a[aStart + i] as number) - (b[bStart + i] as number);
      if (order !== 0) return order;
    }
    return aLength - bLength;
  }
}

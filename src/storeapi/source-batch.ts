/**
 * Packs encoded series into SeriesResponse messages without copying them again. A series is written once into
 * a slab, as the field `0a length series`: alone it is the message SeriesResponse{series}, and several of them
 * behind `22 length` are SeriesResponse{batch}. Messages are views of slabs, not written again before they are sent.
 *
 *   slab:  …│ room for 22 length │ 0a … │ 0a … │ 0a … │ room …
 */
import { varintBytes, writeVarint } from '../wire/varint.ts';
import type { SendSlabs } from './send-slabs.ts';

const FIRST_SLAB_BYTES = 1 << 14;
const SLAB_BYTES_MAX = 1 << 20;
/** A batch is closed once it is as large: the peer can start on it while the next one is filled. */
const BATCH_BYTES = 1 << 18;
/** `22` and a length of up to five bytes. */
const ROOM_BYTES = 6;

const SERIES = 0x0a;
const BATCH = 0x22;

export class SeriesBatch {
  readonly #seriesMax: number;
  readonly #slabs: SendSlabs;
  #slab: Uint8Array = new Uint8Array(0);
  /** Where the open batch's first series begins, the room lies before it. */
  #start = 0;
  #at = 0;
  /** Ends of the series in the open batch. */
  #ends: number[] = [];
  #messages: Uint8Array[] = [];
  #messageBytes = 0;

  /**
   * @param seriesMax most series in one message; 0 and 1 give single series.
   * @param slabs is to be told when messages have been sent, if ever.
   */
  constructor(seriesMax: number, slabs: SendSlabs) {
    this.#seriesMax = Math.max(1, seriesMax);
    this.#slabs = slabs;
  }

  /** The slab that #open gave room in. */
  get bytes(): Uint8Array {
    return this.#slab;
  }

  /** Bytes in finished messages that have not been taken. */
  get waitingBytes(): number {
    return this.#messageBytes;
  }

  /** Series in the open batch. */
  get openSeries(): number {
    return this.#ends.length;
  }

  /** Whether the open batch should become a message before another series is added. */
  get isFull(): boolean {
    return this.#ends.length >= this.#seriesMax || this.#at - this.#start >= BATCH_BYTES;
  }

  /**
   * Begins a series of exactly the given size and returns the offset in `bytes` where it is to be written.
   * @param keep how many of the last series must stay open, for `takeBack`.
   */
  add(sizeBytes: number, keep: number = 0): number {
    const head = 1 + varintBytes(sizeBytes);
    if (this.#at + head + sizeBytes > this.#slab.length) this.#nextSlab(head + sizeBytes, keep);
    this.#slab[this.#at] = SERIES;
    const content = writeVarint(this.#slab, this.#at + 1, sizeBytes);
    this.#at = content + sizeBytes;
    this.#ends.push(this.#at);
    return content;
  }

  /** Takes the last series out of the open batch again; their fields are copies. */
  takeBack(count: number): Uint8Array[] {
    const taken: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      const from = this.#ends.at(-2) ?? this.#start;
      taken.unshift(Uint8Array.prototype.slice.call(this.#slab, from, this.#at));
      this.#ends.pop();
      this.#at = from;
    }
    return taken;
  }

  /** Adds the field of one series that was encoded before. */
  addField(field: Uint8Array): void {
    if (this.#at + field.length > this.#slab.length) this.#nextSlab(field.length, 0);
    this.#slab.set(field, this.#at);
    this.#at += field.length;
    this.#ends.push(this.#at);
  }

  /** Makes the open batch a message. */
  close(): void {
    this.#close(this.#ends.length);
  }

  /** The finished messages. */
  take(): Uint8Array[] {
    const taken = this.#messages;
    this.#messages = [];
    this.#messageBytes = 0;
    return taken;
  }

  #close(count: number): void {
    if (count === 0) return;
    const end = this.#ends[count - 1] as number;
    if (this.#seriesMax > 1) this.#pushBatch(end);
    else this.#pushSingles(count);
    this.#start = Math.min(end + ROOM_BYTES, this.#slab.length);
    this.#ends.splice(0, count);
    this.#at = this.#start;
  }

  #pushBatch(end: number): void {
    const length = end - this.#start;
    const head = this.#start - 1 - varintBytes(length);
    this.#slab[head] = BATCH;
    writeVarint(this.#slab, head + 1, length);
    this.#push(head, end);
  }

  #pushSingles(count: number): void {
    let from = this.#start;
    for (let i = 0; i < count; i++) {
      const end = this.#ends[i] as number;
      this.#push(from, end);
      from = end;
    }
  }

  #push(start: number, end: number): void {
    this.#messages.push(this.#slab.subarray(start, end));
    this.#slabs.hold(this.#slab);
    this.#messageBytes += end - start;
  }

  /** Closes the open batch but for the series to keep, which move to the new slab. */
  #nextSlab(sizeBytes: number, keep: number): void {
    const kept = this.#ends.length - keep;
    const from = kept === 0 ? this.#start : (this.#ends[kept - 1] as number);
    const moved = this.#slab.subarray(from, this.#at);
    const ends = this.#ends.slice(kept).map((end) => end - from + ROOM_BYTES);
    this.#close(kept);
    const wanted = Math.min(Math.max(2 * this.#slab.length, FIRST_SLAB_BYTES), SLAB_BYTES_MAX);
    const needed = ROOM_BYTES + moved.length + sizeBytes;
    const full = this.#slab;
    this.#slab = this.#slabs.take(Math.max(wanted, needed));
    this.#slab.set(moved, ROOM_BYTES);
    this.#slabs.filled(full);
    this.#start = ROOM_BYTES;
    this.#at = ROOM_BYTES + moved.length;
    this.#ends = ends;
  }
}

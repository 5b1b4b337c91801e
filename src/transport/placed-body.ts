/** Answers that are read to their end into memory of the caller, in one piece. */
import { OperationError } from '../base/errors.ts';
import type { AnswerHead, BodySink } from './body-sink.ts';

/** Where a body may be put as it comes. */
export interface BodyPlace {
  /** Of the body as it is sent. */
  readonly bytesMax: number;
  /** What the request fails with when the body is longer. */
  readonly tooLong: () => Error;
  /** Memory for at least so many bytes; the caller is not asked for less than before. */
  room(bytes: number): Uint8Array;
}

/** The body of an answer other than 200 is empty: nobody wants to read it in one piece. */
export interface WholeAnswer extends AnswerHead {
  readonly body: Uint8Array;
}

/** Of a body that nobody reads. */
const IGNORED_BYTES_MAX = 65_536;

/** Of memory of its own each time: who gets it may give that away. */
const empty = (): Uint8Array => new Uint8Array(0);

/** Puts a body at its place and tells once what has become of it. */
export class PlacedBody implements BodySink {
  readonly #place: BodyPlace;
  readonly #onAnswer: (answer: WholeAnswer) => void;
  readonly #onFailure: (error: Error) => void;
  #head: AnswerHead | undefined;
  #memory: Uint8Array = empty();
  #length = 0;

  constructor(
    place: BodyPlace,
    onAnswer: (answer: WholeAnswer) => void,
    onFailure: (error: Error) => void,
  ) {
    this.#place = place;
    this.#onAnswer = onAnswer;
    this.#onFailure = onFailure;
  }

  head(head: AnswerHead): void {
    this.#head = head;
    const length = Number(head.headers.get('content-length') ?? 0);
    if (head.status === 200 && length > 0) this.#makeRoom(length);
  }

  room(bytes: number): Uint8Array | undefined {
    const free = this.#memory.length - this.#length;
    if (this.#head?.status !== 200 || free === 0) return undefined;
    return this.#memory.subarray(this.#length, this.#length + Math.min(bytes, free));
  }

  data(bytes: Uint8Array, start: number, end: number): boolean {
    const count = end - start;
    if (this.#head?.status === 200) this.#keep(bytes, start, end);
    this.#length += count;
    if (this.#head?.status !== 200 && this.#length > IGNORED_BYTES_MAX) {
      this.#tell();
      throw new OperationError('limit', 'nobody reads the rest of the body');
    }
    return true;
  }

  end(): void {
    this.#tell();
  }

  fail(error: Error): void {
    this.#onFailure(error);
  }

  #keep(bytes: Uint8Array, start: number, end: number): void {
    const length = this.#length + end - start;
    if (length > this.#memory.length || length > this.#place.bytesMax) this.#makeRoom(length);
    const { buffer, byteOffset } = this.#memory;
    const isThere =
      bytes.buffer === buffer && bytes.byteOffset + start === byteOffset + this.#length;
    if (!isThere) this.#memory.set(bytes.subarray(start, end), this.#length);
  }

  #makeRoom(bytes: number): void {
    if (bytes > this.#place.bytesMax) throw this.#place.tooLong();
    const before = this.#memory;
    this.#memory = this.#place.room(bytes);
    if (this.#memory !== before) this.#memory.set(before.subarray(0, this.#length));
  }

  #tell(): void {
    if (this.#head === undefined) return;
    const body = this.#head.status === 200 ? this.#memory.subarray(0, this.#length) : empty();
    this.#onAnswer({ ...this.#head, body });
  }
}

/** Puts a body that comes in pieces at a place. Throws what the place says when it is too long. */
export async function placeParts(
  parts: AsyncIterable<Uint8Array>,
  place: BodyPlace,
): Promise<Uint8Array> {
  let body: Uint8Array = empty();
  const sink = new PlacedBody(
    place,
    (answer) => {
      body = answer.body;
    },
    () => undefined,
  );
  sink.head({ status: 200, headers: new Map() });
  for await (const part of parts) sink.data(part, 0, part.length);
  sink.end();
  return body;
}

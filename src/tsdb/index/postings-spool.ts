/**
 * Which series has which label pairs, in the order of the series: a stream of words that is walked a few times when
 * the postings are made. What does not fit in memory goes to a file beside the index.
 */
import { assert } from '../../base/assert.ts';
import type { FileSystem, ReadableFile, WritableFile } from '../../base/file-system.ts';

const PIECE_WORDS = 1 << 18;

/**
 * A record: the series' reference, which is never 0, the number of its pairs, the pairs. None is cut by the end of a
 * piece; 0 fills what is left of it.
 */
export class PostingsSpool implements Disposable {
  readonly #files: FileSystem;
  readonly #path: string;
  readonly #piecesInMemory: number;
  readonly #pieces: Uint32Array[] = [];
  #piece = new Uint32Array(PIECE_WORDS);
  #used = 0;
  #file: WritableFile | undefined;

  constructor(files: FileSystem, path: string, piecesInMemory: number) {
    this.#files = files;
    this.#path = path;
    this.#piecesInMemory = piecesInMemory;
  }

  /** As many calls of `add` must follow as there are pairs. */
  begin(reference: number, pairs: number): void {
    assert(pairs + 2 <= PIECE_WORDS, `a series of ${pairs} labels`);
    if (this.#used + 2 + pairs > PIECE_WORDS) this.#finishPiece();
    this.#piece[this.#used] = reference;
    this.#piece[this.#used + 1] = pairs;
    this.#used += 2;
  }

  add(pair: number): void {
    this.#piece[this.#used++] = pair;
  }

  /** All words so far, in pieces that are valid until the next one. */
  *pieces(): Generator<Uint32Array> {
    yield* this.#pieces;
    if (this.#file !== undefined) {
      using file = this.#files.open(this.#path);
      yield* readPieces(file, this.#file.sizeBytes);
    }
    yield this.#piece.subarray(0, this.#used);
  }

  #finishPiece(): void {
    this.#piece.fill(0, this.#used);
    this.#used = 0;
    if (this.#pieces.length < this.#piecesInMemory) {
      this.#pieces.push(this.#piece);
      this.#piece = new Uint32Array(PIECE_WORDS);
      return;
    }
    this.#file ??= this.#files.openToWrite(this.#path);
    this.#file.write(new Uint8Array(this.#piece.buffer));
  }

  /** Removes the file, if there is one. */
  [Symbol.dispose](): void {
    if (this.#file === undefined) return;
    this.#file[Symbol.dispose]();
    this.#files.remove(this.#path);
  }
}

function* readPieces(file: ReadableFile, sizeBytes: number): Generator<Uint32Array> {
  const piece = new Uint32Array(PIECE_WORDS);
  const bytes = new Uint8Array(piece.buffer);
  for (let at = 0; at < sizeBytes; at += bytes.length) {
    file.read(bytes, at);
    yield piece;
  }
}

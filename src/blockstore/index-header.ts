/**
 * Index-header, version 1: a small file with what is needed of a block's index to find postings and to name symbols,
 * built without downloading the index. Source: docs/formats/index-header.md.
 */
import { crc32c } from '@node-rs/crc32';
import { OperationError } from '../base/errors.ts';
import type { FileSystem, ReadableFile, WritableFile } from '../base/file-system.ts';
import type { Bucket, ByteRange, CallOptions } from '../objstore/bucket.ts';
import { type ListRange, PostingsTable } from '../tsdb/index/postings-table.ts';
import { damaged } from '../tsdb/index/section.ts';
import { openSymbols, type Symbols } from '../tsdb/index/symbols.ts';
import {
  checkIndexSize,
  INDEX_HEADER_BYTES,
  INDEX_TOC_BYTES,
  parseToc,
  type Toc,
} from '../tsdb/index/toc.ts';
import { type PageCache, PagedFile } from '../tsdb/page-cache.ts';

export const INDEX_HEADER_FILE = 'index-header';

const MAGIC = 0xbaaad792;
const VERSION = 1;
/** Magic, two versions, offset of the postings offset table in the index. */
const HEAD_BYTES = 14;
/** Two offsets and a CRC. */
const FOOT_BYTES = 20;
/** Read from the bucket at a time. */
const PIECE_BYTES = 16 * 1024 * 1024;

export interface BuildTarget {
  readonly files: FileSystem;
  /** Of the header; its directory is made. */
  readonly path: string;
}

/**
 * Builds the header of the index that is the object `name`. Readers see it whole or not at all; at most two pieces of
 * 16 MiB are in memory. Throws OperationError 'corrupt' for an index that is none, else as bucket and file system.
 */
export async function buildIndexHeader(
  bucket: Bucket,
  name: string,
  { files, path }: BuildTarget,
  options: CallOptions = {},
): Promise<void> {
  const { sizeBytes } = await bucket.attributes(name, options);
  const index = { path: name, sizeBytes };
  checkIndexSize(index);
  const read = async (range: ByteRange): Promise<Buffer> => {
    const bytes = await bucket.readRange(name, range, options);
    if (bytes.length === range.length)
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    throw damaged(
      index,
      'index',
      range.offset,
      `it ends after ${bytes.length} of ${range.length} bytes`,
    );
  };
  const toc = parseToc(
    index,
    ...(await Promise.all([
      read({ offset: 0, length: INDEX_HEADER_BYTES }),
      read({ offset: sizeBytes - INDEX_TOC_BYTES, length: INDEX_TOC_BYTES }),
    ])),
  );
  if (toc.series < toc.symbols) {
    throw damaged(index, 'table of contents', sizeBytes - INDEX_TOC_BYTES, 'series before symbols');
  }
  files.makeDirectory(path.slice(0, path.lastIndexOf('/')));
  const draft = `${path}.tmp`;
  files.remove(draft);
  using file = files.openToWrite(draft);
  await writeHeader(file, { toc, sizeBytes, read });
  file.sync();
  files.rename(draft, path);
}

interface SourceIndex {
  readonly toc: Toc;
  readonly sizeBytes: number;
  read(range: ByteRange): Promise<Buffer>;
}

async function writeHeader(
  file: WritableFile,
  { toc, sizeBytes, read }: SourceIndex,
): Promise<void> {
  const { version, symbols, series, postingsTable } = toc;
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(MAGIC, 0);
  head[4] = VERSION;
  head[5] = version;
  head.writeBigUInt64BE(BigInt(postingsTable), 6);
  file.write(head);
  const foot = Buffer.alloc(FOOT_BYTES);
  foot.writeBigUInt64BE(BigInt(file.sizeBytes), 0);
  foot.writeBigUInt64BE(BigInt(file.sizeBytes + series - symbols), 8);
  foot.writeUInt32BE(crc32c(foot.subarray(0, 16)), 16);
  const pieces = [...piecesOf(symbols, series), ...piecesOf(postingsTable, sizeBytes)];
  await copyPieces(file, pieces, read);
  file.write(foot);
}

function* piecesOf(start: number, end: number): Generator<ByteRange> {
  for (let offset = start; offset < end; offset += PIECE_BYTES) {
    yield { offset, length: Math.min(PIECE_BYTES, end - offset) };
  }
}

/** The next piece is on its way while one is written. */
async function copyPieces(
  file: WritableFile,
  pieces: readonly ByteRange[],
  read: SourceIndex['read'],
): Promise<void> {
  let ahead = readAhead(pieces[0], read);
  for (let i = 0; i < pieces.length; i++) {
    const current = ahead;
    ahead = readAhead(pieces[i + 1], read);
    const piece = await current;
    if (piece?.status === 'rejected') throw piece.reason;
    if (piece !== undefined) file.write(piece.value);
  }
}

/** What fails is told when its turn comes. */
async function readAhead(
  range: ByteRange | undefined,
  read: SourceIndex['read'],
): Promise<PromiseSettledResult<Buffer> | undefined> {
  if (range === undefined) return undefined;
  const [result] = await Promise.allSettled([read(range)]);
  return result;
}

export class IndexHeader implements Disposable {
  readonly #paged: PagedFile;
  readonly #symbols: Symbols;
  readonly #table: PostingsTable;
  /** Of the index: 1, or 2. */
  readonly indexVersion: number;

  /** Takes the file over: disposing closes it. Reads it through once. Throws OperationError 'corrupt'. */
  constructor(file: ReadableFile, cache: PageCache) {
    const { indexVersion, symbols, postingsTable, listsEnd } = readEnds(file);
    this.indexVersion = indexVersion;
    this.#paged = new PagedFile(file, cache);
    const symbolsPlace = { offset: symbols, indexOffset: INDEX_HEADER_BYTES };
    this.#symbols = openSymbols(this.#paged, symbolsPlace, indexVersion);
    const tablePlace = { offset: postingsTable, listsEnd };
    this.#table = new PostingsTable(this.#paged, tablePlace, indexVersion);
  }

  /** Ascending. */
  labelNames(): string[] {
    return this.#table.names();
  }

  /** Where the list of a label pair is in the index; ('', '') is all series. */
  postings(name: string, value: string): ListRange | undefined {
    return this.#table.find(name, value);
  }

  /** Visits the values of a name that start with a prefix, ascending, with where their lists are in the index. */
  eachValue(name: string, prefix: string, visit: (value: string, list: ListRange) => void): void {
    this.#table.eachRange(name, prefix, visit);
  }

  /** What a series entry of the index calls so. Throws OperationError 'corrupt' if there is no such symbol. */
  symbol(reference: number): string {
    return this.#symbols.lookup(reference);
  }

  [Symbol.dispose](): void {
    this.#paged[Symbol.dispose]();
  }
}

/** Throws OperationError 'not-found' or 'corrupt'; then no file is left open. */
export function openIndexHeader(files: FileSystem, path: string, cache: PageCache): IndexHeader {
  const file = files.open(path);
  try {
    return new IndexHeader(file, cache);
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}

interface HeaderEnds {
  readonly indexVersion: number;
  readonly symbols: number;
  readonly postingsTable: number;
  readonly listsEnd: number;
}

function readEnds(file: ReadableFile): HeaderEnds {
  const { path, sizeBytes } = file;
  if (sizeBytes < HEAD_BYTES + FOOT_BYTES) {
    const message = `cannot read ${path}: ${sizeBytes} bytes is no index-header`;
    throw new OperationError('corrupt', message);
  }
  const head = Buffer.alloc(HEAD_BYTES);
  file.read(head, 0);
  const foot = Buffer.alloc(FOOT_BYTES);
  const footOffset = sizeBytes - FOOT_BYTES;
  file.read(foot, footOffset);
  const magic = head.readUInt32BE(0);
  if (magic !== MAGIC) throw damaged(file, 'header', 0, `magic number ${magic.toString(16)}`);
  if (head[4] !== VERSION) throw damaged(file, 'header', 4, `unknown version ${head[4]}`);
  const indexVersion = head[5] as number;
  if (indexVersion < 1 || indexVersion > 2) {
    throw damaged(file, 'header', 5, `unknown version ${indexVersion} of the index`);
  }
  const crc = crc32c(foot.subarray(0, 16));
  const stored = foot.readUInt32BE(16);
  if (stored !== crc) {
    throw damaged(file, 'table of contents', footOffset, `its CRC is ${crc}, ${stored} is stored`);
  }
  return {
    indexVersion,
    symbols: Number(foot.readBigUInt64BE(0)),
    postingsTable: Number(foot.readBigUInt64BE(8)),
    listsEnd: Number(head.readBigUInt64BE(6)),
  };
}

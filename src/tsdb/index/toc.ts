/** Head and foot of an index file: magic and version, table of contents. Source: docs/formats/index.md. */
import { crc32c } from '@node-rs/crc32';
import { OperationError } from '../../base/errors.ts';
import type { ReadableFile } from '../../base/file-system.ts';
import { ByteCursor } from '../byte-cursor.ts';
import type { ByteSink } from '../byte-sink.ts';
import { damaged } from './section.ts';

export const INDEX_MAGIC = 0xbaaad700;
export const INDEX_HEADER_BYTES = 5;
export const INDEX_TOC_BYTES = 52;

/** File offsets of the sections that are used. */
export interface Sections {
  readonly symbols: number;
  readonly series: number;
  /** First byte after the series. */
  readonly seriesEnd: number;
  readonly postingsTable: number;
}

export interface Toc extends Sections {
  /** 1, or 2 (a file of version 3 is read as one of version 2). */
  readonly version: number;
}

/** An index that may lie elsewhere than in a file; `path` is for messages. */
export interface IndexObject {
  readonly path: string;
  readonly sizeBytes: number;
}

export function readToc(file: ReadableFile): Toc {
  checkIndexSize(file);
  const head = Buffer.alloc(INDEX_HEADER_BYTES);
  file.read(head, 0);
  const toc = Buffer.alloc(INDEX_TOC_BYTES);
  file.read(toc, file.sizeBytes - INDEX_TOC_BYTES);
  return parseToc(file, head, toc);
}

/** Throws OperationError 'corrupt' if there is no room for head and foot. */
export function checkIndexSize({ path, sizeBytes }: IndexObject): void {
  if (sizeBytes >= INDEX_HEADER_BYTES + INDEX_TOC_BYTES) return;
  throw new OperationError('corrupt', `cannot read ${path}: ${sizeBytes} bytes is no index`);
}

/** From the first 5 and the last 52 bytes. Throws OperationError 'corrupt'. */
export function parseToc(file: IndexObject, head: Buffer, toc: Buffer): Toc {
  const magic = head.readUInt32BE(0);
  const version = head[4] as number;
  if (magic !== INDEX_MAGIC) throw damaged(file, 'header', 0, `magic number ${magic.toString(16)}`);
  if (version < 1 || version > 3) throw damaged(file, 'header', 4, `unknown version ${version}`);
  const crc = crc32c(toc.subarray(0, INDEX_TOC_BYTES - 4));
  const stored = toc.readUInt32BE(INDEX_TOC_BYTES - 4);
  if (stored !== crc) {
    const tocOffset = file.sizeBytes - INDEX_TOC_BYTES;
    throw damaged(file, 'table of contents', tocOffset, `its CRC is ${crc}, ${stored} is stored`);
  }
  return parseOffsets(file, toc, Math.min(version, 2));
}

function parseOffsets(file: IndexObject, toc: Buffer, version: number): Toc {
  const cursor = new ByteCursor(toc);
  const offsets = Array.from({ length: 6 }, () => cursor.u64());
  const [symbols = 0, series = 0, labelIndices = 0, , postings = 0, postingsTable = 0] = offsets;
  const last = file.sizeBytes - INDEX_TOC_BYTES;
  if (offsets.some((offset) => offset > last) || symbols === 0 || postingsTable === 0) {
    throw damaged(file, 'table of contents', last, `impossible offsets ${offsets.join(', ')}`);
  }
  // The sections in between may be absent: the series end where the next one that is there begins.
  const after = [labelIndices, postings, postingsTable].filter((offset) => offset >= series);
  return { version, symbols, series, seriesEnd: Math.min(...after), postingsTable };
}

/** The obsolete sections are written as empty: they lie where the next one starts. */
export function writeToc(
  sink: ByteSink,
  { symbols, series, seriesEnd, postingsTable }: Sections,
): void {
  sink.beginCrc();
  for (const offset of [symbols, series, seriesEnd, postingsTable, seriesEnd, postingsTable]) {
    sink.u64(offset);
  }
  sink.endCrc();
}

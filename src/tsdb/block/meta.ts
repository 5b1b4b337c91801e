/** A block's meta.json. Source: docs/formats/meta-json.md. */
import { errorText, OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';

export interface BlockMeta {
  readonly ulid: string;
  /** Milliseconds, inclusive. */
  readonly minTime: number;
  /** Milliseconds, exclusive. */
  readonly maxTime: number;
  readonly stats: BlockStats;
  readonly compaction: BlockCompaction;
  /** Everything that the file holds, for who writes it again: unknown members must survive. */
  readonly document: Readonly<Record<string, unknown>>;
}

export interface BlockStats {
  readonly numSamples: number;
  readonly numFloatSamples: number;
  readonly numHistogramSamples: number;
  readonly numSeries: number;
  readonly numChunks: number;
  /** Deleted stretches of series. */
  readonly numTombstones: number;
}

export interface BlockCompaction {
  /** 1 for what came from a head. */
  readonly level: number;
  /** ULIDs of the level-1 blocks in it, ascending. */
  readonly sources: readonly string[];
  /** Blocks that it was made of and that it replaces. */
  readonly parents: readonly BlockParent[];
  /** Nothing is left of it: it may go. */
  readonly deletable: boolean;
  /** It could not be compacted: it is not tried again with its neighbours. */
  readonly failed: boolean;
  readonly hints: readonly string[];
}

export interface BlockParent {
  readonly ulid: string;
  readonly minTime: number;
  readonly maxTime: number;
}

export const NO_STATS: BlockStats = {
  numSamples: 0,
  numFloatSamples: 0,
  numHistogramSamples: 0,
  numSeries: 0,
  numChunks: 0,
  numTombstones: 0,
};

const VERSION = 1;
const FILE = 'meta.json';

/** Throws OperationError: 'not-found' where there is no such file, 'corrupt' naming the member that is wrong. */
export function readBlockMeta(files: FileSystem, directory: string): BlockMeta {
  const path = `${directory}/${FILE}`;
  const text = new TextDecoder().decode(files.readFile(path));
  const document = parseDocument(path, text);
  if (document.version !== VERSION) {
    throw damaged(path, `version is ${JSON.stringify(document.version)}, ${VERSION} can be read`);
  }
  const meta = {
    ulid: textMember(path, document, 'ulid'),
    minTime: timeMember(path, document, 'minTime'),
    maxTime: timeMember(path, document, 'maxTime'),
    stats: parseStats(document.stats),
    compaction: parseCompaction(document.compaction),
    document,
  };
  if (meta.maxTime < meta.minTime) {
    throw damaged(path, `maxTime ${meta.maxTime} lies before minTime ${meta.minTime}`);
  }
  return meta;
}

/**
 * Writes the file anew, so that readers see the old or the new one. Members of `document` that are not among those of
 * this type stay as they are.
 */
export function writeBlockMeta(files: FileSystem, directory: string, meta: BlockMeta): void {
  const { ulid, minTime, maxTime, stats, compaction, document } = meta;
  const known = {
    ulid,
    minTime,
    maxTime,
    stats: replaceMembers(document.stats, stats),
    compaction: replaceMembers(document.compaction, compaction),
    version: VERSION,
  };
  const text = JSON.stringify({ ...known, ...document, ...known }, undefined, '\t');
  files.writeFileAtomic(`${directory}/${FILE}`, new TextEncoder().encode(text));
}

/** As Prometheus writes them: members that are zero, false or empty are absent. */
function replaceMembers(before: unknown, members: object): Record<string, unknown> {
  const isFilled = (value: unknown): boolean =>
    Array.isArray(value) ? value.length > 0 : value !== 0 && value !== false;
  const others = Object.entries(record(before)).filter(([name]) => !(name in members));
  const filled = Object.entries(members).filter(([, value]) => isFilled(value));
  return Object.fromEntries([...filled, ...others]);
}

function parseDocument(path: string, text: string): Record<string, unknown> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw damaged(path, `it is no JSON: ${errorText(error)}`);
  }
  if (!isRecord(document)) throw damaged(path, 'it holds no object');
  return document;
}

function parseStats(value: unknown): BlockStats {
  const members = record(value);
  const names = Object.keys(NO_STATS) as (keyof BlockStats)[];
  const found = names.map((name) => [name, count(members[name])] as const);
  return Object.fromEntries(found) as unknown as BlockStats;
}

function count(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** What is absent or strange counts for nothing: these are notes of a compactor, no data. */
function parseCompaction(value: unknown): BlockCompaction {
  const { level, sources, parents, deletable, failed, hints } = record(value);
  return {
    level: typeof level === 'number' ? level : 1,
    sources: texts(sources),
    parents: list(parents).flatMap(parseParent),
    deletable: deletable === true,
    failed: failed === true,
    hints: texts(hints),
  };
}

function parseParent(value: unknown): BlockParent[] {
  const { ulid, minTime, maxTime } = record(value);
  if (typeof ulid !== 'string') return [];
  return [{ ulid, minTime: count(minTime), maxTime: count(maxTime) }];
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): readonly string[] {
  return list(value).filter((item) => typeof item === 'string');
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textMember(path: string, document: Record<string, unknown>, name: string): string {
  const value = document[name];
  if (typeof value !== 'string' || value === '') throw damaged(path, `${name} is no text`);
  return value;
}

function timeMember(path: string, document: Record<string, unknown>, name: string): number {
  const value = document[name];
  if (!Number.isSafeInteger(value)) throw damaged(path, `${name} is no time in milliseconds`);
  return value as number;
}

function damaged(path: string, how: string): OperationError {
  return new OperationError('corrupt', `cannot read ${path}: ${how}`);
}

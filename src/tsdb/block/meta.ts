/** A block's meta.json. Source: docs/formats/meta-json.md. */
import { errorText, OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';
import { countOf, isRecord, listOf, recordOf, textsOf } from './json-members.ts';

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
/** Go's encoding/json writes these as escapes. */
const ESCAPED_BY_GO = /[<>&\u2028\u2029]/g;

/** Throws OperationError: 'not-found' where there is no such file, 'corrupt' naming the member that is wrong. */
export function readBlockMeta(files: FileSystem, directory: string): BlockMeta {
  const path = `${directory}/${FILE}`;
  return parseBlockMeta(files.readFile(path), path);
}

/** Of the bytes of a meta.json, wherever they are from. Throws OperationError 'corrupt' naming the path and the member. */
export function parseBlockMeta(bytes: Uint8Array, path: string): BlockMeta {
  const document = parseDocument(path, new TextDecoder().decode(bytes));
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
  files.writeFileAtomic(`${directory}/${FILE}`, printBlockMeta(meta));
}

/** What writeBlockMeta writes: members in Prometheus' order, then the others, indented by tabs. */
export function printBlockMeta(meta: BlockMeta): Uint8Array {
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
  return new TextEncoder().encode(text.replace(ESCAPED_BY_GO, escapeCharacter));
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** As Prometheus writes them: members that are zero, false or empty are absent. */
function replaceMembers(before: unknown, members: object): Record<string, unknown> {
  const isFilled = (value: unknown): boolean =>
    Array.isArray(value) ? value.length > 0 : value !== 0 && value !== false;
  const others = Object.entries(recordOf(before)).filter(([name]) => !(name in members));
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
  const members = recordOf(value);
  const names = Object.keys(NO_STATS) as (keyof BlockStats)[];
  const found = names.map((name) => [name, countOf(members[name])] as const);
  return Object.fromEntries(found) as unknown as BlockStats;
}

/** What is absent or strange counts for nothing: these are notes of a compactor, no data. */
function parseCompaction(value: unknown): BlockCompaction {
  const { level, sources, parents, deletable, failed, hints } = recordOf(value);
  return {
    level: typeof level === 'number' ? level : 1,
    sources: textsOf(sources),
    parents: listOf(parents).flatMap(parseParent),
    deletable: deletable === true,
    failed: failed === true,
    hints: textsOf(hints),
  };
}

function parseParent(value: unknown): BlockParent[] {
  const { ulid, minTime, maxTime } = recordOf(value);
  if (typeof ulid !== 'string') return [];
  return [{ ulid, minTime: countOf(minTime), maxTime: countOf(maxTime) }];
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

/** A block's meta.json. Source: docs/formats/meta-json.md. */
import { errorText, OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';

export interface BlockMeta {
  readonly ulid: string;
  /** Milliseconds, inclusive. */
  readonly minTime: number;
  /** Milliseconds, exclusive. */
  readonly maxTime: number;
  readonly compactionLevel: number;
  /** Everything that the file holds, for who writes it again: unknown members must survive. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** Throws OperationError: 'not-found' where there is no such file, 'corrupt' naming the member that is wrong. */
export function readBlockMeta(files: FileSystem, directory: string): BlockMeta {
  const path = `${directory}/meta.json`;
  const text = new TextDecoder().decode(files.readFile(path));
  const document = parseDocument(path, text);
  if (document.version !== 1) {
    throw damaged(path, `version is ${JSON.stringify(document.version)}, 1 can be read`);
  }
  const compaction = isRecord(document.compaction) ? document.compaction : {};
  const meta = {
    ulid: textMember(path, document, 'ulid'),
    minTime: timeMember(path, document, 'minTime'),
    maxTime: timeMember(path, document, 'maxTime'),
    compactionLevel: typeof compaction.level === 'number' ? compaction.level : 1,
    document,
  };
  if (meta.maxTime < meta.minTime) {
    throw damaged(path, `maxTime ${meta.maxTime} lies before minTime ${meta.minTime}`);
  }
  return meta;
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

import { OperationError } from '../../base/errors.ts';
import type { Position } from './ast.ts';

/** A query that is not PromQL. The message reads as Prometheus' API shows it: `1:5: parse error: …`. */
export class ParseError extends OperationError {
  readonly position: Position;
  /** The message without its position. */
  readonly text: string;

  constructor(query: Uint8Array, position: Position, text: string) {
    super('bad-data', `${lineAndColumn(query, position.start)}: parse error: ${text}`);
    this.name = 'ParseError';
    this.position = position;
    this.text = text;
  }
}

const NEWLINE = 10;

/** `line:column` of a byte offset, both from 1; the column counts bytes. */
export function lineAndColumn(query: Uint8Array, offset: number): string {
  if (query.length === 0) return 'unknown position';
  let line = 1;
  let lineStart = 0;
  for (let i = 0; i < offset; i++) {
    if (query[i] !== NEWLINE) continue;
    line++;
    lineStart = i + 1;
  }
  return `${line}:${offset - lineStart + 1}`;
}

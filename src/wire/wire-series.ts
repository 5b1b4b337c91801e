/** Series as they lie in a received message: labels decoded, chunks where they are. */
import type { Labels } from '../model/labels.ts';
import { compareText, makeLabels } from '../model/labels.ts';
import type { ProtobufReader } from './protobuf-reader.ts';
import type { TextCache } from './text-cache.ts';

export interface WireSeries {
  readonly labels: Labels;
  readonly chunks: readonly WireChunk[];
}

/** What a chunk of StoreAPI holds, in the order of AggrChunk's fields from 3. */
export const AGGREGATES: readonly Aggregate[] = ['raw', 'count', 'sum', 'min', 'max', 'counter'];
export type Aggregate = 'raw' | 'count' | 'sum' | 'min' | 'max' | 'counter';

/** One encoded chunk: bytes[offset, offset + length). */
export interface WireChunk {
  /** Inclusive milliseconds. */
  readonly minTime: number;
  readonly maxTime: number;
  readonly aggregate: Aggregate;
  /** Numbers of chunk files: 1 XOR, 2 histogram, 3 float histogram. */
  readonly encoding: number;
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly length: number;
}

/** A label message ({1 name, 2 value}) in the reader's current field is appended to the pairs. */
export function readLabel(reader: ProtobufReader, texts: TextCache, pairs: string[]): void {
  const outer = reader.enter();
  let name = '';
  let value = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) name = readText(reader, texts);
    else if (field === 2) value = readText(reader, texts);
    else reader.skip();
  }
  reader.leave(outer);
  pairs.push(name, value);
}

export function readText(reader: ProtobufReader, texts: TextCache): string {
  const outer = reader.enter();
  const text = texts.decode(reader.bytes, reader.at, reader.end);
  reader.leave(outer);
  return text;
}

/** The pairs as they came are nearly always in order; if not, they are put in order. */
export function toLabels(pairs: readonly string[]): Labels {
  for (let i = 0; i < pairs.length; i += 2) {
    const isAscending = i === 0 || compareText(pairs[i - 2] as string, pairs[i] as string) < 0;
    if (!isAscending || pairs[i + 1] === '') return repaired(pairs);
  }
  return pairs;
}

function repaired(pairs: readonly string[]): Labels {
  const list: [string, string][] = [];
  for (let i = 0; i < pairs.length; i += 2) list.push([pairs[i] as string, pairs[i + 1] as string]);
  return makeLabels(list);
}

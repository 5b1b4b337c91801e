/** Readers of single fields, each with what it is when nothing is written. */
import type { YamlValue } from '../base/yaml.ts';
import { parseByteSize } from './byte-size.ts';
import { parseDuration } from './duration.ts';

type Given = YamlValue | undefined;

export function textOf(value: Given, absent = ''): string {
  return value?.text() ?? absent;
}

export function flagOf(value: Given, absent = false): boolean {
  return value?.boolean() ?? absent;
}

/** A whole number that is not negative. */
export function countOf(value: Given, absent = 0): number {
  const given = value?.number() ?? absent;
  if (!Number.isSafeInteger(given) || given < 0) {
    throw value?.fault('is not a whole number of at least 0');
  }
  return given;
}

/** Milliseconds. */
export function durationOf(value: Given, absentMs = 0): number {
  if (value === undefined) return absentMs;
  const durationMs = parseDuration(value.text());
  if (durationMs === undefined) throw value.fault('is not a duration such as 1m30s');
  return durationMs;
}

/** Bytes: a number, or a size such as 250MB, whose units are powers of 1024. */
export function bytesOf(value: Given, absent = 0): number {
  if (value === undefined) return absent;
  const text = value.text();
  const bytes = /^\d+$/.test(text) ? Number(text) : parseByteSize(text);
  if (bytes === undefined || bytes < 0) throw value.fault('is not a size such as 250MB');
  return bytes;
}

export function pairsOf(value: Given): readonly (readonly [string, string])[] {
  return value?.entries().map(([key, one]) => [key, one.isNull ? '' : one.text()] as const) ?? [];
}

/** One of these words, or the first of them. */
export function wordOf<const Word extends string>(value: Given, words: readonly Word[]): Word {
  if (value === undefined) return words[0];
  const given = value.text();
  const known = words.find((word) => word === given);
  if (known === undefined) throw value.fault(`is none of ${words.filter(Boolean).join(', ')}`);
  return known;
}

/** A text that has to be there; `reason` says what it is for. */
export function neededText(value: Given, of: YamlValue, reason: string): string {
  const given = textOf(value);
  if (given === '') throw (value ?? of).fault(reason);
  return given;
}

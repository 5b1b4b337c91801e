/**
 * Start timestamps in scripts: `metric{a="b"}@st -1m x3 …`, relative to the samples of the line that follows.
 * Items: `_`, `_xN`, `-1m`, `-1mx3`, `-1m+10sx3`, `-1m-10sx3`.
 */
import { OperationError } from '../../base/errors.ts';
import { parsePrometheusDuration } from '../../model/duration.ts';
import type { Labels } from '../../model/labels.ts';
import { parseMetric } from './series-notation.ts';

export interface StartTimeLine {
  readonly labels: Labels;
  /** Milliseconds relative to each sample, undefined where none is given. */
  readonly offsets: readonly (number | undefined)[];
}

/** The metric holds no blank and `@st` follows it at once. Undefined if the line is no such line. */
export function parseStartTimes(line: string): StartTimeLine | undefined {
  const [, metric, items] = /^(\S*)@st\s+(.*)$/.exec(line) ?? [];
  if (metric === undefined || items === undefined) return undefined;
  const offsets = items.split(/\s+/).flatMap(parseItem);
  return { labels: parseMetric(metric), offsets };
}

const DURATION = '(?:[+-]?\\d+[a-wyzA-Z]*)';
const ITEM = new RegExp(`^(${DURATION})(?:([+-])(${DURATION})(?=x))?(?:x(\\d+))?$`);

function parseItem(item: string): readonly (number | undefined)[] {
  const [, gaps] = /^_(?:x([1-9]\d*))?$/.exec(item) ?? [];
  if (item === '_' || gaps !== undefined) {
    return new Array<undefined>(Number(gaps ?? 1)).fill(undefined);
  }
  const [, first, sign, step, times] = ITEM.exec(item) ?? [];
  if (first === undefined) throw fault(item);
  const base = readDuration(first, item);
  const delta = step === undefined ? 0 : readDuration(step, item) * (sign === '-' ? -1 : 1);
  const length = times === undefined ? 1 : Number(times) + 1;
  return Array.from({ length }, (_, i) => base + i * delta);
}

function readDuration(text: string, item: string): number {
  const [, sign, magnitude = ''] = /^([+-]?)(.*)$/.exec(text) ?? [];
  const ms = parsePrometheusDuration(magnitude);
  if (ms === undefined) throw fault(item);
  return sign === '-' ? -ms : ms;
}

function fault(item: string): OperationError {
  const forms = '_, _x3, -1m, -1mx3 or -1m+10sx3';
  return new OperationError('bad-data', `invalid start timestamps ${item}, expected ${forms}`);
}

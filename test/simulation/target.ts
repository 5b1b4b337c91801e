/** Something with a page of metrics. What a page says depends on target, series and time alone, so that any value can be judged. */
import { type Labels, labelsOf } from '../../src/model/labels.ts';

export const METRIC = 'work_total';

export interface Target {
  readonly name: string;
  readonly labels: Labels;
  readonly seriesCount: number;
}

export function makeTarget(number: number, seriesCount: number): Target {
  const name = `target-${number}`;
  return { name, labels: labelsOf({ instance: name, job: 'work' }), seriesCount };
}

export function page({ name, seriesCount }: Target, timeMs: number): Uint8Array {
  const lines = Array.from(
    { length: seriesCount },
    (_, i) => `${METRIC}{part="${i}"} ${valueAt(name, i, timeMs)}`,
  );
  return new TextEncoder().encode(`# TYPE ${METRIC} counter\n${lines.join('\n')}\n`);
}

/** A whole number below 2^30 that another moment, series or target hardly ever shares. */
export function valueAt(name: string, part: number, timeMs: number): number {
  let hash = Math.imul(timeMs % 0x7fffffff, 0x9e3779b1) ^ Math.imul(part + 1, 0x85ebca6b);
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) & 0x3fffffff;
}

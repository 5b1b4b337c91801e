/** Series and samples of the row head-memory, the same for both sides: seven labels, a quarter of the values constant. */
import { type Labels, labelsOf } from '../src/model/labels.ts';

export const ROUNDS = 60;
export const INTERVAL_MS = 15_000;

export function seriesLabels(i: number): Labels {
  return labelsOf({
    __name__: `metric_${i % 100}`,
    cluster: 'eu-west-1',
    code: String(200 + (i % 5)),
    handler: `/api/v1/h${i % 1000}`,
    instance: `host-${Math.floor(i / 1000)}:9100`,
    job: 'node',
    pod: `pod-${Math.floor(i / 500)}-abcdef`,
  });
}

/** Counters, gauges of two decimals and of one, constants. */
export function nextValue(i: number, round: number, last: number): number {
  const kind = i % 8;
  if (kind < 3) return last + ((i * 31 + round * 17) % 7);
  if (kind < 5) return Math.round(last * 100 + ((i * round) % 13)) / 100;
  if (kind === 5) return ((i * 7919 + round * 104_729) % 100_000) / 10;
  return last;
}

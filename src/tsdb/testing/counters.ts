/** Counters of nine labels, scraped at whole intervals: the same for a block's golden bytes and for figures beside promtool. */
import { type Labels, makeLabels } from '../../model/labels.ts';

export const START_MS = 1_699_999_200_000;
export const INTERVAL_MS = 15_000;

export function counterLabels(i: number): Labels {
  return makeLabels([
    ['__name__', `metric_${i % 200}_total`],
    ['cluster', 'eu-west-1'],
    ['instance', `10.0.${(i >> 8) & 255}.${i & 255}:9100`],
    ['job', `job${i % 50}`],
    ['le', String(i % 17)],
    ['mode', `mode${i % 8}`],
    ['namespace', `ns${i % 100}`],
    ['pod', `pod-${i % 5000}-abcdef`],
    ['uid', `u${i}`],
  ]);
}

/** Of every counter at a scrape. */
export function counterValue(scrape: number): number {
  return scrape * 3 + Math.floor(Math.sin(scrape) * 3);
}

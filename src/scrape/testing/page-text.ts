/** A page that was read as text, one line an entry: what Prometheus' parsers say of it is printed the same way. */

import type { Kernel } from '../../base/kernel.ts';
import type { Span } from '../../model/histogram.ts';
import { makeLabels } from '../../model/labels.ts';
import { printLabels } from '../../model/labels-text.ts';
import { printGeneral } from '../../model/number-text.ts';
import { HAS_TIME } from '../page-rows.ts';
import type { PageHistogram, ScrapedPage } from '../scraped-page.ts';

/** Samples with labels, value, time and exemplars; at the end the error. */
export function pageText(kernel: Kernel, page: ScrapedPage): readonly string[] {
  const { rows } = page;
  const lines = Array.from({ length: rows.count }, (_, row) => {
    const histogram = page.histograms.get(row);
    const number = kernel.f64[(rows.columns.values >>> 3) + row];
    const value = histogram === undefined ? printGeneral(number) : histogramText(histogram);
    const hasTime = (rows.flags(row) & HAS_TIME) !== 0;
    const time = hasTime ? String(kernel.f64[(rows.columns.times >>> 3) + row]) : '-';
    const exemplars = (page.exemplars.get(row) ?? [])
      .filter(({ timeMs }) => histogram === undefined || timeMs !== undefined)
      .map(
        ({ labels, value: own, timeMs }) =>
          ` # ${printLabels(labels)} ${printGeneral(own)} ${timeMs ?? '-'}`,
      );
    return `${printLabels(makeLabels(page.labelPairs(row)))} ${value} ${time}${exemplars.join('')}`;
  });
  return page.fault === undefined ? lines : [...lines, `error ${page.fault.message}`];
}

const HINTS = { unknown: 0, reset: 1, not_reset: 2, gauge: 3 };

function histogramText({ histogram: h, isInteger }: PageHistogram): string {
  const spans = (list: readonly Span[]): string =>
    `[${list.map(({ offset, length }) => `{${offset} ${length}}`).join(' ')}]`;
  const numbers = (list: Float64Array): string => `[${[...list].map(printGeneral).join(' ')}]`;
  const parts = [
    isInteger ? 'int' : 'float',
    ...[h.schema, h.zeroThreshold, h.zeroCount, h.count, h.sum].map(printGeneral),
    ...[spans(h.positiveSpans), numbers(h.positiveBuckets)],
    ...[spans(h.negativeSpans), numbers(h.negativeBuckets)],
    numbers(h.customValues),
    `hint${HINTS[h.counterResetHint]}`,
  ];
  return parts.join(' ');
}

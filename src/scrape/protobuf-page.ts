/**
 * Pages in the delimited protobuf format: each message is preceded by its length. Samples come in the order and under
 * the names that the text formats would give them. Source: textparse/protobufparse.go of Prometheus 3.14.
 */
import { OperationError, toOperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import { quoteText } from '../model/labels-text.ts';
import type { MetricType } from '../model/metric-type.ts';
import { ProtobufReader } from '../wire/protobuf-reader.ts';
import { ClassicHistogram } from './custom-histogram.ts';
import { printBound } from './exposition-reader.ts';
import type { TargetSettings } from './ingest-port.ts';
import { PageList } from './listed-page.ts';
import { isNative, nativeHistogram } from './native-histogram.ts';
import type { PageMemory } from './page-rows.ts';
import {
  decodeFamily,
  decodeMetric,
  type MessageFamily,
  type MessageHistogram,
  type MessageMetric,
} from './protobuf-metric.ts';
import type { PageHistogram, ScrapedPage } from './scraped-page.ts';

type HistogramSettings = Pick<
  TargetSettings,
  'scrapeNativeHistograms' | 'alwaysScrapeClassicHistograms' | 'convertClassicHistogramsToNhcb'
>;

const TYPES: readonly MetricType[] = [
  'counter',
  'gauge',
  'summary',
  'unknown',
  'histogram',
  'gaugehistogram',
];

export function readProtobufPage(
  kernel: Kernel,
  bytes: Uint8Array,
  settings: HistogramSettings,
  memory: PageMemory | undefined,
): ScrapedPage {
  const page = new PageList();
  let fault: OperationError | undefined;
  try {
    const reader = new ProtobufReader('page of MetricFamily messages', bytes);
    for (let message = reader.nextDelimited(); message; message = reader.nextDelimited()) {
      addFamily(page, decodeFamily(message), settings);
    }
  } catch (error) {
    fault = toOperationError(error);
    if (fault.kind !== 'corrupt' && fault.kind !== 'bad-data') throw error;
  }
  return page.finish(kernel, memory, fault);
}

function addFamily(page: PageList, family: MessageFamily, settings: HistogramSettings): void {
  const { name, help, unit, metrics } = family;
  if (metrics.length === 0) return;
  const type = TYPES[family.type];
  if (name === '') throw new OperationError('bad-data', 'invalid metric name: ');
  if (type === undefined) {
    const about = `unknown metric type for metric ${quoteText(name)}: ${family.type}`;
    throw new OperationError('bad-data', about);
  }
  page.metadata.push({ kind: 'help', name, text: help });
  if (unit !== '') page.metadata.push({ kind: 'unit', name, text: unit });
  page.metadata.push({ kind: 'type', name, type });
  for (const bytes of metrics) {
    const metric = decodeMetric(bytes);
    if (type === 'summary') addSummary(page, name, metric);
    else if (type === 'histogram' || type === 'gaugehistogram') {
      addHistogram(page, { name, type }, metric, settings);
    } else {
      const exemplar = type === 'counter' ? metric.exemplar : undefined;
      add(page, name, metric, metric.value, { exemplar });
    }
  }
}

interface RowExtras {
  /** Name and value of a label that the format writes as a field. */
  readonly bound?: readonly [string, string];
  readonly exemplar?: MessageMetric['exemplar'];
  readonly exemplars?: MessageHistogram['exemplars'];
}

function add(
  page: PageList,
  name: string,
  metric: MessageMetric,
  value: number | PageHistogram,
  { bound, exemplar, exemplars }: RowExtras = {},
): void {
  const pairs = [['__name__', name], ...metric.labels] as [string, string][];
  if (bound !== undefined) pairs.push([...bound]);
  page.add({
    pairs,
    value,
    timeMs: metric.timeMs === 0 ? undefined : metric.timeMs,
    exemplars: exemplars ?? (exemplar === undefined ? [] : [exemplar]),
  });
}

function addSummary(page: PageList, name: string, metric: MessageMetric): void {
  const { count, sum, quantiles } = metric.summary;
  add(page, `${name}_count`, metric, count);
  add(page, `${name}_sum`, metric, sum);
  for (const { quantile, value } of quantiles) {
    add(page, name, metric, value, { bound: ['quantile', printBound(quantile)] });
  }
}

function addHistogram(
  page: PageList,
  { name, type }: { readonly name: string; readonly type: MetricType },
  metric: MessageMetric,
  settings: HistogramSettings,
): void {
  const { histogram } = metric;
  const hint = type === 'gaugehistogram' ? 'gauge' : 'unknown';
  const exemplars = nativeExemplars(histogram);
  if (settings.scrapeNativeHistograms && isNative(histogram)) {
    try {
      add(page, name, metric, nativeHistogram(histogram, hint), { exemplars });
    } catch (error) {
      const about = `histogram ${quoteText(name)}`;
      throw new OperationError('bad-data', about, { cause: error });
    }
    const isClassicToo = settings.alwaysScrapeClassicHistograms && histogram.buckets.length > 0;
    if (isClassicToo) addClassic(page, name, metric);
    return;
  }
  const isConverted = settings.convertClassicHistogramsToNhcb;
  if (!isConverted || settings.alwaysScrapeClassicHistograms) addClassic(page, name, metric);
  if (!isConverted) return;
  const classic = new ClassicHistogram();
  classic.setCount(countOf(histogram));
  classic.setSum(histogram.sum);
  for (const { bound, count } of histogram.buckets) classic.setBucket(bound, count);
  const converted = classic.convert(hint);
  if (converted === undefined) {
    const about = `histogram ${quoteText(name)} cannot get custom buckets: its counts contradict`;
    throw new OperationError('bad-data', `${about} each other`);
  }
  add(page, name, metric, converted, { exemplars });
}

function addClassic(page: PageList, name: string, metric: MessageMetric): void {
  const { histogram } = metric;
  const bucket = `${name}_bucket`;
  add(page, `${name}_count`, metric, countOf(histogram));
  add(page, `${name}_sum`, metric, histogram.sum);
  for (const { bound, count, exemplar } of histogram.buckets) {
    add(page, bucket, metric, count, { bound: ['le', printBound(bound)], exemplar });
    if (bound === Infinity) return;
  }
  add(page, bucket, metric, countOf(histogram), { bound: ['le', '+Inf'] });
}

function countOf({ count, countFloat }: MessageHistogram): number {
  return countFloat === 0 ? count : countFloat;
}

/** Those of the histogram, else those of its classic buckets; without a time they cannot be told from repetitions. */
function nativeExemplars({ exemplars, buckets }: MessageHistogram): MessageHistogram['exemplars'] {
  const given =
    exemplars.length > 0 ? exemplars : buckets.flatMap(({ exemplar }) => exemplar ?? []);
  return given.filter(({ timeMs }) => timeMs !== undefined);
}

/** Range queries over a day of blocks, one for each kind of work in the engine. */
import { BUCKETS, type DataSet, LENGTH_MS, SERIES_PER_INSTANCE } from '../data-set.ts';
import { queryRow } from '../query-row.ts';
import type { Row } from '../row.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function samplesOf(name: keyof typeof SERIES_PER_INSTANCE): (set: DataSet) => number {
  return (set) => (set.instances * SERIES_PER_INSTANCE[name] * LENGTH_MS) / set.intervalMs;
}

const bucketSamples = (set: DataSet): number =>
  (set.histogramInstances * BUCKETS * LENGTH_MS) / set.intervalMs;

export const queryRows: readonly Row[] = [
  queryRow({
    name: 'sum-by-rate',
    query: 'sum by (job) (rate(http_requests_total[5m]))',
    floor: 5,
    goal: 8,
    rangeMs: 5 * MINUTE_MS,
    work: samplesOf('http_requests_total'),
  }),
  queryRow({
    name: 'max-over-time',
    query: 'max by (job) (max_over_time(temp_celsius[1h]))',
    floor: 8,
    goal: 15,
    rangeMs: HOUR_MS,
    work: samplesOf('temp_celsius'),
  }),
  queryRow({
    name: 'sum-over-time',
    query: 'sum by (job) (sum_over_time(http_requests_total[1h]))',
    floor: 8,
    goal: 15,
    rangeMs: HOUR_MS,
    work: samplesOf('http_requests_total'),
  }),
  queryRow({
    name: 'avg-over-time',
    query: 'sum by (job) (avg_over_time(mem_bytes[6h]))',
    floor: 40,
    goal: 100,
    rangeMs: 6 * HOUR_MS,
    work: samplesOf('mem_bytes'),
  }),
  queryRow({
    name: 'quantile-over-time',
    query: 'max by (job) (quantile_over_time(0.9, temp_celsius[1h]))',
    floor: 25,
    goal: 40,
    rangeMs: HOUR_MS,
    work: samplesOf('temp_celsius'),
  }),
  queryRow({
    name: 'histogram-quantile',
    query: 'histogram_quantile(0.99, sum by (le) (rate(req_duration_seconds_bucket[5m])))',
    floor: 4,
    goal: 7,
    rangeMs: 5 * MINUTE_MS,
    work: bucketSamples,
  }),
  queryRow({
    name: 'topk',
    query: 'topk(5, rate(http_requests_total[5m]))',
    floor: 4,
    goal: 7,
    rangeMs: 5 * MINUTE_MS,
    byStep: true,
    work: samplesOf('http_requests_total'),
  }),
  queryRow({
    name: 'matrix-json',
    query: 'rate(http_requests_total[5m])',
    floor: 3,
    goal: 5,
    sizes: ['s', 'm'],
    rangeMs: 5 * MINUTE_MS,
    work: samplesOf('http_requests_total'),
  }),
];

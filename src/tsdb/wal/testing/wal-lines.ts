/**
 * Logs in a tiny notation, a record a line, for tests that write them and see what is replayed:
 *
 *   series 1 {a="b"}       sample 1 1000 2.5       histogram 1 1000 int|float schema=0 count=3 …
 *   delete 1 1000 2000     metadata 1 counter "help" "unit"       exemplar 1 1000 2 {trace="x"}
 */
import type { Kernel } from '../../../base/kernel.ts';
import type { FloatHistogram } from '../../../model/histogram.ts';
import type { Labels } from '../../../model/labels.ts';
import { printLabels } from '../../../model/labels-text.ts';
import type { FloatColumns, WalSink } from '../wal-records.ts';

/** A sample as it is logged: value bits as low and high half. */
export interface Sample {
  readonly ref: number;
  readonly time: number;
  readonly value: number;
}

/** Columns in the arena; release it after they were used. */
export function columnsOf(kernel: Kernel, samples: readonly Sample[]): FloatColumns {
  const count = samples.length;
  const [refs, times, values] = [0, 1, 2].map(() => kernel.arena.alloc(8 * count)) as [
    number,
    number,
    number,
  ];
  samples.forEach(({ ref, time, value }, i) => {
    kernel.f64[(refs >>> 3) + i] = ref;
    kernel.f64[(times >>> 3) + i] = time;
    kernel.f64[(values >>> 3) + i] = value;
  });
  return { refs, times, values, count };
}

export function seriesLine(ref: number, labels: Labels): string {
  return `series ${ref} ${printLabels(labels)}`;
}

export function sampleLine({ ref, time, value }: Sample): string {
  return `sample ${ref} ${time} ${Object.is(value, -0) ? '-0' : value}`;
}

/** Writes down what it is given. */
export function lineSink(kernel: Kernel, lines: string[]): WalSink {
  return {
    series(batch) {
      for (let i = 0; i < batch.count; i++) lines.push(seriesLine(batch.ref(i), batch.labels(i)));
    },
    samples({ refs, times, values, count }) {
      const { f64, u32 } = kernel;
      for (let i = 0; i < count; i++) {
        const isStale = u32[(values >>> 2) + 2 * i] === 2;
        const value = f64[(values >>> 3) + i] as number;
        const plain = Object.is(value, -0) ? '-0' : String(value);
        const text = Number.isNaN(value) && isStale ? 'stale' : plain;
        lines.push(`sample ${f64[(refs >>> 3) + i]} ${f64[(times >>> 3) + i]} ${text}`);
      }
    },
    histograms(records) {
      for (const { ref, timeMs, histogram, isInteger } of records) {
        const kind = isInteger ? 'int' : 'float';
        lines.push(`histogram ${ref} ${timeMs} ${kind} ${histogramText(histogram)}`);
      }
    },
    tombstones(records) {
      for (const { ref, minTime, maxTime } of records) {
        lines.push(`delete ${ref} ${minTime} ${maxTime}`);
      }
    },
    metadata(records) {
      for (const { ref, type, help, unit } of records) {
        lines.push(`metadata ${ref} ${type} ${JSON.stringify(help)} ${JSON.stringify(unit)}`);
      }
    },
    exemplars(records) {
      for (const { ref, exemplar } of records) {
        const { time, value, labels } = exemplar;
        lines.push(`exemplar ${ref} ${time} ${value} ${printLabels(labels)}`);
      }
    },
  };
}

function histogramText(histogram: FloatHistogram): string {
  if (histogram.stale) return 'stale';
  const spans = (all: FloatHistogram['positiveSpans']): string =>
    all.map(({ offset, length }) => `${offset}:${length}`).join(',');
  const { schema, zeroThreshold, zeroCount, count, sum, counterResetHint } = histogram;
  const head = `schema=${schema} zero=${zeroThreshold}:${zeroCount} count=${count} sum=${sum}`;
  const positive = `+[${spans(histogram.positiveSpans)}][${histogram.positiveBuckets}]`;
  const negative = `-[${spans(histogram.negativeSpans)}][${histogram.negativeBuckets}]`;
  const bounds = histogram.customValues.length > 0 ? ` bounds=${histogram.customValues}` : '';
  return `${head} hint=${counterResetHint} ${positive} ${negative}${bounds}`;
}

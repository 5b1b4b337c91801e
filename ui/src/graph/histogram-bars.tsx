/** A native histogram as small bars, one a bucket from the lowest to the highest, with its count and sum. */
import { useText } from '../text/use-text.ts';
import type { JsonHistogram } from './result-rows.ts';
import classes from './result-table.module.css';

const OPENING = ['(', '[', '(', '['];
const CLOSING = [']', ')', ')', ']'];
const WIDTH = 160;
const HEIGHT = 40;

export function HistogramBars({
  histogram,
}: {
  readonly histogram: JsonHistogram;
}): React.ReactNode {
  const text = useText().graph.table;
  const { count, sum, buckets = [] } = histogram;
  const most = Math.max(...buckets.map(([, , , inBucket]) => Number(inBucket)), 0);
  const wide = Math.min(WIDTH / Math.max(buckets.length, 1), 16);
  return (
    <span className={classes.histogram}>
      <svg
        role="img"
        aria-label={text.histogram(count, sum)}
        width={Math.max(buckets.length * wide, 1)}
        height={HEIGHT}
        className={classes.bars}
      >
        {buckets.map(([rule, lower, upper, inBucket], i) => {
          const high = most > 0 ? Math.max((Number(inBucket) / most) * HEIGHT, 1) : 0;
          return (
            <rect
              key={`${lower} ${upper}`}
              x={i * wide}
              y={HEIGHT - high}
              width={Math.max(wide - 1, 0.5)}
              height={high}
            >
              <title>{`${OPENING[rule]}${lower}, ${upper}${CLOSING[rule]}: ${inBucket}`}</title>
            </rect>
          );
        })}
      </svg>
      <span className={classes.histogramFacts}>
        <span>
          <span className={classes.quiet}>{text.count}</span> {count}
        </span>
        <span>
          <span className={classes.quiet}>{text.sum}</span> {sum}
        </span>
      </span>
    </span>
  );
}

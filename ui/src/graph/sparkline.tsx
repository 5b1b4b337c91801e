/** One series in the size of a word. */
import classes from './graph.module.css';
import { sparklinePath } from './sparkline-path.ts';

export interface SparklineProps {
  /** Ascending, in milliseconds. */
  readonly times: ArrayLike<number>;
  /** One a time; NaN is a gap. */
  readonly values: ArrayLike<number>;
  /** What it shows, for screen readers. */
  readonly label: string;
  readonly width?: number;
  readonly height?: number;
  /** A CSS colour. */
  readonly colour?: string;
}

export function Sparkline(props: SparklineProps): React.ReactNode {
  const { times, values, label, width = 120, height = 28, colour = 'var(--accent)' } = props;
  return (
    <svg className={classes.sparkline} role="img" aria-label={label} width={width} height={height}>
      <path
        d={sparklinePath(times, values, { width, height })}
        fill="none"
        stroke={colour}
        strokeWidth={1.5}
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
}

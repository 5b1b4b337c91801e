/** One line of the result table: a series with its value, or one of the many samples of a series. */
import { useFormats, useText } from '../text/use-text.ts';
import { HistogramBars } from './histogram-bars.tsx';
import type { Labels } from './matrix.ts';
import { compareText } from './palette.ts';
import type { Point, ResultRow, RowLine } from './result-rows.ts';
import classes from './result-table.module.css';

export interface ResultLineProps {
  readonly line: RowLine;
  readonly index: number;
  /** Of the labels that have columns; undefined where labels are text. */
  readonly names: readonly string[] | undefined;
  measure(element: HTMLElement | null): void;
  /** Asks for all samples of a row. */
  onOpen(row: number): void;
}

export function ResultLine(props: ResultLineProps): React.ReactNode {
  const { line, index, names, measure } = props;
  const { row, kind } = line;
  const isNamed = kind === 'single' || kind === 'head';
  return (
    <tr ref={measure} data-index={index} data-kind={kind} aria-rowindex={index + 2}>
      {isNamed ? <NameCells row={row} names={names} /> : null}
      <td className={classes.value} {...(isNamed ? {} : { colSpan: (names?.length ?? 1) + 1 })}>
        <LineValue {...props} />
      </td>
    </tr>
  );
}

function NameCells({
  row,
  names,
}: {
  readonly row: ResultRow;
  readonly names: readonly string[] | undefined;
}): React.ReactNode {
  if (names === undefined) {
    return (
      <td className={classes.name}>
        <SeriesText labels={row.labels} />
      </td>
    );
  }
  return names.map((name) => (
    <td key={name} className={classes.label} title={row.labels[name]}>
      {row.labels[name]}
    </td>
  ));
}

/** A series as PromQL writes it, its names quieter than its values. */
function SeriesText({ labels }: { readonly labels: Labels }): React.ReactNode {
  const names = Object.keys(labels).filter((name) => name !== '__name__');
  const metric = labels.__name__ ?? '';
  if (names.length === 0) return metric === '' ? '{}' : metric;
  return (
    <>
      {metric}
      {'{'}
      <wbr />
      {names.sort(compareText).map((name, i) => (
        <span key={name}>
          {i === 0 ? '' : ', '}
          <span className={classes.labelName}>{name}=</span>
          {JSON.stringify(labels[name])}
        </span>
      ))}
      {'}'}
    </>
  );
}

function LineValue({ line, onOpen }: ResultLineProps): React.ReactNode {
  const text = useText().graph;
  const formats = useFormats();
  const { row, kind, point } = line;
  const { length } = row.points;
  if (kind === 'head') {
    return <span className={classes.quiet}>{text.table.samples(formats.count(length))}</span>;
  }
  if (kind === 'more') {
    return (
      <button type="button" className={classes.copy} onClick={() => onOpen(row.index)}>
        {text.table.moreSamples(formats.count(length - point))}
      </button>
    );
  }
  if (row.points[point] === undefined) return null;
  return <PointValue point={row.points[point]} isTimed={kind === 'sample'} />;
}

function PointValue({
  point,
  isTimed,
}: {
  readonly point: Point;
  readonly isTimed: boolean;
}): React.ReactNode {
  const formats = useFormats();
  return (
    <>
      {point.histogram === undefined ? point.text : <HistogramBars histogram={point.histogram} />}
      {isTimed ? (
        <span className={classes.quiet} title={`@${point.timeMs / 1000}`}>
          {' @ '}
          {formats.time(point.timeMs)}
        </span>
      ) : null}
    </>
  );
}

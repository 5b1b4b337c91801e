/** The series of a graph as a table that selects: only the rows in sight are in the page. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { useFormats, useText } from '../text/use-text.ts';
import classes from './graph.module.css';
import type { SeriesFaces } from './graph-model.ts';
import type { Matrix, SeriesStats } from './matrix.ts';
import { type Selection, selectOnly, toggle } from './selection.ts';
import { seriesName } from './series-name.ts';
import { printValue, type Unit } from './unit.ts';

const ROW_PIXELS = 26;
/** Half a row more is seen where there are more: it tells that the list scrolls. */
const ROWS_SEEN_MAX = 8;
const FIGURES = ['min', 'max', 'avg', 'last'] as const;
type Figure = (typeof FIGURES)[number];

export interface LegendProps {
  readonly label: string;
  readonly matrix: Matrix;
  readonly faces: SeriesFaces;
  readonly palette: readonly string[];
  readonly unit: Unit;
  readonly shown: readonly number[];
  readonly selected: Selection;
  /** The series under the pointer on the graph, or -1. */
  readonly hovered: number;
  onSelect(selected: Selection): void;
  /** -1 when the pointer has left. */
  onHover(series: number): void;
}

interface Order {
  readonly figure: Figure;
  readonly descending: boolean;
}

export const Legend: React.NamedExoticComponent<LegendProps> = memo(function Legend(
  props: LegendProps,
): React.ReactNode {
  const { label, matrix } = props;
  const text = useText().graph;
  const [order, setOrder] = useState<Order>();
  const rows = useMemo(() => sortSeries(matrix, order), [matrix, order]);
  return (
    <section className={classes.legend} aria-label={text.legend(label)}>
      <LegendHead {...props} order={order} onOrder={setOrder} />
      <LegendRows {...props} rows={rows} />
    </section>
  );
});

function sortSeries({ series }: Matrix, order: Order | undefined): readonly number[] {
  const indexes = series.map((_, i) => i);
  if (order === undefined) return indexes;
  const sign = order.descending ? -1 : 1;
  const keyOf = (i: number): number => {
    const value = series[i].stats[order.figure];
    return Number.isNaN(value) ? Number.POSITIVE_INFINITY : sign * value;
  };
  return indexes.sort((a, b) => {
    const [x, y] = [keyOf(a), keyOf(b)];
    return x === y ? a - b : x < y ? -1 : 1;
  });
}

interface HeadProps extends LegendProps {
  readonly order: Order | undefined;
  onOrder(order: Order | undefined): void;
}

function LegendHead(props: HeadProps): React.ReactNode {
  const { matrix, shown, selected, order, onOrder, onSelect } = props;
  const text = useText().graph;
  const formats = useFormats();
  const all = matrix.series.length;
  const next = (figure: Figure): Order | undefined => {
    if (order?.figure !== figure) return { figure, descending: true };
    return order.descending ? { figure, descending: false } : undefined;
  };
  return (
    <div className={classes.legendHead}>
      <span className={classes.legendCount} title={text.legendHelp}>
        {selected === undefined || shown.length === all
          ? text.count(formats.count(all))
          : text.someShown(formats.count(shown.length), formats.count(all))}
        {selected === undefined ? null : (
          <button type="button" className={classes.link} onClick={() => onSelect(undefined)}>
            {text.showAll}
          </button>
        )}
      </span>
      {FIGURES.map((figure) => (
        <button
          key={figure}
          type="button"
          className={`${classes.figure} ${classes.sort}`}
          data-figure={figure}
          aria-label={text.table.sortBy(text[figure])}
          aria-pressed={order?.figure === figure}
          onClick={() => onOrder(next(figure))}
        >
          {text[figure]}
          <SortMark direction={order?.figure === figure ? order.descending : undefined} />
        </button>
      ))}
    </div>
  );
}

/** An arrow for the order; undefined keeps its place free. */
export function SortMark({
  direction,
}: {
  readonly direction: boolean | undefined;
}): React.ReactNode {
  return (
    <span aria-hidden="true" className={classes.sortMark}>
      {direction === undefined ? '' : direction ? '↓' : '↑'}
    </span>
  );
}

interface RowsProps extends LegendProps {
  readonly rows: readonly number[];
}

function LegendRows({ rows, ...props }: RowsProps): React.ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const { faces, selected, onSelect } = props;
  const [active, setActive] = useState(0);
  const wantsFocus = useRef(false);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PIXELS,
    overscan: 6,
  });
  useEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    scroller.current?.querySelector<HTMLElement>(`[data-row="${active}"]`)?.focus();
  });
  const go = (to: number): void => {
    const row = Math.min(Math.max(to, 0), rows.length - 1);
    wantsFocus.current = true;
    virtual.scrollToIndex(row);
    setActive(row);
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => go(active + 1),
    ArrowUp: () => go(active - 1),
    PageDown: () => go(active + ROWS_SEEN_MAX),
    PageUp: () => go(active - ROWS_SEEN_MAX),
    Home: () => go(0),
    End: () => go(rows.length - 1),
    Enter: () => onSelect(selectOnly(selected, faces.keys[rows[active]])),
    ' ': () => onSelect(toggle(selected, faces.keys[rows[active]], faces.keys)),
  };
  return (
    <div
      ref={scroller}
      className={classes.legendRows}
      style={{ height: Math.min(rows.length, ROWS_SEEN_MAX + 0.5) * ROW_PIXELS }}
      onPointerLeave={() => props.onHover(-1)}
    >
      <ul
        className={classes.legendList}
        style={{ height: virtual.getTotalSize() }}
        onKeyDown={(event) => {
          if (!(event.key in keys)) return;
          event.preventDefault();
          keys[event.key]();
        }}
      >
        {virtual.getVirtualItems().map(({ index, start }) => (
          <LegendRow
            key={rows[index]}
            {...props}
            series={rows[index]}
            row={index}
            rowCount={rows.length}
            top={start}
            isActive={index === Math.min(active, rows.length - 1)}
            onActive={() => setActive(index)}
          />
        ))}
      </ul>
    </div>
  );
}

interface RowProps extends LegendProps {
  readonly series: number;
  readonly row: number;
  readonly rowCount: number;
  readonly top: number;
  readonly isActive: boolean;
  onActive(): void;
}

function LegendRow(props: RowProps): React.ReactNode {
  const { matrix, faces, palette, unit, shown, selected, series, row } = props;
  const { labels, stats } = matrix.series[series];
  const key = faces.keys[series];
  const isShown = selected === undefined || selected.has(key) || shown.length === faces.keys.length;
  const colour = palette[faces.colours[series]];
  return (
    <li
      className={classes.legendRow}
      style={{ transform: `translateY(${props.top}px)` }}
      data-hovered={props.hovered === series}
      data-shown={isShown}
      aria-setsize={props.rowCount}
      aria-posinset={row + 1}
    >
      <button
        type="button"
        className={classes.legendName}
        data-row={row}
        tabIndex={props.isActive ? 0 : -1}
        aria-pressed={isShown}
        title={seriesName(labels)}
        onFocus={() => {
          props.onActive();
          props.onHover(series);
        }}
        onBlur={() => props.onHover(-1)}
        onPointerEnter={() => props.onHover(series)}
        onClick={(event) => {
          const isToggle = event.ctrlKey || event.metaKey;
          props.onSelect(isToggle ? toggle(selected, key, faces.keys) : selectOnly(selected, key));
        }}
      >
        <span className={classes.swatch} style={{ background: colour }} />
        <span className={classes.legendText}>{faces.names[series]}</span>
      </button>
      <Figures stats={stats} unit={unit} />
    </li>
  );
}

function Figures({
  stats,
  unit,
}: {
  readonly stats: SeriesStats;
  readonly unit: Unit;
}): React.ReactNode {
  return FIGURES.map((figure) => (
    <span key={figure} className={classes.figure} data-figure={figure}>
      {stats.count === 0 ? '–' : printValue(stats[figure], unit)}
    </span>
  ));
}

/** The answer of an instant query as a table: any number of series, of which only those in sight are in the page. */
import { SegmentedControl } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useDeferredValue, useMemo, useRef, useState } from 'react';
import { copyText } from '../parts/copy-button.tsx';
import { SearchInput } from '../parts/search-input.tsx';
import { filterRows, nextOrder, type SortOrder, sortRows } from '../parts/table-rows.ts';
import { useFormats, useText } from '../text/use-text.ts';
import { SortMark } from './legend.tsx';
import { ResultLine } from './result-line.tsx';
import {
  BY_NAME,
  BY_VALUE,
  columnOfLabel,
  columnsOf,
  type InstantResult,
  labelNames,
  linesOf,
  printRows,
  type ResultRow,
  rowsOf,
} from './result-rows.ts';
import classes from './result-table.module.css';

export interface ResultTableProps {
  readonly result: InstantResult;
  /** What was asked, for screen readers. */
  readonly label: string;
  /** At most so high, in CSS pixels; more scrolls. */
  readonly height?: number;
}

const HEIGHT = 560;
const LINE_PIXELS = 29;
const HISTOGRAM_PIXELS = 84;
/** A filter for fewer rows is only in the way. */
const FILTER_FROM_ROWS = 6;

export function ResultTable({ result, label, height = HEIGHT }: ResultTableProps): React.ReactNode {
  const text = useText().graph;
  const rows = useMemo(() => rowsOf(result), [result]);
  const names = useMemo(() => labelNames(rows), [rows]);
  const [order, setOrder] = useState<SortOrder>();
  const [filter, setFilter] = useState('');
  const [layout, setLayout] = useState<'text' | 'columns'>('text');
  const wanted = useDeferredValue(filter);
  const shown = useMemo(() => {
    const columns = columnsOf(names);
    return sortRows(filterRows(rows, columns.slice(0, 1), wanted), columns, order);
  }, [rows, names, wanted, order]);
  if (result.resultType === 'scalar' || result.resultType === 'string') {
    const [{ points }] = rows;
    return (
      <dl className={classes.single}>
        <dt>{result.resultType === 'scalar' ? text.table.scalar : text.table.string}</dt>
        <dd>{points[0].text}</dd>
      </dl>
    );
  }
  if (rows.length === 0) return <p className={classes.note}>{text.table.emptyResult}</p>;
  return (
    <div className={classes.result}>
      <Tools {...{ rows, shown, filter, setFilter, layout, setLayout }} />
      {shown.length === 0 ? (
        <p className={classes.note}>{text.table.nothingMatches}</p>
      ) : (
        <Rows
          label={label}
          height={height}
          rows={shown}
          names={layout === 'columns' ? names : undefined}
          order={order}
          onOrder={setOrder}
        />
      )}
    </div>
  );
}

interface ToolsProps {
  readonly rows: readonly ResultRow[];
  readonly shown: readonly ResultRow[];
  readonly filter: string;
  setFilter(filter: string): void;
  readonly layout: 'text' | 'columns';
  setLayout(layout: 'text' | 'columns'): void;
}

function Tools(props: ToolsProps): React.ReactNode {
  const { rows, shown, filter, setFilter, layout, setLayout } = props;
  const text = useText().graph.table;
  const formats = useFormats();
  const all = formats.count(rows.length);
  return (
    <div className={classes.tools}>
      {rows.length >= FILTER_FROM_ROWS ? (
        <div className={classes.filter}>
          <SearchInput label={text.filter} value={filter} onChange={setFilter} />
        </div>
      ) : null}
      <span className={classes.count} role="status">
        {shown.length === rows.length
          ? text.rows(all)
          : text.someRows(formats.count(shown.length), all)}
      </span>
      <span className={classes.right}>
        <SegmentedControl
          size="xs"
          aria-label={text.layout}
          value={layout}
          onChange={setLayout}
          data={[
            { value: 'text', label: text.asText },
            { value: 'columns', label: text.asColumns },
          ]}
        />
        <CopyRows name={text.copyCsv} print={() => printRows(shown, 'csv')} />
        <CopyRows name={text.copyTsv} print={() => printRows(shown, 'tsv')} />
      </span>
    </div>
  );
}

/** Prints the rows only when they are copied. */
function CopyRows({ name, print }: { readonly name: string; print(): string }): React.ReactNode {
  const text = useText();
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  const copy = (): void => {
    copyText(print()).then(
      () => setState('copied'),
      () => setState('failed'),
    );
  };
  const shown = { idle: name, copied: text.parts.copied, failed: text.graph.copyFailed };
  return (
    <button
      type="button"
      className={classes.copy}
      onBlur={() => setState('idle')}
      onPointerLeave={() => setState('idle')}
      onClick={copy}
    >
      <span aria-hidden="true" className={classes.copyWidth}>
        {name}
      </span>
      <span role="status">{shown[state]}</span>
    </button>
  );
}

interface RowsProps {
  readonly label: string;
  readonly height: number;
  readonly rows: readonly ResultRow[];
  /** Of the labels that have columns; undefined where labels are text. */
  readonly names: readonly string[] | undefined;
  readonly order: SortOrder | undefined;
  onOrder(order: SortOrder | undefined): void;
}

function Rows({ label, height, rows, names, order, onOrder }: RowsProps): React.ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const lines = useMemo(() => linesOf(rows, opened), [rows, opened]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: (i) =>
      lines[i].row.points[lines[i].point]?.histogram === undefined ? LINE_PIXELS : HISTOGRAM_PIXELS,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const widths = useMemo(() => columnWidths(rows, names), [rows, names]);
  return (
    <section
      ref={scroller}
      className={classes.scroller}
      style={{ maxHeight: height }}
      aria-label={label}
    >
      <table
        className={classes.table}
        aria-rowcount={lines.length + 1}
        style={{ minWidth: names === undefined ? '100%' : `${sum(widths) + 32}ch` }}
      >
        <colgroup>
          {widths.map((width, i) => (
            <col
              key={names?.[i] ?? ''}
              style={names === undefined ? {} : { width: `${width}ch` }}
            />
          ))}
          <col className={classes.valueColumn} />
        </colgroup>
        <Head names={names} order={order} onOrder={onOrder} />
        <tbody>
          <Spacer height={before} />
          {items.map(({ index }) => (
            <ResultLine
              key={`${lines[index].row.index} ${lines[index].kind} ${lines[index].point}`}
              measure={virtual.measureElement}
              index={index}
              line={lines[index]}
              names={names}
              onOpen={(row) => setOpened(new Set([...opened, row]))}
            />
          ))}
          <Spacer height={after} />
        </tbody>
      </table>
    </section>
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

const WIDTH_MIN = 8;
const WIDTH_MAX = 40;
/** Enough to know how wide a column is. */
const ROWS_MEASURED = 500;

/** In characters. */
function columnWidths(
  rows: readonly ResultRow[],
  names: readonly string[] | undefined,
): readonly number[] {
  if (names === undefined) return [0];
  return names.map((name) => {
    let longest = name.length + 2;
    for (const { labels } of rows.slice(0, ROWS_MEASURED)) {
      longest = Math.max(longest, labels[name]?.length ?? 0);
    }
    return Math.min(Math.max(longest + 3, WIDTH_MIN), WIDTH_MAX);
  });
}

/** Stands for the rows that are out of sight. */
function Spacer({ height }: { readonly height: number }): React.ReactNode {
  if (height <= 0) return null;
  return (
    <tr>
      <td className={classes.spacer} style={{ height }} />
    </tr>
  );
}

function Head({
  names,
  order,
  onOrder,
}: Pick<RowsProps, 'names' | 'order' | 'onOrder'>): React.ReactNode {
  const text = useText().graph;
  const columns =
    names === undefined
      ? [{ id: BY_NAME, title: text.series }]
      : names.map((name) => ({
          id: columnOfLabel(name),
          title: name === '__name__' ? text.table.metric : name,
        }));
  return (
    <thead>
      <tr>
        {[...columns, { id: BY_VALUE, title: text.value }].map(({ id, title }) => (
          <th
            key={id}
            scope="col"
            className={id === BY_VALUE ? classes.value : ''}
            aria-sort={
              order?.column === id ? (order.isDescending ? 'descending' : 'ascending') : 'none'
            }
          >
            <button
              type="button"
              className={classes.sort}
              title={text.table.sortBy(title)}
              onClick={() => onOrder(nextOrder(order, id, id === BY_VALUE))}
            >
              {title}
              <SortMark direction={order?.column === id ? order.isDescending : undefined} />
            </button>
          </th>
        ))}
      </tr>
    </thead>
  );
}

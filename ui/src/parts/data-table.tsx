/**
 * A table that sorts, searches and stays fluid with ten thousand rows: it scrolls with the page, its header stays in
 * sight, and only rows near the window exist. In a narrow window each row becomes a card.
 */
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useDeferredValue, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useFormats, useText } from '../text/use-text.ts';
import styles from './data-table.module.css';
import { EmptyNote } from './empty-note.tsx';
import { ChevronIcon, SortIcon } from './icons.tsx';
import { SearchInput } from './search-input.tsx';
import { filterRows, nextOrder, type SortOrder, sortRows, type ValueColumn } from './table-rows.ts';

export interface TableColumn<Row> extends ValueColumn<Row> {
  readonly header: string;
  /** What is shown; by default the value. */
  readonly cell?: (row: Row) => React.ReactNode;
  /** Numbers stand at the right. */
  readonly align?: 'left' | 'right';
  /** A CSS width such as `8rem` or `30%`; columns without one share what is left. */
  readonly width?: string;
  readonly isSortable?: boolean;
}

export interface DataTableProps<Row> {
  /** Says what the rows are, to who does not see them. */
  readonly label: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  /** Unique among the rows. */
  readonly rowKey: (row: Row) => string;
  readonly initialSort?: SortOrder;
  /** Puts a search field and the number of rows above the table. */
  readonly isSearchable?: boolean;
  /** A search that stands elsewhere. */
  readonly filter?: string;
  /** Shown under a row that is opened. */
  readonly details?: (row: Row) => React.ReactNode;
  /** In place of the table when there are no rows. */
  readonly empty?: React.ReactNode;
}

/** Below this many rows all of them exist: the browser's own search finds each. */
const VIRTUAL_FROM_ROWS = 200;
const ROW_HEIGHT = 37;

export function DataTable<Row>(props: DataTableProps<Row>): React.ReactNode {
  const { columns, rows, initialSort, isSearchable = false, filter = '', empty } = props;
  const text = useText().parts;
  const formats = useFormats();
  const [typed, setTyped] = useState('');
  const [order, setOrder] = useState(initialSort);
  const search = useDeferredValue(`${filter} ${typed}`.trim());
  const shown = useMemo(
    () => sortRows(filterRows(rows, columns, search), columns, order),
    [rows, columns, search, order],
  );
  if (rows.length === 0 && empty !== undefined) return empty;
  return (
    <div className={styles.frame}>
      {isSearchable && (
        <div className={styles.tools}>
          <SearchInput label={text.search} onChange={setTyped} value={typed} />
          <span aria-live="polite" className={styles.count}>
            {shown.length === rows.length
              ? formats.count(rows.length)
              : text.shownOf(formats.count(shown.length), formats.count(rows.length))}
          </span>
        </div>
      )}
      <TableOfRows {...props} order={order} setOrder={setOrder} shown={shown} />
      {shown.length === 0 && rows.length > 0 && <EmptyNote title={text.noMatch(search)} />}
    </div>
  );
}

interface ShownProps<Row> extends DataTableProps<Row> {
  readonly shown: readonly Row[];
  readonly order: SortOrder | undefined;
  readonly setOrder: (order: SortOrder | undefined) => void;
}

function TableOfRows<Row>(props: ShownProps<Row>): React.ReactNode {
  const { label, columns, shown, details } = props;
  const element = useRef<HTMLTableElement>(null);
  const { items, before, after, measure } = useVisibleRows(shown.length, element);
  const width = columns.length + (details === undefined ? 0 : 1);
  return (
    <table
      aria-label={label}
      aria-rowcount={shown.length + 1}
      className={styles.table}
      ref={element}
    >
      <colgroup>
        {details !== undefined && <col className={styles.toggleColumn} />}
        {columns.map(({ id, width }) => (
          <col key={id} style={width === undefined ? {} : { width }} />
        ))}
      </colgroup>
      <Head {...props} />
      {before > 0 && <Gap height={before} width={width} />}
      {items.map((i) => {
        const row = shown[i];
        return row === undefined ? null : (
          <BodyRow {...props} index={i} key={props.rowKey(row)} measure={measure} row={row} />
        );
      })}
      {after > 0 && <Gap height={after} width={width} />}
    </table>
  );
}

interface VisibleRows {
  readonly items: readonly number[];
  /** Pixels of the rows that do not exist. */
  readonly before: number;
  readonly after: number;
  readonly measure: ((element: HTMLElement | null) => void) | undefined;
}

function useVisibleRows(
  count: number,
  table: React.RefObject<HTMLTableElement | null>,
): VisibleRows {
  const isVirtual = count >= VIRTUAL_FROM_ROWS;
  const [top, setTop] = useState(0);
  // Where the table begins may change with anything above it.
  useLayoutEffect(() => {
    if (table.current === null || !isVirtual) return;
    const now = Math.round(table.current.getBoundingClientRect().top + window.scrollY);
    setTop((old) => (Math.abs(old - now) > 1 ? now : old));
  });
  const virtualizer = useWindowVirtualizer({
    count: isVirtual ? count : 0,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    scrollMargin: top,
  });
  if (!isVirtual) {
    return {
      items: Array.from({ length: count }, (_, i) => i),
      before: 0,
      after: 0,
      measure: undefined,
    };
  }
  const visible = virtualizer.getVirtualItems();
  const [first, last] = [visible[0], visible.at(-1)];
  return {
    items: visible.map(({ index }) => index),
    before: first === undefined ? 0 : first.start - top,
    after: virtualizer.getTotalSize() - (last === undefined ? 0 : last.end - top),
    measure: virtualizer.measureElement,
  };
}

function Gap({
  height,
  width,
}: {
  readonly height: number;
  readonly width: number;
}): React.ReactNode {
  return (
    <tbody aria-hidden="true">
      <tr>
        <td className={styles.gap} colSpan={width} style={{ height }} />
      </tr>
    </tbody>
  );
}

function Head<Row>({ columns, details, order, setOrder }: ShownProps<Row>): React.ReactNode {
  const text = useText().parts;
  return (
    <thead className={styles.head}>
      <tr>
        {details !== undefined && <td className={styles.toggleHead} />}
        {columns.map(({ id, header, align = 'left', isSortable = true }) => {
          const isSorted = order?.column === id;
          const direction = isSorted ? (order.isDescending ? 'descending' : 'ascending') : 'none';
          return (
            <th
              aria-sort={isSortable ? direction : undefined}
              data-align={align}
              data-fixed={!isSortable || undefined}
              key={id}
              scope="col"
            >
              {isSortable ? (
                <button
                  className={styles.sort}
                  onClick={() => setOrder(nextOrder(order, id, align === 'right'))}
                  title={`${text.sortBy}: ${header}`}
                  type="button"
                >
                  {header}
                  <span className={styles.sign} data-sorted={isSorted || undefined}>
                    <SortIcon
                      {...(isSorted ? { order: order.isDescending ? 'down' : 'up' } : {})}
                    />
                  </span>
                </button>
              ) : (
                header
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

interface BodyRowProps<Row> extends ShownProps<Row> {
  readonly row: Row;
  readonly index: number;
  readonly measure: ((element: HTMLElement | null) => void) | undefined;
}

/** A body of its own for each row, so that row and details are measured as one. */
function BodyRow<Row>(props: BodyRowProps<Row>): React.ReactNode {
  const { row, index, columns, details, measure, rowKey } = props;
  const text = useText().parts;
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const name = String(columns[0]?.value(row) ?? rowKey(row));
  return (
    <tbody className={styles.row} data-index={index} ref={measure}>
      <tr aria-rowindex={index + 2}>
        {details !== undefined && (
          <td className={styles.toggleCell}>
            <button
              aria-controls={isOpen ? id : undefined}
              aria-expanded={isOpen}
              aria-label={text.details(name)}
              className={styles.toggle}
              onClick={() => setOpen(!isOpen)}
              type="button"
            >
              <ChevronIcon />
            </button>
          </td>
        )}
        {columns.map((column) => (
          <td data-align={column.align ?? 'left'} data-label={column.header} key={column.id}>
            {column.cell === undefined ? String(column.value(row) ?? '') : column.cell(row)}
          </td>
        ))}
      </tr>
      {details !== undefined && isOpen && (
        <tr id={id}>
          <td className={styles.details} colSpan={columns.length + 1}>
            {details(row)}
          </td>
        </tr>
      )}
    </tbody>
  );
}

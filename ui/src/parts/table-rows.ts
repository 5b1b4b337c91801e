/** Which rows of a table are shown and in which order. */

export type CellValue = string | number | boolean | undefined;

export interface ValueColumn<Row> {
  readonly id: string;
  /** What the column is sorted and searched by. */
  readonly value: (row: Row) => CellValue;
}

export interface SortOrder {
  readonly column: string;
  readonly isDescending: boolean;
}

/** Rows in which each word of the text occurs in some column; upper and lower case are one. */
export function filterRows<Row>(
  rows: readonly Row[],
  columns: readonly ValueColumn<Row>[],
  text: string,
): readonly Row[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const values = columns.map(({ value }) => String(value(row) ?? '').toLowerCase());
    return words.every((word) => values.some((value) => value.includes(word)));
  });
}

/** Equal rows keep their order, rows without a value come last in both directions. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly ValueColumn<Row>[],
  order: SortOrder | undefined,
): readonly Row[] {
  const column = columns.find(({ id }) => id === order?.column);
  if (column === undefined) return rows;
  const sign = order?.isDescending === true ? -1 : 1;
  const keyed = rows.map((row) => ({ row, value: column.value(row) }));
  keyed.sort((a, b) => {
    if (isAbsent(a.value) || isAbsent(b.value))
      return Number(isAbsent(a.value)) - Number(isAbsent(b.value));
    return sign * compare(a.value, b.value);
  });
  return keyed.map(({ row }) => row);
}

function isAbsent(value: CellValue): value is undefined {
  return value === undefined || value === '' || Number.isNaN(value);
}

/** Numbers inside of texts count as numbers: `shard-9` is before `shard-10`. */
const TEXTS = new Intl.Collator('en', { numeric: true, sensitivity: 'variant' });

function compare(a: string | number | boolean, b: string | number | boolean): number {
  if (typeof a === 'string' || typeof b === 'string') return TEXTS.compare(String(a), String(b));
  return Number(a) - Number(b);
}

/** First press ascending (numbers descending), second the other way, third as the rows came. */
export function nextOrder(
  order: SortOrder | undefined,
  column: string,
  startsDescending: boolean,
): SortOrder | undefined {
  if (order?.column !== column) return { column, isDescending: startsDescending };
  if (order.isDescending === startsDescending) return { column, isDescending: !startsDescending };
  return undefined;
}

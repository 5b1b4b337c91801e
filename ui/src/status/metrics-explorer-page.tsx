/** The metrics explorer: every metric name with type, help, unit and how many series it has. */
import { NativeSelect } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useDeferredValue, useMemo } from 'react';
import { useApi } from '../data/use-api.ts';
import { DataTable, type TableColumn } from '../parts/data-table.tsx';
import { EmptyNote } from '../parts/empty-note.tsx';
import { PageTitle } from '../parts/headings.tsx';
import { SearchInput } from '../parts/search-input.tsx';
import type { Catalogue } from '../text/catalogue.ts';
import { type Formats, useFormats, useText } from '../text/use-text.ts';
import { Answered } from './answered.tsx';
import {
  countTypes,
  listMetrics,
  type Metric,
  type MetricMeta,
  searchMetrics,
} from './metric-list.ts';
import styles from './status.module.css';
import { useUrlField } from './url-field.ts';

interface Counts {
  readonly seriesCountByMetricName: readonly { readonly name: string; readonly value: number }[];
}

/** The most that servers tell. */
const COUNTED_METRICS = 10_000;
const FRESH_MS = 60_000;

export function Page(): React.ReactNode {
  const { status } = useText();
  const options = { freshMs: FRESH_MS };
  const names = useApi<readonly string[]>('/api/v1/label/__name__/values', {}, options);
  return (
    <>
      <PageTitle title={status.titles.metrics} />
      <Answered query={names}>{(list) => <Explorer names={list} />}</Answered>
    </>
  );
}

/** Types and counts may come later than the names, or never. */
function Explorer({ names }: { readonly names: readonly string[] }): React.ReactNode {
  const { status } = useText();
  const { metrics: text } = status;
  const options = { freshMs: FRESH_MS };
  const metadata = useApi<Readonly<Record<string, readonly MetricMeta[]>>>(
    '/api/v1/metadata',
    {},
    options,
  );
  const counts = useApi<Counts>('/api/v1/status/tsdb', { limit: COUNTED_METRICS }, options);
  const list = useMemo(
    () =>
      listMetrics(
        names,
        metadata.data?.data ?? {},
        counts.data?.data.seriesCountByMetricName ?? [],
      ),
    [names, metadata.data, counts.data],
  );
  const [words, setWords] = useUrlField('q');
  const [type, setType] = useUrlField('type');
  const search = useDeferredValue(words);
  const found = useMemo(() => searchMetrics(list, { words: search, type }), [list, search, type]);
  const formats = useFormats();
  const columns = useMemo(() => columnsOf(text, formats), [text, formats]);
  if (names.length === 0) return <EmptyNote title={text.none}>{text.noneHelp}</EmptyNote>;
  const [shown, all] = [formats.count(found.length), formats.count(names.length)];
  return (
    <>
      {metadata.error !== null && (
        <p className={styles.warnings}>
          {text.noMeta} {metadata.error.text || metadata.error.kind}
        </p>
      )}
      <div className={styles.tools}>
        <div className={styles.search}>
          <SearchInput label={text.searchHint} onChange={setWords} value={words} />
        </div>
        <NativeSelect
          aria-label={text.type}
          data={[
            { value: '', label: text.anyType },
            ...countTypes(list).map(([name, count]) => ({
              value: name,
              label: `${name === 'unknown' ? text.unknown : name} (${formats.count(count)})`,
            })),
          ]}
          onChange={(event) => setType(event.currentTarget.value)}
          value={type}
        />
        <span aria-live="polite" className={styles.count}>
          {found.length === names.length ? text.count(all) : status.shown(shown, all)}
        </span>
      </div>
      <DataTable
        columns={columns}
        empty={<EmptyNote title={status.noMatch} />}
        label={text.table}
        rowKey={({ name }) => name}
        rows={found}
      />
    </>
  );
}

function columnsOf(
  text: Catalogue['status']['metrics'],
  formats: Formats,
): readonly TableColumn<Metric>[] {
  return [
    {
      id: 'name',
      header: text.name,
      width: '36%',
      value: ({ name }) => name,
      cell: ({ name }) => (
        <Link
          className={`${styles.link} ${styles.code}`}
          search={{ 'g0.expr': name, 'g0.tab': '0' }}
          title={text.open(name)}
          to="/graph"
        >
          {name}
        </Link>
      ),
    },
    {
      id: 'type',
      header: text.type,
      width: '7rem',
      value: ({ type }) => type,
      cell: ({ type }) => type || text.unknown,
    },
    { id: 'unit', header: text.unit, width: '6rem', value: ({ unit }) => unit },
    {
      id: 'series',
      header: text.series,
      width: '6rem',
      align: 'right',
      value: ({ series }) => series,
      cell: ({ series }) => (
        <span title={text.seriesHint}>{series === undefined ? '' : formats.count(series)}</span>
      ),
    },
    { id: 'help', header: text.help, value: ({ help }) => help },
  ];
}

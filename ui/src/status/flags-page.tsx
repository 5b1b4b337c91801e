/** The page of command-line flags: values, what each does, and which were changed. */
import { Switch } from '@mantine/core';
import { useDeferredValue, useMemo } from 'react';
import { serverSettings } from '../data/server-settings.ts';
import { useApi } from '../data/use-api.ts';
import { DataTable, type TableColumn } from '../parts/data-table.tsx';
import { EmptyNote } from '../parts/empty-note.tsx';
import { PageTitle } from '../parts/headings.tsx';
import { SearchInput } from '../parts/search-input.tsx';
import type { Catalogue } from '../text/catalogue.ts';
import { useFormats, useText } from '../text/use-text.ts';
import { Answered } from './answered.tsx';
import { type FlagHelp, type FlagRow, filterFlags, listFlags } from './flag-list.ts';
import styles from './status.module.css';
import { useUrlField } from './url-field.ts';

export function Page(): React.ReactNode {
  const { status } = useText();
  const query = useApi<Readonly<Record<string, string>>>('/api/v1/status/flags');
  const help = useApi<Readonly<Record<string, FlagHelp>>>('/api/v1/status/flags/help');
  const isProxied = serverSettings().component === 'up';
  return (
    <>
      <PageTitle
        description={isProxied ? status.flags.ofQuerier : undefined}
        title={status.titles.flags}
      />
      <Answered query={query}>
        {(flags) => <FlagTable flags={flags} help={help.data?.data ?? {}} />}
      </Answered>
    </>
  );
}

interface FlagTableProps {
  readonly flags: Readonly<Record<string, string>>;
  readonly help: Readonly<Record<string, FlagHelp>>;
}

function FlagTable({ flags, help }: FlagTableProps): React.ReactNode {
  const { status } = useText();
  const { count } = useFormats();
  const [words, setWords] = useUrlField('q');
  const [changed, setChanged] = useUrlField('changed');
  const search = useDeferredValue(words);
  const all = useMemo(() => listFlags(flags, help), [flags, help]);
  const rows = useMemo(
    () => filterFlags(all, { words: search, onlyChanged: changed !== '' }),
    [all, search, changed],
  );
  const { flags: text } = status;
  const changedCount = all.filter(({ isChanged }) => isChanged).length;
  return (
    <>
      <div className={styles.tools}>
        <div className={styles.search}>
          <SearchInput label={text.searchHint} onChange={setWords} value={words} />
        </div>
        <Switch
          checked={changed !== ''}
          label={text.onlyChanged}
          onChange={(event) => setChanged(event.currentTarget.checked ? '1' : '')}
        />
        <span className={styles.count}>{text.count(count(changedCount), count(all.length))}</span>
      </div>
      <DataTable
        columns={columnsOf(text)}
        empty={<EmptyNote title={status.noMatch} />}
        label={status.titles.flags}
        rowKey={({ name }) => name}
        rows={rows}
      />
    </>
  );
}

function columnsOf(text: Catalogue['status']['flags']): readonly TableColumn<FlagRow>[] {
  return [
    {
      id: 'flag',
      header: text.flag,
      width: '28%',
      value: ({ name }) => name,
      cell: ({ name, isChanged }) => (
        <>
          <span className={styles.code}>{`--${name}`}</span>
          {isChanged && <span className={styles.badge}>{text.changed}</span>}
        </>
      ),
    },
    {
      id: 'value',
      header: text.value,
      width: '28%',
      value: ({ value }) => value,
      cell: ({ value, initial, isChanged }) => (
        <>
          {value === '' ? (
            <span className={styles.quiet}>{text.empty}</span>
          ) : (
            <span className={styles.code}>{value}</span>
          )}
          {isChanged && (
            <div className={styles.quiet}>
              {initial === '' ? text.noInitial : text.initial(initial ?? '')}
            </div>
          )}
        </>
      ),
    },
    { id: 'help', header: text.help, value: ({ help }) => help, isSortable: false },
  ];
}

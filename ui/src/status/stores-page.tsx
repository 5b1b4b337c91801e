/** The page of stores: by type, with labels, time range, last check and errors. */
import { useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { serverSettings } from '../data/server-settings.ts';
import { useApi } from '../data/use-api.ts';
import { DataTable, type TableColumn } from '../parts/data-table.tsx';
import { EmptyNote } from '../parts/empty-note.tsx';
import { PageTitle, SectionHeader } from '../parts/headings.tsx';
import { LabelSet } from '../parts/label-set.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { TimeText } from '../parts/time-text.tsx';
import type { Catalogue } from '../text/catalogue.ts';
import { type Formats, useFormats, useText } from '../text/use-text.ts';
import { Answered } from './answered.tsx';
import styles from './status.module.css';
import { type Axis, axisOf, barOf, isEmptyRange, parseTime, rangeOf } from './store-coverage.ts';

interface Store {
  readonly name: string;
  readonly lastCheck: string;
  readonly lastError: string | null;
  readonly labelSets: readonly Readonly<Record<string, string>>[];
  readonly minTime: number;
  readonly maxTime: number;
}

type Stores = Readonly<Record<string, readonly Store[]>>;

const REFRESH_MS = 5000;

export function Page(): React.ReactNode {
  const { status: text } = useText();
  const query = useApi<Stores>('/api/v1/stores', {}, { refreshMs: REFRESH_MS });
  const all = Object.values(query.data?.data ?? {}).flat();
  const formats = useFormats();
  return (
    <>
      <PageTitle
        count={all.length === 0 ? undefined : countText(all, text.stores, formats)}
        title={text.titles.stores}
      />
      <Answered query={query}>{(stores) => <StoreTypes stores={stores} />}</Answered>
    </>
  );
}

function countText(
  stores: readonly Store[],
  text: Catalogue['status']['stores'],
  { count }: Formats,
): string {
  const up = stores.filter(({ lastError }) => lastError === null).length;
  return text.count(count(up), count(stores.length));
}

function StoreTypes({ stores }: { readonly stores: Stores }): React.ReactNode {
  const { stores: text } = useText().status;
  const types = Object.entries(stores).filter(([, list]) => list.length > 0);
  if (types.length === 0) {
    const isQuerier = serverSettings().component === 'query';
    return (
      <EmptyNote title={text.none}>
        {text.noneHelp} {isQuerier && text.overBlocks}
      </EmptyNote>
    );
  }
  const ranges = types
    .flatMap(([, list]) => list)
    .filter((store) => !isEmptyRange(store))
    .map(({ minTime, maxTime }) => rangeOf(minTime, maxTime));
  const axis = axisOf(ranges, Date.now());
  return types.map(([type, list]) => <StoreType axis={axis} key={type} list={list} type={type} />);
}

interface StoreTypeProps {
  readonly type: string;
  readonly list: readonly Store[];
  readonly axis: Axis;
}

function StoreType({ type, list, axis }: StoreTypeProps): React.ReactNode {
  const { stores: text } = useText().status;
  const formats = useFormats();
  const names: Readonly<Record<string, string>> = text.types;
  const title = names[type] ?? type;
  return (
    <section>
      <SectionHeader count={countText(list, text, formats)} title={title} />
      <DataTable
        columns={columnsOf(text, formats, axis)}
        label={title}
        rowKey={({ name }) => name}
        rows={list}
      />
    </section>
  );
}

function columnsOf(
  text: Catalogue['status']['stores'],
  formats: Formats,
  axis: Axis,
): readonly TableColumn<Store>[] {
  return [
    {
      id: 'name',
      header: text.endpoint,
      value: ({ name, lastError }) => `${name} ${lastError ?? ''}`,
      cell: (store) => <Endpoint store={store} />,
    },
    {
      id: 'state',
      header: text.state,
      width: '7rem',
      value: ({ lastError }) => (lastError === null ? text.up : text.down),
      cell: ({ lastError }) => (
        <StateBadge state={lastError === null ? 'good' : 'bad'}>
          {lastError === null ? text.up : text.down}
        </StateBadge>
      ),
    },
    {
      id: 'labels',
      header: text.labels,
      width: '30%',
      value: ({ labelSets }) => JSON.stringify(labelSets),
      cell: ({ labelSets }) =>
        labelSets.length === 0
          ? text.noLabels
          : labelSets.map((labels) => <LabelSet key={JSON.stringify(labels)} labels={labels} />),
    },
    {
      id: 'range',
      header: text.range,
      width: '26%',
      value: ({ minTime }) => minTime,
      cell: (store) => <Range axis={axis} store={store} text={rangeText(store, text, formats)} />,
    },
    {
      id: 'lastCheck',
      header: text.lastCheck,
      width: '9rem',
      value: ({ lastCheck }) => parseTime(lastCheck),
      cell: ({ lastCheck }) => <TimeText isRelative timeMs={parseTime(lastCheck) ?? 0} />,
    },
  ];
}

/** Links lead to a store by its address. */
function Endpoint({ store }: { readonly store: Store }): React.ReactNode {
  const element = useRef<HTMLDivElement>(null);
  const isMeant = useLocation().hash === store.name;
  useEffect(() => {
    if (isMeant) element.current?.scrollIntoView({ block: 'center' });
  }, [isMeant]);
  return (
    <div ref={element}>
      <span className={isMeant ? styles.marked : undefined}>{store.name}</span>
      {store.lastError !== null && <div className={styles.error}>{store.lastError}</div>}
    </div>
  );
}

function rangeText(store: Store, text: Catalogue['status']['stores'], { time }: Formats): string {
  if (isEmptyRange(store)) return text.emptyRange;
  const { minMs, maxMs } = rangeOf(store.minTime, store.maxTime);
  if (minMs === undefined && maxMs === undefined) return text.always;
  if (maxMs === undefined) return text.from(time(minMs ?? 0, 'minutes'));
  if (minMs === undefined) return text.until(time(maxMs, 'minutes'));
  return text.between(time(minMs, 'minutes'), time(maxMs, 'minutes'));
}

interface RangeProps {
  readonly store: Store;
  readonly axis: Axis;
  readonly text: string;
}

function Range({ store, axis, text }: RangeProps): React.ReactNode {
  const { stores: words } = useText().status;
  const bar = barOf(rangeOf(store.minTime, store.maxTime), axis);
  return (
    <div>
      <div>{text}</div>
      {!isEmptyRange(store) && (
        <div aria-label={words.bar(text)} className={styles.track} role="img">
          <div className={styles.bar} style={{ left: `${bar.left}%`, width: `${bar.width}%` }} />
        </div>
      )}
    </div>
  );
}

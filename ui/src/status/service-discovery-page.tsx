/** The page of service discovery: what was discovered, what relabelling made of it, and what it dropped. */
import { SegmentedControl } from '@mantine/core';
import { useMemo } from 'react';
import { serverSettings } from '../data/server-settings.ts';
import { useApi } from '../data/use-api.ts';
import { Collapsible } from '../parts/collapsible.tsx';
import { DataTable, type TableColumn } from '../parts/data-table.tsx';
import { EmptyNote } from '../parts/empty-note.tsx';
import { PageTitle } from '../parts/headings.tsx';
import { LabelSet } from '../parts/label-set.tsx';
import { SearchInput } from '../parts/search-input.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import type { Catalogue } from '../text/catalogue.ts';
import { useFormats, useText } from '../text/use-text.ts';
import { Answered } from './answered.tsx';
import {
  type DiscoveredPool,
  type DiscoveredTarget,
  type Discovery,
  discoveredPools,
} from './discovery-list.ts';
import { PoolConfig, RelabelSteps } from './relabel-steps.tsx';
import styles from './status.module.css';
import { labelsLine } from './target-list.ts';
import { useUrlField } from './url-field.ts';

const REFRESH_MS = 30_000;

export function Page(): React.ReactNode {
  const { status } = useText();
  const query = useApi<Discovery>('/api/v1/targets', { state: 'any' }, { refreshMs: REFRESH_MS });
  const isOwn = serverSettings().component === 'prometheus';
  return (
    <>
      <PageTitle
        description={isOwn ? undefined : status.discovery.overQuerier}
        title={status.titles.discovery}
      />
      <Answered query={query}>
        {(discovery) => <Pools discovery={discovery} isOwn={isOwn} />}
      </Answered>
    </>
  );
}

interface PoolsProps {
  readonly discovery: Discovery;
  /** Whether the server can tell of relabelling. */
  readonly isOwn: boolean;
}

function Pools({ discovery, isOwn }: PoolsProps): React.ReactNode {
  const { status } = useText();
  const { discovery: text } = status;
  const [words, setWords] = useUrlField('q');
  const [state, setState] = useUrlField('state');
  const pools = useMemo(
    () => discoveredPools(discovery, { words, state }),
    [discovery, words, state],
  );
  if (discovery.activeTargets.length + discovery.droppedTargets.length === 0) {
    return <EmptyNote title={text.none}>{text.noneHelp}</EmptyNote>;
  }
  return (
    <>
      <div className={styles.tools}>
        <div className={styles.search}>
          <SearchInput label={status.targets.searchHint} onChange={setWords} value={words} />
        </div>
        <SegmentedControl
          aria-label={status.targets.state}
          data={[
            { value: '', label: text.any },
            { value: 'active', label: text.onlyActive },
            { value: 'dropped', label: text.onlyDropped },
          ]}
          onChange={setState}
          size="xs"
          value={state}
        />
      </div>
      {pools.length === 0 && <EmptyNote title={status.noMatch} />}
      {pools.map((pool) => (
        <PoolSection isOwn={isOwn} key={pool.name} pool={pool} />
      ))}
    </>
  );
}

interface PoolSectionProps {
  readonly pool: DiscoveredPool;
  readonly isOwn: boolean;
}

function PoolSection({ pool, isOwn }: PoolSectionProps): React.ReactNode {
  const { discovery: text } = useText().status;
  const { count } = useFormats();
  const hidden = pool.droppedCount - pool.droppedKnown;
  return (
    <Collapsible
      isInitiallyOpen
      summary={
        <span className={styles.count}>
          {text.count(count(pool.active), count(pool.active + pool.droppedCount))}
        </span>
      }
      title={pool.name === '' ? text.dropped : pool.name}
    >
      <DataTable
        columns={columnsOf(text)}
        label={pool.name}
        rowKey={({ discoveredLabels, labels }) =>
          labelsLine(discoveredLabels) + labelsLine(labels ?? {})
        }
        rows={pool.targets}
        {...(isOwn
          ? {
              details: (target: DiscoveredTarget) => (
                <RelabelSteps labels={target.discoveredLabels} pool={pool.name} />
              ),
            }
          : {})}
      />
      {hidden > 0 && <p className={styles.note}>{text.droppedMore(count(hidden))}</p>}
      {isOwn && (
        <Collapsible title={text.config}>
          <PoolConfig pool={pool.name} />
        </Collapsible>
      )}
    </Collapsible>
  );
}

function columnsOf(
  text: Catalogue['status']['discovery'],
): readonly TableColumn<DiscoveredTarget>[] {
  return [
    {
      id: 'discovered',
      header: text.discovered,
      value: ({ discoveredLabels }) => labelsLine(discoveredLabels),
      cell: ({ discoveredLabels }) => <LabelSet labels={discoveredLabels} max={8} />,
    },
    {
      id: 'final',
      header: text.final,
      width: '40%',
      value: ({ labels }) => (labels === undefined ? '' : labelsLine(labels)),
      cell: ({ labels }) =>
        labels === undefined ? (
          <StateBadge state="unknown">{text.dropped}</StateBadge>
        ) : (
          <LabelSet labels={labels} />
        ),
    },
  ];
}

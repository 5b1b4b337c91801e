/** The page of targets: by pool, filtered by health and words, with errors and what was discovered. */
import { NativeSelect, SegmentedControl } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useApi } from '../data/use-api.ts';
import { Collapsible } from '../parts/collapsible.tsx';
import { DataTable, type TableColumn } from '../parts/data-table.tsx';
import { EmptyNote } from '../parts/empty-note.tsx';
import { PageTitle } from '../parts/headings.tsx';
import { LabelSet } from '../parts/label-set.tsx';
import { SearchInput } from '../parts/search-input.tsx';
import type { State } from '../parts/state.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { DurationText, TimeText } from '../parts/time-text.tsx';
import type { Catalogue } from '../text/catalogue.ts';
import { useFormats, useText } from '../text/use-text.ts';
import { Answered } from './answered.tsx';
import styles from './status.module.css';
import { parseTime } from './store-coverage.ts';
import { labelsLine, type Pool, poolsOf, type Target, targetSelector } from './target-list.ts';
import { useUrlField } from './url-field.ts';

const REFRESH_MS = 10_000;

interface Targets {
  readonly activeTargets: readonly Target[];
}

export function Page(): React.ReactNode {
  const { status } = useText();
  const query = useApi<Targets>('/api/v1/targets', { state: 'active' }, { refreshMs: REFRESH_MS });
  return (
    <>
      <PageTitle title={status.titles.targets} />
      <Answered query={query}>
        {({ activeTargets }) => <TargetPools targets={activeTargets} />}
      </Answered>
    </>
  );
}

function TargetPools({ targets }: { readonly targets: readonly Target[] }): React.ReactNode {
  const { status } = useText();
  const { targets: text } = status;
  const [words, setWords] = useUrlField('q');
  const [health, setHealth] = useUrlField('health');
  const [pool, setPool] = useUrlField('pool');
  const pools = useMemo(
    () => poolsOf(targets, { words, health, pool }),
    [targets, words, health, pool],
  );
  if (targets.length === 0) return <EmptyNote title={text.none}>{text.noneHelp}</EmptyNote>;
  const names = [...new Set(targets.map(({ scrapePool }) => scrapePool))].sort();
  return (
    <>
      <div className={styles.tools}>
        <div className={styles.search}>
          <SearchInput label={text.searchHint} onChange={setWords} value={words} />
        </div>
        <HealthChoice health={health} onChange={setHealth} targets={targets} />
        <NativeSelect
          aria-label={text.pool}
          data={[{ value: '', label: text.anyPool }, ...names]}
          onChange={(event) => setPool(event.currentTarget.value)}
          value={pool}
        />
      </div>
      {pools.length === 0 && <EmptyNote title={status.noMatch} />}
      {pools.map((one) => (
        <TargetPool key={one.name} pool={one} />
      ))}
    </>
  );
}

interface HealthChoiceProps {
  readonly targets: readonly Target[];
  readonly health: string;
  readonly onChange: (health: string) => void;
}

function HealthChoice({ targets, health, onChange }: HealthChoiceProps): React.ReactNode {
  const { status } = useText();
  const { count } = useFormats();
  const of = (wanted: string): string =>
    count(targets.filter((target) => target.health === wanted).length);
  const { up, down, unknown } = status.health;
  return (
    <SegmentedControl
      aria-label={status.targets.healthLabel}
      data={[
        { value: '', label: `${status.targets.anyHealth} ${count(targets.length)}` },
        { value: 'up', label: `${up} ${of('up')}` },
        { value: 'down', label: `${down} ${of('down')}` },
        { value: 'unknown', label: `${unknown} ${of('unknown')}` },
      ]}
      onChange={onChange}
      size="xs"
      value={health}
    />
  );
}

function TargetPool({ pool }: { readonly pool: Pool }): React.ReactNode {
  const { status } = useText();
  const { count } = useFormats();
  const state: State = pool.up === pool.all ? 'good' : pool.up === 0 ? 'bad' : 'warn';
  return (
    <Collapsible
      isInitiallyOpen
      summary={
        <StateBadge state={state}>
          {status.targets.count(count(pool.up), count(pool.all))}
        </StateBadge>
      }
      title={pool.name}
    >
      <DataTable
        columns={columnsOf(status, pool.targets)}
        details={(target) => <Discovered target={target} />}
        label={pool.name}
        rowKey={keyOf}
        rows={pool.targets}
      />
    </Collapsible>
  );
}

function keyOf({ scrapeUrl, labels }: Target): string {
  return `${scrapeUrl} ${labelsLine(labels)}`;
}

const STATES: Readonly<Record<string, State>> = { up: 'good', down: 'bad' };

function columnsOf(
  { targets: text, health: words }: Catalogue['status'],
  targets: readonly Target[],
): readonly TableColumn<Target>[] {
  const healthWords: Readonly<Record<string, string>> = words;
  const columns: readonly TableColumn<Target>[] = [
    {
      id: 'endpoint',
      header: text.endpoint,
      value: ({ scrapeUrl, lastError }) => `${scrapeUrl} ${lastError}`,
      cell: (target) => <Endpoint target={target} />,
    },
    {
      id: 'state',
      header: text.state,
      width: '7rem',
      value: ({ health }) => health,
      cell: ({ health }) => (
        <StateBadge state={STATES[health] ?? 'unknown'}>{healthWords[health] ?? health}</StateBadge>
      ),
    },
    {
      id: 'labels',
      header: text.labels,
      width: '32%',
      value: ({ labels }) => labelsLine(labels),
      cell: ({ labels }) => <LabelSet labels={labels} />,
    },
    {
      id: 'lastScrape',
      header: text.lastScrape,
      width: '9rem',
      value: ({ lastScrape }) => parseTime(lastScrape),
      cell: ({ lastScrape }) => <TimeText isRelative timeMs={parseTime(lastScrape) ?? 0} />,
    },
    {
      id: 'duration',
      header: text.duration,
      width: '7rem',
      align: 'right',
      value: ({ lastScrapeDuration }) => lastScrapeDuration,
      cell: ({ lastScrapeDuration }) => (
        <DurationText durationMs={Number((lastScrapeDuration * 1000).toPrecision(3))} />
      ),
    },
  ];
  if (targets.every(({ scrapeInterval }) => scrapeInterval === undefined)) return columns;
  return [
    ...columns,
    {
      id: 'interval',
      header: text.interval,
      width: '7rem',
      align: 'right',
      value: ({ scrapeInterval }) => scrapeInterval ?? '',
      cell: ({ scrapeInterval = '', scrapeTimeout = '' }) => (
        <span title={text.timeout(scrapeTimeout)}>{scrapeInterval}</span>
      ),
    },
  ];
}

function Endpoint({ target }: { readonly target: Target }): React.ReactNode {
  const { targets: text } = useText().status;
  const { scrapeUrl, lastError } = target;
  return (
    <>
      <a
        className={styles.link}
        href={scrapeUrl}
        rel="noreferrer"
        target="_blank"
        title={text.open(scrapeUrl)}
      >
        {scrapeUrl}
      </a>
      {lastError !== '' && <div className={styles.error}>{lastError}</div>}
    </>
  );
}

function Discovered({ target }: { readonly target: Target }): React.ReactNode {
  const { targets: text } = useText().status;
  return (
    <>
      <p className={styles.part}>{text.discovered}</p>
      <LabelSet labels={target.discoveredLabels} />
      <p>
        <Link
          className={styles.link}
          search={{ 'g0.expr': targetSelector(target), 'g0.tab': '0' }}
          to="/graph"
        >
          {text.query}
        </Link>
      </p>
    </>
  );
}

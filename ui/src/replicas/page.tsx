/** Which replica supplied each stretch of a series, and the gaps that deduplication closed. */
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { parsePrometheusDuration } from '../../../src/model/duration.ts';
import { EmptyNote } from '../parts/empty-note.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { PageTitle } from '../parts/headings.tsx';
import { printSelector } from '../parts/print-selector.ts';
import { BlockSkeleton } from '../parts/skeletons.tsx';
import { useNow } from '../parts/use-now.ts';
import { useFormats, useText } from '../text/use-text.ts';
import { GapTables } from './gap-tables.tsx';
import { zoomed } from './lane-shapes.ts';
import { Lanes } from './lanes.tsx';
import styles from './page.module.css';
import type { Window } from './provenance.ts';
import { exactTime, whatHappened } from './said.ts';
import { type Labels, useReplicaLabels, useReplicas, useSeriesList } from './use-replicas.ts';

const RANGES = ['5m', '15m', '1h', '6h', '1d', '2d'];
const REFRESH_MS = 5000;
const LANES_PX = 220;

/** The address holds what is looked at; an end that is absent is now. */
interface Address {
  readonly expr?: string;
  readonly range?: string;
  /** Unix seconds. */
  readonly end?: string;
  /** A selector of one of the series that `expr` finds. */
  readonly series?: string;
}

type Go = (change: Address) => void;

export function Page(): React.ReactNode {
  const { replicas: text } = useText();
  const address = useSearch({ strict: false }) as Address;
  const navigate = useNavigate();
  const go: Go = (change) =>
    void navigate({
      to: '.',
      search: ((old: Address) => ({ ...old, ...change })) as never,
      replace: true,
      resetScroll: false,
    });
  const { expr = '' } = address;
  return (
    <>
      <PageTitle description={text.intro} title={text.title} />
      <Form address={address} go={go} key={expr} />
      {expr === '' ? <Start go={go} /> : <Found address={address} go={go} />}
    </>
  );
}

interface PartProps {
  readonly address: Address;
  readonly go: Go;
}

function Form({ address, go }: PartProps): React.ReactNode {
  const { replicas: text } = useText();
  const { expr = '' } = address;
  const [typed, setTyped] = useState(expr);
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        go({ expr: typed.trim(), series: undefined as never });
      }}
    >
      <TextInput
        aria-label={text.selector}
        className={styles.selector}
        onChange={(event) => setTyped(event.currentTarget.value)}
        placeholder={text.selectorHint}
        spellCheck={false}
        value={typed}
      />
      <Button type="submit">{text.show}</Button>
    </form>
  );
}

const EXAMPLES = {
  up: 'up{job="prometheus"}',
  samples: 'prometheus_tsdb_head_samples_appended_total',
  memory: 'process_resident_memory_bytes',
} as const;

function Start({ go }: Pick<PartProps, 'go'>): React.ReactNode {
  const { empty: text } = useText().replicas;
  return (
    <EmptyNote title={text.start}>
      <div className={styles.examples}>
        {Object.entries(EXAMPLES).map(([name, expr]) => (
          <Button key={name} onClick={() => go({ expr })} size="xs" title={expr} variant="default">
            {text.examples[name as keyof typeof EXAMPLES]}
          </Button>
        ))}
      </div>
    </EmptyNote>
  );
}

const DEFAULT_RANGE = '15m';
const DEFAULT_RANGE_MS = 900_000;

function rangeMsOf(text: string): number {
  return Math.max(1000, parsePrometheusDuration(text) ?? DEFAULT_RANGE_MS);
}

function useWindow({ range = DEFAULT_RANGE, end }: Address): Window {
  const nowMs = useNow(REFRESH_MS);
  const given = end === undefined ? Number.NaN : Number(end) * 1000;
  const endMs = Number.isFinite(given) ? given : Math.floor(nowMs / 1000) * 1000;
  return { startMs: endMs - rangeMsOf(range), endMs };
}

function Found({ address, go }: PartProps): React.ReactNode {
  const { replicas: text } = useText();
  const { expr = '', series: wanted } = address;
  const formats = useFormats();
  const window = useWindow(address);
  const { series, isCut, isPending, failure, warnings } = useSeriesList(expr, window);
  const chosen = series.find((one) => printSelector(one) === wanted) ?? series[0];
  if (failure !== null && series.length === 0) return <ErrorNote failure={failure} query={expr} />;
  if (isPending) return <BlockSkeleton height={LANES_PX} />;
  return (
    <>
      <Controls address={address} go={go} window={window} />
      {warnings.map((warning) => (
        <p className={styles.warning} key={warning}>
          {warning}
        </p>
      ))}
      {series.length > 1 && (
        <NativeSelect
          data={series.map(printSelector)}
          label={text.seriesFound(formats.count(series.length))}
          onChange={(event) => go({ series: event.currentTarget.value })}
          value={chosen === undefined ? '' : printSelector(chosen)}
        />
      )}
      {isCut && <p className={styles.quiet}>{text.seriesCut(formats.count(series.length))}</p>}
      {chosen === undefined ? (
        <EmptyNote title={text.empty.none}>
          {text.empty.noneHelp}{' '}
          <Link className={styles.link} to="/metrics-explorer">
            {text.empty.explorer}
          </Link>
        </EmptyNote>
      ) : (
        <OneSeries key={printSelector(chosen)} series={chosen} window={window} />
      )}
    </>
  );
}

interface ControlsProps extends PartProps {
  readonly window: Window;
}

function Controls({ address, go, window }: ControlsProps): React.ReactNode {
  const { replicas: text } = useText();
  const formats = useFormats();
  const { range = DEFAULT_RANGE, end } = address;
  const halfMs = (window.endMs - window.startMs) / 2;
  const shift = (byMs: number): void => {
    const endMs = window.endMs + byMs;
    go({ end: (endMs >= Date.now() ? undefined : String(endMs / 1000)) as never });
  };
  return (
    <div className={styles.tools}>
      <NativeSelect
        aria-label={text.range}
        data={[...new Set([...RANGES, range])]}
        onChange={(event) => go({ range: event.currentTarget.value })}
        size="xs"
        value={range}
      />
      <Button aria-label={text.earlier} onClick={() => shift(-halfMs)} size="xs" variant="default">
        ‹
      </Button>
      <span className={styles.quiet}>
        {exactTime(window.startMs, formats).slice(0, -4)} –{' '}
        {end === undefined ? text.now : exactTime(window.endMs, formats).slice(0, -4)}
      </span>
      <Button
        aria-label={text.later}
        disabled={end === undefined}
        onClick={() => shift(halfMs)}
        size="xs"
        variant="default"
      >
        ›
      </Button>
      {end !== undefined && (
        <Button onClick={() => go({ end: undefined as never })} size="xs" variant="default">
          {text.now}
        </Button>
      )}
    </div>
  );
}

interface OneSeriesProps {
  readonly series: Labels;
  readonly window: Window;
}

function OneSeries({ series, window }: OneSeriesProps): React.ReactNode {
  const { replicas: text } = useText();
  const formats = useFormats();
  const labels = useReplicaLabels();
  const { provenance, hasHistograms, failure, warnings } = useReplicas(
    series,
    window,
    labels ?? [],
  );
  const [zoom, setZoom] = useState<Window>();
  const view = zoom ?? window;
  const middleMs = (view.startMs + view.endMs) / 2;
  const change = (factor: number): void => setZoom(zoomed(view, window, factor, middleMs));
  if (failure !== null && provenance === undefined) return <ErrorNote failure={failure} />;
  if (provenance === undefined || labels === undefined) return <BlockSkeleton height={LANES_PX} />;
  return (
    <>
      {labels.length === 0 && <p className={styles.warning}>{text.noReplicas}</p>}
      {warnings.map((warning) => (
        <p className={styles.warning} key={warning}>
          {warning}
        </p>
      ))}
      <div className={styles.tools}>
        <p aria-live="polite" className={`${styles.said} ${styles.grow}`}>
          {whatHappened(provenance, text.said, formats)} {hasHistograms && text.histograms}
        </p>
        <Button onClick={() => change(0.5)} size="xs" variant="default">
          {text.zoomIn}
        </Button>
        <Button disabled={zoom === undefined} onClick={() => change(2)} size="xs" variant="default">
          {text.zoomOut}
        </Button>
        <Button
          disabled={zoom === undefined}
          onClick={() => setZoom(undefined)}
          size="xs"
          variant="default"
        >
          {text.zoomReset}
        </Button>
        <Link
          className={styles.link}
          search={{ 'g0.expr': printSelector(series), 'g0.tab': '0' }}
          to="/graph"
        >
          {text.explore}
        </Link>
      </div>
      <Lanes
        onView={(next) => setZoom(next === window ? undefined : next)}
        provenance={provenance}
        view={view}
        window={window}
      />
      <GapTables onView={setZoom} provenance={provenance} />
    </>
  );
}

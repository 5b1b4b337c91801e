/** One panel: a query, how it is asked, and what came back. */
import { SegmentedControl } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import type { SyntaxOptions } from '../../../src/promql/parse/syntax-options.ts';
import { serverUrl } from '../data/api.ts';
import type { EditorControls } from '../editor/editor-props.ts';
import type { QueryHistory } from '../editor/use-query-history.ts';
import { Vocabulary } from '../editor/vocabulary.ts';
import type { Cursors } from '../graph/cursors.ts';
import { hasBuckets } from '../graph/heatmap-model.ts';
import { useText } from '../text/use-text.ts';
import styles from './explore.module.css';
import { OptionsField } from './options-field.tsx';
import { type Panel, type PanelTab, stepOf } from './panel.ts';
import { type Arrangement, PanelMenu, type Sharing } from './panel-menu.tsx';
import { writePanels } from './panel-url.ts';
import { QueryBar } from './query-bar.tsx';
import {
  curlCommand,
  instantRequest,
  rangeRequest,
  storeParameters,
  type TimeGrid,
} from './query-request.ts';
import { RangeField } from './range-field.tsx';
import { type Asked, ResultView } from './result-view.tsx';
import { StepField } from './step-field.tsx';
import { TimeField } from './time-field.tsx';
import { useRemarks } from './use-remarks.ts';
import { useInstantResult, useRangeResult } from './use-result.ts';
import { useRefresh, useRun } from './use-run.ts';

export interface PanelViewProps {
  /** From 1. */
  readonly number: number;
  readonly panel: Panel;
  readonly isThanos: boolean;
  readonly syntax: SyntaxOptions;
  readonly history: QueryHistory;
  readonly refreshMs: number | undefined;
  readonly cursors: Cursors;
  readonly arrangement: Omit<Arrangement, 'isCollapsed' | 'collapse'>;
  readonly onChange: (panel: Panel, isQuiet?: boolean) => void;
  readonly onAdd: (panel: Panel) => void;
}

export function PanelView(props: PanelViewProps): React.ReactNode {
  const { number, panel, history, syntax, onChange } = props;
  const text = useText().explore;
  const controls = useRef<EditorControls | undefined>(undefined);
  const { ref: box, width } = useElementSize<HTMLDivElement>();
  const [isCollapsed, setCollapsed] = useState(false);
  const asked = useAsked(props, width, isCollapsed);
  const { shown, grid, start } = asked;
  const { inQuery, listed } = useRemarks(
    {
      query: shown.answer?.request.parameters.query?.toString() ?? panel.expr,
      warnings: shown.failure === undefined ? (shown.answer?.warnings ?? NONE) : NONE,
      infos: shown.failure === undefined ? (shown.answer?.infos ?? NONE) : NONE,
      failure: shown.failure,
    },
    syntax,
  );
  const run = (expr: string) => {
    if (expr.trim() !== '') history.add(expr);
    if (expr === panel.expr) start();
    else onChange({ ...panel, expr });
  };
  const arrangement = { ...props.arrangement, isCollapsed, collapse: setCollapsed };
  return (
    <section aria-label={text.panel(number)} className={styles.panel} ref={box}>
      <QueryBar
        controls={controls}
        expr={panel.expr}
        history={history}
        number={number}
        onRun={run}
        remarks={inQuery}
        syntax={syntax}
        vocabulary={asked.vocabulary}
      >
        <PanelMenu arrangement={arrangement} sharing={sharingOf(props, grid)} />
      </QueryBar>
      {isCollapsed ? null : (
        <>
          <PanelControls {...props} fitsHeatmap={fitsHeatmap(asked)} grid={grid} />
          <ResultView
            {...props}
            asked={asked}
            controls={controls}
            onRun={run}
            remarks={listed}
            widthPx={width}
          />
        </>
      )}
    </section>
  );
}

const NONE: readonly string[] = [];
/** Widths that differ by less than this get the same step: a scroll bar does not ask anew. */
const WIDTH_GRID_PX = 200;

function useAsked(
  { panel, isThanos, refreshMs }: PanelViewProps,
  width: number,
  isCollapsed: boolean,
): Asked {
  const { run, start } = useRun(panel);
  const client = useQueryClient();
  const endMs = panel.endMs ?? run.nowMs;
  const stepMs = stepOf(panel, Math.max(1, Math.round(width / WIDTH_GRID_PX)) * WIDTH_GRID_PX);
  const grid = useMemo(
    () => ({ startMs: endMs - panel.rangeMs, endMs, stepMs }),
    [endMs, panel.rangeMs, stepMs],
  );
  const vocabulary = useMemo(() => {
    const parameters = storeParameters({ stores: panel.stores });
    return new Vocabulary(client, { startMs: endMs - panel.rangeMs, endMs, parameters });
  }, [client, endMs, panel.rangeMs, panel.stores]);
  const isReady = panel.expr.trim() !== '' && !isCollapsed && width > 0;
  const isRange = panel.tab === 'graph' || panel.tab === 'heatmap';
  const isExplain = panel.tab === 'explain';
  const instant = useInstantResult({
    run,
    // To measure costs the server next to nothing, and is what one goes there for.
    request: instantRequest(isExplain ? { ...panel, isAnalyzed: true } : panel, endMs, {
      isThanos,
    }),
    isWanted: isReady && !isRange,
  });
  const range = useRangeResult({
    run,
    grid,
    request: rangeRequest(panel, grid, { isThanos }),
    isWanted: isReady && isRange,
  });
  const shown = isRange ? range : instant;
  useRefresh(panel, { everyMs: refreshMs, isRunning: shown.isRunning, start });
  return { grid, start, vocabulary, instant, range, shown };
}

function fitsHeatmap({ range: { answer } }: Asked): boolean {
  if (answer === undefined) return true;
  const { matrix, histograms } = answer.value;
  return histograms.length > 0 || hasBuckets(matrix);
}

interface PanelControlsProps extends Pick<PanelViewProps, 'panel' | 'isThanos' | 'onChange'> {
  readonly grid: TimeGrid;
  /** Also as long as nothing is known of the result. */
  readonly fitsHeatmap: boolean;
}

const TABS: readonly PanelTab[] = ['graph', 'table', 'heatmap', 'explain'];

function PanelControls(props: PanelControlsProps): React.ReactNode {
  const { panel, isThanos, grid, fitsHeatmap, onChange } = props;
  const text = useText().explore;
  const isRange = panel.tab === 'graph' || panel.tab === 'heatmap';
  return (
    <div className={styles.controls}>
      <SegmentedControl
        aria-label={text.tabs.label}
        className={styles.tabs}
        data={TABS.map((tab) => ({
          value: tab,
          label: text.tabs[tab],
          disabled: tab === 'heatmap' && panel.tab !== 'heatmap' && !fitsHeatmap,
        }))}
        onChange={(tab) => onChange({ ...panel, tab: tab as PanelTab })}
        size="xs"
        value={panel.tab}
      />
      <div className={styles.times}>
        {isRange ? (
          <RangeField
            onChange={(rangeMs) => onChange({ ...panel, rangeMs })}
            rangeMs={panel.rangeMs}
          />
        ) : null}
        <TimeField
          label={isRange ? text.time.end : text.time.evaluation}
          onChange={(endMs) => onChange({ ...panel, endMs })}
          strideMs={panel.rangeMs / 2}
          timeMs={panel.endMs}
        />
        {isRange ? <StepField onChange={onChange} panel={panel} stepMs={grid.stepMs} /> : null}
        <OptionsField isThanos={isThanos} onChange={onChange} panel={panel} />
      </div>
    </div>
  );
}

function sharingOf({ panel, isThanos }: PanelViewProps, grid: TimeGrid): Sharing {
  const { origin, pathname } = window.location;
  const linkTo = (shared: Panel) =>
    `${origin}${pathname}?${new URLSearchParams(writePanels([shared]))}`;
  const isRange = panel.tab === 'graph' || panel.tab === 'heatmap';
  return {
    link: () => linkTo(panel),
    fixedLink: () => linkTo({ ...panel, endMs: Math.round(grid.endMs) }),
    expression: () => panel.expr,
    curl: () =>
      curlCommand(
        `${origin}${serverUrl('')}`,
        isRange
          ? rangeRequest(panel, grid, { isThanos })
          : instantRequest(panel, grid.endMs, { isThanos }),
        panel.tenant,
      ),
  };
}

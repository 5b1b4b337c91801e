/** What came back: statistics, remarks, and the result in the view that was chosen. Its place never jumps. */
import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { EditorControls } from '../editor/editor-props.ts';
import type { Vocabulary } from '../editor/vocabulary.ts';
import type { RangeResult } from '../graph/matrix.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { useText } from '../text/use-text.ts';
import { Examples } from './examples-view.tsx';
import { type AnalysisNode, bytesOf } from './explain-tree.ts';
import styles from './explore.module.css';
import type { Panel } from './panel.ts';
import type { PanelViewProps } from './panel-view.tsx';
import type { TimeGrid } from './query-request.ts';
import { type Remark, RemarksView } from './remarks-view.tsx';
import { RunningNote } from './running-note.tsx';
import type { QueryStatistics } from './statistics.ts';
import { StatisticsLine } from './statistics-line.tsx';
import type { InstantData, Result } from './use-result.ts';

const RangeView = lazy(async () => {
  const { RangeView } = await import('./range-view.tsx');
  return { default: RangeView };
});
const TableView = lazy(async () => {
  const { TableView } = await import('./table-view.tsx');
  return { default: TableView };
});
const ExplainView = lazy(async () => {
  const { ExplainView } = await import('./explain-view.tsx');
  return { default: ExplainView };
});

export interface Asked {
  readonly grid: TimeGrid;
  readonly vocabulary: Vocabulary;
  readonly instant: Result<InstantData>;
  readonly range: Result<RangeResult>;
  /** The one of the two that the chosen view shows. */
  readonly shown: Result<InstantData> | Result<RangeResult>;
  start(): void;
}

export interface ResultViewProps extends PanelViewProps {
  readonly asked: Asked;
  readonly controls: { current: EditorControls | undefined };
  readonly remarks: readonly Remark[];
  readonly widthPx: number;
  readonly onRun: (expr: string) => void;
}

export function ResultView(props: ResultViewProps): React.ReactNode {
  const { panel, asked, remarks } = props;
  const { shown, start } = asked;
  const text = useText().explore;
  if (panel.expr.trim() === '') return <FirstUse {...props} />;
  const isExplain = panel.tab === 'explain';
  return (
    <div className={styles.result}>
      <div className={styles.resultHead}>
        {shown.isRunning ? (
          <RunningNote key={panel.expr} onCancel={shown.cancel}>
            <Figures {...props} />
          </RunningNote>
        ) : (
          <Figures {...props} />
        )}
      </div>
      <RemarksView remarks={remarks} />
      {shown.isCanceled && !shown.isRunning ? (
        <p className={styles.note} role="status">
          {text.running.canceled}
        </p>
      ) : null}
      {shown.failure !== undefined && !shown.isRunning ? (
        <ErrorNote
          failure={shown.failure}
          query={panel.expr}
          {...(shown.failure.position === undefined ? { onRetry: start } : {})}
        />
      ) : null}
      <div className={styles.resultBody} data-old={shown.isOld || undefined}>
        <Suspense fallback={<ResultSkeleton panel={panel} />}>
          {isExplain ? <ExplainView {...props} /> : <Body {...props} />}
        </Suspense>
      </div>
    </div>
  );
}

function Body(props: ResultViewProps): React.ReactNode {
  const { panel, asked } = props;
  const { shown } = asked;
  if (shown.answer === undefined) {
    return shown.isRunning ? <ResultSkeleton panel={panel} /> : null;
  }
  return panel.tab === 'table' ? <TableView {...props} /> : <RangeView {...props} />;
}

function Figures({ asked, panel }: ResultViewProps): React.ReactNode {
  const { instant, range, shown } = asked;
  if (shown.answer === undefined || shown.failure !== undefined) return null;
  const isRange = panel.tab === 'graph' || panel.tab === 'heatmap';
  if (isRange && range.answer !== undefined) {
    const { value, tookMs } = range.answer;
    return (
      <StatisticsLine
        bytes={bytesOf(value.analysis as AnalysisNode | undefined)}
        evaluatedMs={undefined}
        seriesCount={value.matrix.series.length + value.histograms.length}
        statistics={value.stats as QueryStatistics | undefined}
        stepMs={value.matrix.stepMs}
        tookMs={tookMs}
      />
    );
  }
  if (instant.answer === undefined) return null;
  const { value, tookMs, request } = instant.answer;
  const isList = value.resultType === 'vector' || value.resultType === 'matrix';
  return (
    <StatisticsLine
      bytes={bytesOf(value.analysis)}
      evaluatedMs={1000 * Number(request.parameters.time)}
      seriesCount={isList ? value.result.length : undefined}
      statistics={value.stats}
      stepMs={undefined}
      tookMs={tookMs}
    />
  );
}

function FirstUse({ asked, panel, onChange, history }: ResultViewProps): React.ReactNode {
  return (
    <Examples
      onChoose={({ query, tab }) => {
        history.add(query);
        onChange({ ...panel, expr: query, tab });
      }}
      vocabulary={asked.vocabulary}
    />
  );
}

/** As high as what comes. */
export function ResultSkeleton({ panel }: { readonly panel: Panel }): React.ReactNode {
  if (panel.tab === 'table' || panel.tab === 'explain') {
    return (
      <div className={styles.skeletons}>
        {[0, 1, 2, 3].map((row) => (
          <Skeleton height={28} key={row} />
        ))}
      </div>
    );
  }
  return <Skeleton height={GRAPH_HEIGHT_PX} />;
}

export const GRAPH_HEIGHT_PX = 320;

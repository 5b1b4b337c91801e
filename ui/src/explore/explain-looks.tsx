/** A closer look at a part of a query: the labels of a selector's series, and how both sides of an operator match. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type {
  Binary,
  Expr,
  VectorMatching,
  VectorSelector,
} from '../../../src/promql/parse/ast.ts';
import { askApi } from '../data/api.ts';
import { sourceOf } from '../editor/query-faults.ts';
import type { InstantResult } from '../graph/result-rows.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { useFormats, useText } from '../text/use-text.ts';
import { selectorText } from './empty-result.ts';
import styles from './explain.module.css';
import {
  type LabelSet,
  labelSummaries,
  type MatchGroup,
  matchGroups,
  summarizeMatches,
} from './match-groups.ts';
import { instantRequest, storeParameters } from './query-request.ts';
import type { ResultViewProps } from './result-view.tsx';

interface LookProps extends ResultViewProps {
  readonly expr: Expr;
}

/** Nothing for parts that are neither selectors nor operators between vectors. */
export function CloserLook(props: LookProps): React.ReactNode {
  const { expr } = props;
  if (expr.kind === 'vectorSelector') return <SelectorLabels {...props} selector={expr} />;
  if (expr.kind === 'matrixSelector') return <SelectorLabels {...props} selector={expr.selector} />;
  if (expr.kind === 'binary' && expr.matching !== undefined) {
    return <Matches {...props} binary={expr} matching={expr.matching} />;
  }
  return null;
}

const SERIES_MAX = 5000;
const VALUES_SHOWN = 5;

interface SelectorLabelsProps extends ResultViewProps {
  readonly selector: VectorSelector;
}

function SelectorLabels({ selector, panel, asked }: SelectorLabelsProps): React.ReactNode {
  const text = useText().explore.explain;
  const formats = useFormats();
  const { startMs, endMs } = asked.grid;
  const parameters = {
    'match[]': selectorText(selector),
    start: startMs / 1000,
    end: endMs / 1000,
    limit: SERIES_MAX,
    ...storeParameters(panel),
  };
  const { data } = useQuery({
    queryKey: ['/api/v1/series', parameters],
    queryFn: async ({ signal }) =>
      (await askApi<readonly LabelSet[]>('/api/v1/series', parameters, { signal })).data,
    retry: false,
  });
  const summaries = labelSummaries(data ?? []);
  if (data === undefined || summaries.length === 0) return null;
  return (
    <>
      <h4>{text.labels}</h4>
      <ul className={styles.labels}>
        {summaries.map(({ name, values }) => (
          <li key={name}>
            <code>{name}</code>
            <span className={styles.valueCount}>
              {text.valueCount(values.length, formats.count(values.length))}
            </span>
            <span className={styles.values}>
              {values.slice(0, VALUES_SHOWN).join(', ')}
              {values.length > VALUES_SHOWN ? ', …' : ''}
            </span>
          </li>
        ))}
      </ul>
      {data.length >= SERIES_MAX ? (
        <p className={styles.note}>{text.cut(formats.count(SERIES_MAX))}</p>
      ) : null}
    </>
  );
}

interface MatchesProps extends ResultViewProps {
  readonly binary: Binary;
  readonly matching: VectorMatching;
}

/** Evaluates both sides, which may cost as much as the query: only when asked to. */
function Matches(props: MatchesProps): React.ReactNode {
  const { binary, panel } = props;
  const text = useText().explore.explain;
  const [lookedAt, setLookedAt] = useState<string | undefined>(undefined);
  const source = sourceOf(panel.expr, binary);
  if (lookedAt !== source) {
    return (
      <Button onClick={() => setLookedAt(source)} size="compact-sm" variant="default">
        {text.look}
      </Button>
    );
  }
  return <MatchList {...props} />;
}

function MatchList(props: MatchesProps): React.ReactNode {
  const { binary, matching, panel, asked, isThanos } = props;
  const text = useText().explore.explain;
  const formats = useFormats();
  const sides = [binary.left, binary.right].map((side) => sourceOf(panel.expr, side));
  const { endMs } = asked.grid;
  const { data, error, refetch } = useQuery({
    queryKey: ['matches', sides, endMs, panel.isDeduplicated, panel.stores],
    queryFn: async ({ signal }) => {
      const [left, right] = await Promise.all(
        sides.map(async (expr) => {
          const side = { ...panel, expr, isAnalyzed: false };
          const { path, parameters } = instantRequest(side, endMs, { isThanos });
          return seriesOf((await askApi<InstantResult>(path, parameters, { signal })).data);
        }),
      );
      return summarizeMatches(matchGroups(left, right, matching), matching.card);
    },
    retry: false,
  });
  if (error !== null) return <ErrorNote failure={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <p className={styles.note}>{text.looking}</p>;
  const { matched, leftOnly, rightOnly, tooMany } = data;
  return (
    <>
      <h4>{text.matches}</h4>
      <ul className={styles.labels}>
        <li>{text.matchedGroups(formats.count(matched))}</li>
        <Groups groups={leftOnly} name={text.leftOnly} />
        <Groups groups={rightOnly} name={text.rightOnly} />
        <Groups groups={tooMany} name={text.tooMany} />
      </ul>
    </>
  );
}

function seriesOf(result: InstantResult): readonly LabelSet[] {
  return result.resultType === 'vector' ? result.result.map(({ metric }) => metric) : [];
}

interface GroupsProps {
  readonly name: (count: string) => string;
  readonly groups: readonly MatchGroup[];
}

function Groups({ name, groups }: GroupsProps): React.ReactNode {
  const text = useText().explore.explain;
  const formats = useFormats();
  if (groups.length === 0) return null;
  return (
    <li>
      <span>{name(formats.count(groups.length))}</span>
      <span className={styles.values}>
        {groups.slice(0, VALUES_SHOWN).map(({ labels }) => {
          const shown = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
          return <code key={shown.join()}>{`{${shown.join(', ') || text.noLabels}}`}</code>;
        })}
        {groups.length > VALUES_SHOWN ? '…' : ''}
      </span>
    </li>
  );
}

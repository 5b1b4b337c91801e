/** The query as a tree: what each part does and, when the server measured it, what it costs. */
import { ActionIcon, Button, UnstyledButton } from '@mantine/core';
import { useMemo, useState } from 'react';
import { FUNCTIONS } from '../../../src/promql/parse/functions.ts';
import { printSignature } from '../editor/function-signature.ts';
import { parseQuery } from '../editor/query-faults.ts';
import { promqlTexts } from '../text/promql.ts';
import { type Formats, useFormats, useText } from '../text/use-text.ts';
import styles from './explain.module.css';
import { explainExpr } from './explain-facts.ts';
import { CloserLook } from './explain-looks.tsx';
import { type ExplainRow, explainRows, type FanOut, unfoldedRows } from './explain-tree.ts';
import { Icon } from './icons.tsx';
import type { ResultViewProps } from './result-view.tsx';

export function ExplainView(props: ResultViewProps): React.ReactNode {
  const { panel, syntax, asked } = props;
  const text = useText().explore.explain;
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [chosen, setChosen] = useState('0');
  const { answer } = asked.instant;
  // Places in another query would give its figures to parts of this one.
  const isOfQuery = answer?.request.parameters.query === panel.expr;
  const analysis = isOfQuery ? answer?.value.analysis : undefined;
  const rows = useMemo(() => {
    const parsed = parseQuery(panel.expr, syntax);
    return parsed.kind === 'parsed' ? explainRows(panel.expr, parsed.expr, analysis) : [];
  }, [panel.expr, syntax, analysis]);
  if (rows.length === 0) return <p className={styles.note}>{text.faulty}</p>;
  const isMeasured = rows.some(({ figures }) => figures !== undefined);
  const longestMs = Math.max(...rows.map(({ figures }) => figures?.timeMs ?? 0));
  const fold = (path: string) => {
    const next = new Set(folded);
    if (!next.delete(path)) next.add(path);
    setFolded(next);
  };
  const detailed = rows.find(({ path }) => path === chosen) ?? rows[0];
  return (
    <div className={styles.explain}>
      <div className={styles.tree}>
        <table aria-label={text.label} className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{text.part}</th>
              {isMeasured ? <FigureHeads /> : null}
            </tr>
          </thead>
          <tbody>
            {unfoldedRows(rows, folded).map((row) => (
              <Row
                isChosen={row === detailed}
                isFolded={folded.has(row.path)}
                isMeasured={isMeasured}
                key={row.path}
                longestMs={longestMs}
                onChoose={() => setChosen(row.path)}
                onFold={() => fold(row.path)}
                query={panel.expr}
                row={row}
              />
            ))}
          </tbody>
        </table>
        {isMeasured || !isOfQuery ? null : <p className={styles.note}>{text.notMeasured}</p>}
      </div>
      <Details {...props} row={detailed} />
    </div>
  );
}

function FigureHeads(): React.ReactNode {
  const text = useText().explore.explain;
  return [text.time, text.series, text.samples, text.bytes].map((head) => (
    <th className={styles.figure} key={head} scope="col">
      {head}
    </th>
  ));
}

interface RowProps {
  readonly row: ExplainRow;
  readonly query: string;
  readonly isChosen: boolean;
  readonly isFolded: boolean;
  readonly isMeasured: boolean;
  readonly longestMs: number;
  readonly onChoose: () => void;
  readonly onFold: () => void;
}

function Row(props: RowProps): React.ReactNode {
  const { row, query, isChosen, isFolded, isMeasured, longestMs, onChoose, onFold } = props;
  const text = useText().explore.explain;
  const formats = useFormats();
  const source = query.slice(row.from, row.to).replace(/\s+/g, ' ');
  const share = longestMs > 0 ? (row.figures?.timeMs ?? 0) / longestMs : 0;
  return (
    <tr data-chosen={isChosen || undefined}>
      <th className={styles.part} scope="row">
        <span className={styles.partLine} style={{ paddingInlineStart: 16 * row.depth }}>
          {row.childCount > 0 ? (
            <ActionIcon
              aria-expanded={!isFolded}
              aria-label={isFolded ? text.unfold : text.fold}
              onClick={onFold}
              size={20}
              variant="subtle"
            >
              <Icon name={isFolded ? 'right' : 'down'} size={14} />
            </ActionIcon>
          ) : (
            <span className={styles.leaf} />
          )}
          <UnstyledButton
            aria-current={isChosen || undefined}
            className={styles.source}
            onClick={onChoose}
            title={source}
          >
            {source}
          </UnstyledButton>
        </span>
      </th>
      {isMeasured
        ? figureTexts(row, formats).map(([name, shown]) => (
            <td className={styles.figure} key={name}>
              {shown}
              {name === 'time' && share > 0 ? (
                <span className={styles.share} style={{ width: `${100 * share}%` }} />
              ) : null}
            </td>
          ))
        : null}
    </tr>
  );
}

function figureTexts(
  { figures }: ExplainRow,
  formats: Formats,
): readonly (readonly [string, string])[] {
  const print = (value: number | undefined, form: (value: number) => string) =>
    value === undefined ? '' : form(value);
  return [
    ['time', print(figures?.timeMs, formats.duration)],
    ['series', print(figures?.series, formats.count)],
    ['samples', print(figures?.samples, formats.count)],
    ['bytes', print(figures?.bytes, formats.bytes)],
  ];
}

interface DetailsProps extends ResultViewProps {
  readonly row: ExplainRow;
}

function Details(props: DetailsProps): React.ReactNode {
  const { row, panel, onAdd } = props;
  const text = useText().explore.explain;
  const { language } = useFormats().settings;
  const promql = promqlTexts(language);
  const { sentences, conditions } = explainExpr(row.expr, { explain: text, promql });
  const signature = row.expr.kind === 'call' ? FUNCTIONS.get(row.expr.func) : undefined;
  const source = panel.expr.slice(row.from, row.to);
  const canRun = row.expr.kind !== 'string' && source !== panel.expr;
  return (
    <section aria-label={text.details} className={styles.details}>
      <code className={styles.detailSource}>{source}</code>
      {signature === undefined ? null : (
        <p className={styles.signature}>{printSignature(signature, promql.types)}</p>
      )}
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {conditions.length > 0 ? (
        <>
          <h4>{text.conditions}</h4>
          <ul className={styles.conditions}>
            {conditions.map((condition) => (
              <li key={condition}>
                <code>{condition}</code>
              </li>
            ))}
          </ul>
        </>
      ) : null}
      <CloserLook {...props} expr={row.expr} key={row.path} />
      <Measured row={row} />
      <FanOutTable fanOut={row.figures?.fanOut ?? []} />
      {canRun ? (
        <Button
          onClick={() => onAdd({ ...panel, expr: source, tab: 'table' })}
          size="compact-sm"
          variant="default"
        >
          {text.openPart}
        </Button>
      ) : null}
    </section>
  );
}

/** What the columns of the tree have no room for. */
function Measured({ row }: Pick<DetailsProps, 'row'>): React.ReactNode {
  const text = useText().explore.explain;
  const formats = useFormats();
  const { selfMs, waitMs, chunks, cacheHits = 0 } = row.figures ?? {};
  const items = [
    ...(selfMs === undefined ? [] : [text.self(formats.duration(selfMs))]),
    ...(waitMs === undefined ? [] : [text.waited(formats.duration(waitMs))]),
    ...(chunks === undefined ? [] : [text.chunks(formats.count(chunks))]),
    ...(cacheHits > 0 ? [text.cached(formats.count(cacheHits))] : []),
  ];
  if (items.length === 0) return null;
  return (
    <ul className={styles.measured}>
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  );
}

function FanOutTable({ fanOut }: { readonly fanOut: readonly FanOut[] }): React.ReactNode {
  const text = useText().explore.explain;
  const formats = useFormats();
  if (fanOut.length === 0) return null;
  const count = (value: number | undefined) => (value === undefined ? '' : formats.count(value));
  return (
    <div className={styles.fanOut}>
      <table aria-label={text.stores} className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{text.store}</th>
            <th className={styles.figure} scope="col">
              {text.time}
            </th>
            <th className={styles.figure} scope="col">
              {text.series}
            </th>
            <th className={styles.figure} scope="col">
              {text.samples}
            </th>
            <th className={styles.figure} scope="col">
              {text.bytes}
            </th>
          </tr>
        </thead>
        <tbody>
          {fanOut.map((store) => (
            <tr key={store.endpointAddr}>
              <th scope="row">
                {store.endpointAddr}
                {store.error === undefined ? null : (
                  <span className={styles.storeError}>{store.error}</span>
                )}
              </th>
              <td className={styles.figure}>
                {store.durationMs === undefined
                  ? store.duration
                  : formats.duration(store.durationMs)}
              </td>
              <td className={styles.figure}>{count(store.series)}</td>
              <td className={styles.figure}>{count(store.samples)}</td>
              <td className={styles.figure}>
                {store.bytesProcessed === undefined ? '' : formats.bytes(store.bytesProcessed)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

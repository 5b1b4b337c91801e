/** The running system as boxes and the edges between them; each box leads to the page about it. */
import { useElementSize } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Catalogue } from '../text/catalogue.ts';
import { useFormats, useText } from '../text/use-text.ts';
import { type RowName, rateText, rowsOf, rowText } from './figure-rows.ts';
import { type Box, layoutPicture, type PlacedEdge } from './layout.ts';
import { linkOf, nameOf } from './node-link.ts';
import styles from './picture.module.css';
import { placeOf, type SystemEdge, type SystemModel, type SystemNode } from './system-model.ts';

const HEAD_PX = 36;
const STATE_PX = 18;
const ROW_PX = 18;
const FOOT_PX = 26;

export interface PictureProps {
  readonly model: SystemModel;
  readonly isStale: boolean;
}

export function Picture({ model, isStale }: PictureProps): React.ReactNode {
  const { overview: text } = useText();
  const { ref, width } = useElementSize<HTMLDivElement>();
  const rows = useMemo(() => rowsOf(model), [model]);
  const layout = useMemo(() => {
    const boxes = model.nodes.map((node) => ({
      id: node.id,
      ...placeOf(node),
      heightPx: heightOf(node, rows.get(node.kind)?.length ?? 0),
    }));
    return layoutPicture(boxes, model.edges, width);
  }, [model, rows, width]);
  const boxes = new Map(layout.boxes.map((box) => [box.id, box]));
  return (
    <div className={styles.frame} data-stale={isStale || undefined} ref={ref}>
      {width > 0 && (
        <div
          className={styles.canvas}
          data-direction={layout.direction}
          style={{ height: layout.height }}
        >
          <svg
            aria-hidden="true"
            className={styles.edges}
            height={layout.height}
            viewBox={`0 0 ${layout.width} ${layout.height}`}
            width={layout.width}
          >
            {layout.edges.map((edge) => (
              <Edge edge={edge} facts={factsOf(model, edge)} key={`${edge.from} ${edge.to}`} />
            ))}
          </svg>
          <ul aria-label={text.picture.label} className={styles.boxes}>
            {model.nodes.map((node) => (
              <NodeBox
                box={boxes.get(node.id)}
                key={node.id}
                node={node}
                rows={rows.get(node.kind) ?? []}
              />
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

function heightOf({ state }: SystemNode, rows: number): number {
  return HEAD_PX + (state === 'none' ? 0 : STATE_PX) + rows * ROW_PX + FOOT_PX;
}

function factsOf(model: SystemModel, { from, to }: PlacedEdge): SystemEdge | undefined {
  return model.edges.find((edge) => edge.from === from && edge.to === to);
}

interface EdgeProps {
  readonly edge: PlacedEdge;
  readonly facts: SystemEdge | undefined;
}

function Edge({ edge, facts }: EdgeProps): React.ReactNode {
  const formats = useFormats();
  const isFlowing = facts?.isAlive === true && facts.rate !== 0;
  const rate = facts?.rate;
  const label = rate === undefined || rate === 0 ? '' : `${rateText(rate, formats)}/s`;
  const width = label.length * 6.2 + 8;
  return (
    <g data-alive={facts?.isAlive || undefined} data-flowing={isFlowing || undefined}>
      <path className={styles.edge} d={edge.path} />
      {isFlowing && <path className={styles.flow} d={edge.path} />}
      {label !== '' && (
        <>
          <rect
            className={styles.plate}
            height={16}
            rx={8}
            width={width}
            x={edge.labelX - width / 2}
            y={edge.labelY - 8}
          />
          <text className={styles.rate} x={edge.labelX} y={edge.labelY + 4}>
            {label}
          </text>
        </>
      )}
    </g>
  );
}

interface NodeBoxProps {
  readonly node: SystemNode;
  readonly box: Box | undefined;
  readonly rows: readonly RowName[];
}

function NodeBox({ node, box, rows }: NodeBoxProps): React.ReactNode {
  const { overview: text } = useText();
  if (box === undefined) return null;
  const { x, y, width, height } = box;
  const style = { left: x, top: y, width, height };
  const link = linkOf(node);
  const content = <BoxContent node={node} rows={rows} />;
  return (
    <li
      className={styles.item}
      data-kind={node.kind}
      data-node={node.id}
      data-state={node.state}
      style={style}
    >
      {link === undefined ? (
        <div className={styles.box}>{content}</div>
      ) : (
        <Link className={styles.box} title={text.open(nameOf(node, text))} {...link}>
          {content}
        </Link>
      )}
    </li>
  );
}

function BoxContent({ node, rows }: Pick<NodeBoxProps, 'node' | 'rows'>): React.ReactNode {
  const { overview: text } = useText();
  const formats = useFormats();
  return (
    <>
      <span className={styles.head}>
        <strong className={styles.name}>{nameOf(node, text)}</strong>
        <span className={styles.version}>{node.figures.version}</span>
      </span>
      {node.state !== 'none' && (
        <span className={styles.state}>{stateText(node, text, formats.count)}</span>
      )}
      {rows.map((row) => (
        <span className={styles.row} data-bad={isBad(node, row) || undefined} key={row}>
          <span className={styles.label}>{text.figures[row]}</span>
          <span className={styles.value}>{rowText(node, row, text, formats)}</span>
        </span>
      ))}
      <FootLine node={node} />
    </>
  );
}

function isBad({ figures, targets }: SystemNode, row: RowName): boolean {
  if (row === 'errors') return Math.round(figures.errors ?? 0) > 0;
  return row === 'up' && targets !== undefined && targets.up < targets.all;
}

export function stateText(
  { state, restarts }: SystemNode,
  text: Catalogue['overview'],
  count: (n: number) => string,
): string {
  const word = text.states[state];
  return restarts === 0 ? word : `${word} · ${text.restarted(count(restarts))}`;
}

/** What is wrong, else where it is. */
function FootLine({ node }: { readonly node: SystemNode }): React.ReactNode {
  const { overview: text } = useText();
  const isWrong = node.error !== '' && !['ready', 'starting'].includes(node.state);
  const line = isWrong ? node.error : node.kind === 'client' ? text.figures.here : node.address;
  return (
    <span className={styles.foot} data-bad={isWrong || undefined} title={line}>
      {line}
    </span>
  );
}

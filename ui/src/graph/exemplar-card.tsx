/** One exemplar with its labels, kept open until it is closed, so that its trace can be copied. */
import { useEffect, useRef } from 'react';
import { CopyButton } from '../parts/copy-button.tsx';
import { useFormats, useText } from '../text/use-text.ts';
import { type Exemplar, traceOf } from './exemplars.ts';
import classes from './graph.module.css';
import { seriesName } from './series-name.ts';
import { printValue, type Unit } from './unit.ts';

export interface ExemplarCardProps {
  readonly exemplar: Exemplar;
  readonly unit: Unit;
  onClose(): void;
}

export function ExemplarCard({ exemplar, unit, onClose }: ExemplarCardProps): React.ReactNode {
  const text = useText().graph;
  const formats = useFormats();
  const closer = useRef<HTMLButtonElement>(null);
  useEffect(() => closer.current?.focus(), []);
  const { labels, seriesLabels, timeMs, value } = exemplar;
  const trace = traceOf(exemplar);
  const rest = Object.entries(labels).filter(([, one]) => one !== trace);
  return (
    <div
      className={classes.card}
      role="dialog"
      aria-label={text.exemplarOf(seriesName(seriesLabels))}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <div className={classes.cardHead}>
        <strong>{text.exemplar}</strong>
        <button ref={closer} type="button" className={classes.link} onClick={onClose}>
          {text.close}
        </button>
      </div>
      <dl className={classes.cardFacts}>
        <dt>{text.value}</dt>
        <dd>{printValue(value, unit)}</dd>
        <dt>{text.time}</dt>
        <dd>{formats.time(timeMs)}</dd>
        {trace === undefined ? null : (
          <>
            <dt>{text.traceId}</dt>
            <dd>
              <code>{trace}</code> <CopyButton text={trace} />
            </dd>
          </>
        )}
        <dt>{text.series}</dt>
        <dd>{seriesName(seriesLabels)}</dd>
        {rest.map(([name, one]) => (
          <Fact key={name} name={name} value={one} />
        ))}
      </dl>
    </div>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }): React.ReactNode {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

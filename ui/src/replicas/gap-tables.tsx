/** The gaps that deduplication closed, and those that are left. */
import { Button } from '@mantine/core';
import { EmptyNote } from '../parts/empty-note.tsx';
import { SectionHeader } from '../parts/headings.tsx';
import { useFormats, useText } from '../text/use-text.ts';
import styles from './page.module.css';
import type { Gap, LeftGap, Provenance, Window } from './provenance.ts';
import { exactTime } from './said.ts';

const ROWS_MAX = 100;

interface GapTablesProps {
  readonly provenance: Provenance;
  readonly onView: (view: Window) => void;
}

export function GapTables({ provenance, onView }: GapTablesProps): React.ReactNode {
  const { left, lanes } = provenance;
  return (
    <>
      {lanes.length > 1 && <FilledGaps onView={onView} provenance={provenance} />}
      {left.length > 0 && <LeftGaps gaps={left} names={lanes.map(({ name }) => name)} />}
    </>
  );
}

function FilledGaps({ provenance, onView }: GapTablesProps): React.ReactNode {
  const { replicas } = useText();
  const { filled: text } = replicas;
  const formats = useFormats();
  const { filled, lanes } = provenance;
  const nameOf = (lane: number): string =>
    lane < 0 ? replicas.unknownSupplier : (lanes[lane]?.name ?? '');
  return (
    <section>
      <SectionHeader count={formats.count(filled.length)} title={text.title} />
      {filled.length === 0 ? (
        <EmptyNote title={text.none} />
      ) : (
        <div className={styles.scroll}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{text.replica}</th>
                <th scope="col">{text.start}</th>
                <th scope="col">{text.end}</th>
                <th scope="col">{text.length}</th>
                <th scope="col">{text.by}</th>
                <th scope="col">{text.samples}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {filled.slice(0, ROWS_MAX).map((gap) => (
                <tr key={`${gap.lane} ${gap.startMs}`}>
                  <th scope="row">{nameOf(gap.lane)}</th>
                  <td>{exactTime(gap.startMs, formats)}</td>
                  <td>{exactTime(gap.endMs, formats)}</td>
                  <td>{formats.duration(gap.endMs - gap.startMs)}</td>
                  <td>{gap.by.map(nameOf).join(', ')}</td>
                  <td>{formats.count(gap.samples)}</td>
                  <td>
                    <Button onClick={() => onView(around(gap))} size="compact-xs" variant="default">
                      {text.look}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {filled.length > ROWS_MAX && <p>{text.more(formats.count(filled.length - ROWS_MAX))}</p>}
    </section>
  );
}

/** The gap with as much on each side. */
function around({ startMs, endMs }: Gap): Window {
  const lengthMs = endMs - startMs;
  return { startMs: startMs - lengthMs, endMs: endMs + lengthMs };
}

interface LeftGapsProps {
  readonly gaps: readonly LeftGap[];
  readonly names: readonly string[];
}

function LeftGaps({ gaps, names }: LeftGapsProps): React.ReactNode {
  const { left: text, filled } = useText().replicas;
  const formats = useFormats();
  return (
    <section>
      <SectionHeader count={formats.count(gaps.length)} title={text.title} />
      <div className={styles.scroll}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{text.start}</th>
              <th scope="col">{text.end}</th>
              <th scope="col">{filled.length}</th>
              <th scope="col">{text.held}</th>
            </tr>
          </thead>
          <tbody>
            {gaps.slice(0, ROWS_MAX).map(({ startMs, endMs, held }) => (
              <tr key={startMs}>
                <td>{exactTime(startMs, formats)}</td>
                <td>{exactTime(endMs, formats)}</td>
                <td>{formats.duration(endMs - startMs)}</td>
                <td>
                  {held.length === 0 ? text.nobody : held.map((lane) => names[lane]).join(', ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

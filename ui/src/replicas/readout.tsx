/** The samples next to the pointer, one line a lane. */
import { useFormats, useText } from '../text/use-text.ts';
import styles from './lanes.module.css';
import { nearest, type Provenance } from './provenance.ts';
import { exactTime } from './said.ts';

interface ReadoutProps {
  readonly cursorMs: number | undefined;
  readonly provenance: Provenance;
}

export function Readout({ cursorMs, provenance }: ReadoutProps): React.ReactNode {
  const { replicas: text } = useText();
  const { lanes, result, suppliers } = provenance;
  const at = cursorMs === undefined ? -1 : nearest(result.times, cursorMs);
  const supplier = lanes[suppliers[at] ?? -1];
  const from = supplier === undefined ? text.unknownSupplier : text.lane(supplier.name);
  return (
    <dl aria-live="polite" className={styles.readout}>
      {lanes.map((lane, i) => (
        <Line
          cursorMs={cursorMs}
          key={lane.name}
          lane={lane}
          name={lane.name === '' ? text.onlyOne : text.lane(lane.name)}
          place={i}
        />
      ))}
      <Line
        cursorMs={cursorMs}
        lane={result}
        more={at < 0 ? '' : text.cursor.from(from)}
        name={text.result}
        place={undefined}
      />
    </dl>
  );
}

interface LineProps {
  readonly name: string;
  readonly place: number | undefined;
  readonly lane: {
    readonly times: readonly number[];
    readonly values: readonly string[];
    readonly intervalMs: number;
  };
  readonly cursorMs: number | undefined;
  readonly more?: string;
}

function Line({ name, place, lane, cursorMs, more = '' }: LineProps): React.ReactNode {
  const { replicas: text } = useText();
  const formats = useFormats();
  const { times, values, intervalMs } = lane;
  const at = cursorMs === undefined ? -1 : nearest(times, cursorMs);
  const time = times[at];
  const isNear =
    time !== undefined && cursorMs !== undefined && Math.abs(time - cursorMs) <= intervalMs;
  const value = isNear
    ? text.cursor.sample(shortValue(values[at] ?? ''), exactTime(time, formats))
    : text.cursor.noSample;
  return (
    <>
      <dt>
        <span className={styles.swatch} data-lane={place} />
        {name}
      </dt>
      <dd>
        {cursorMs === undefined ? '–' : value}
        {isNear && more !== '' && <span className={styles.facts}>{more}</span>}
      </dd>
    </>
  );
}

const VALUE_LENGTH_MAX = 60;

/** Histograms are long; numbers never are. */
function shortValue(value: string): string {
  return value.length <= VALUE_LENGTH_MAX ? value : `${value.slice(0, VALUE_LENGTH_MAX)}…`;
}

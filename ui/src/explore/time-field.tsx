/** The end of the range, or the time of evaluation: now, earlier, later, picked or typed. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { Dropdown, useCloseDropdown } from '../parts/dropdown.tsx';
import { useFormats, useText } from '../text/use-text.ts';
import styles from './explore.module.css';
import { Icon } from './icons.tsx';
import { JoinedButton } from './joined-button.tsx';
import { parseTypedTime, printWall, timeOfWall } from './time-input.ts';
import { TypedField } from './typed-field.tsx';

interface TimeFieldProps {
  readonly label: string;
  /** Undefined: now. */
  readonly timeMs: number | undefined;
  /** How far one step back or forth goes. */
  readonly strideMs: number;
  readonly onChange: (timeMs: number | undefined) => void;
}

export function TimeField({ label, timeMs, strideMs, onChange }: TimeFieldProps): React.ReactNode {
  const text = useText().explore.time;
  const formats = useFormats();
  const move = (byMs: number) => {
    const nowMs = Date.now();
    const movedMs = Math.round((timeMs ?? nowMs) + byMs);
    onChange(movedMs >= nowMs ? undefined : movedMs);
  };
  return (
    <fieldset className={styles.joined}>
      <legend className={styles.hidden}>{label}</legend>
      <JoinedButton icon="left" label={text.earlier} onClick={() => move(-strideMs)} />
      <Dropdown
        align="start"
        label={label}
        trigger={(properties) => (
          <Button
            aria-label={`${label}: ${timeMs === undefined ? text.now : formats.time(timeMs)}`}
            className={styles.timeButton}
            leftSection={<Icon name="clock" size={14} />}
            size="xs"
            variant="default"
            {...properties}
          >
            {timeMs === undefined ? text.now : formats.time(timeMs)}
          </Button>
        )}
        width={360}
      >
        <TimeChoice onChange={onChange} timeMs={timeMs} />
      </Dropdown>
      <JoinedButton
        icon="right"
        label={text.later}
        isDisabled={timeMs === undefined}
        onClick={() => move(strideMs)}
      />
    </fieldset>
  );
}

const AGO_MS = [15 * 60_000, 3_600_000, 6 * 3_600_000, 86_400_000, 7 * 86_400_000];

function TimeChoice({
  timeMs,
  onChange,
}: Pick<TimeFieldProps, 'timeMs' | 'onChange'>): React.ReactNode {
  const text = useText().explore.time;
  const close = useCloseDropdown();
  const choose = (chosenMs: number | undefined) => {
    onChange(chosenMs);
    close();
  };
  const formats = useFormats();
  const zone = formats.settings.timeZone;
  const shownMs = timeMs ?? Math.floor(Date.now() / 1000) * 1000;
  const take = (typed: string): boolean => {
    const parsed = parseTypedTime(typed, Date.now(), zone);
    if (parsed.kind === 'faulty') return false;
    choose(parsed.kind === 'now' ? undefined : parsed.timeMs);
    return true;
  };
  const [wall, setWall] = useState(() => printWall(shownMs, zone, 'T').slice(0, 19));
  const wallMs = Date.parse(`${wall}Z`);
  return (
    <div className={styles.choice}>
      <div className={styles.chips}>
        <Button onClick={() => choose(undefined)} size="compact-xs" variant="light">
          {text.now}
        </Button>
        {AGO_MS.map((agoMs) => (
          <Button
            key={agoMs}
            onClick={() => choose(Math.floor(Date.now() / 1000) * 1000 - agoMs)}
            size="compact-xs"
            variant="default"
          >
            {text.ago(formats.duration(agoMs))}
          </Button>
        ))}
      </div>
      <label className={styles.choiceLabel}>
        {text.date}
        <span className={styles.dateRow}>
          <input
            className={styles.dateInput}
            onChange={(event) => setWall(event.currentTarget.value)}
            step={1}
            type="datetime-local"
            value={wall}
          />
          <Button
            disabled={Number.isNaN(wallMs)}
            onClick={() => choose(timeOfWall(wallMs, zone))}
            size="xs"
          >
            {text.apply}
          </Button>
        </span>
      </label>
      <div className={styles.choiceLabel}>
        {text.typed}
        <TypedField
          faulty={text.faulty}
          label={text.typed}
          onTake={take}
          placeholder={text.typedHint}
          value={timeMs === undefined ? '' : printWall(timeMs, zone, ' ')}
        />
      </div>
      <p className={styles.note}>{zone === undefined ? text.localZone : text.zone(zone)}</p>
    </div>
  );
}

/** How much time a graph shows: shorter, longer, or typed. */
import { ActionIcon } from '@mantine/core';
import { parsePrometheusDuration, printDuration } from '../../../src/model/duration.ts';
import { useText } from '../text/use-text.ts';
import styles from './explore.module.css';
import { Icon } from './icons.tsx';
import { nextRange } from './panel.ts';
import { TypedField } from './typed-field.tsx';

interface RangeFieldProps {
  readonly rangeMs: number;
  readonly onChange: (rangeMs: number) => void;
}

export function RangeField({ rangeMs, onChange }: RangeFieldProps): React.ReactNode {
  const text = useText().explore.range;
  const take = (typed: string): boolean => {
    const parsed = parsePrometheusDuration(typed);
    if (parsed === undefined || parsed <= 0) return false;
    onChange(parsed);
    return true;
  };
  return (
    <fieldset className={styles.joined}>
      <legend className={styles.hidden}>{text.label}</legend>
      <ActionIcon
        aria-label={text.shorter}
        onClick={() => onChange(nextRange(rangeMs, 'shorter'))}
        size={30}
        title={text.shorter}
        variant="default"
      >
        <Icon name="minus" />
      </ActionIcon>
      <TypedField
        className={styles.rangeInput}
        faulty={text.faulty}
        label={text.label}
        onTake={take}
        value={printDuration(rangeMs)}
      />
      <ActionIcon
        aria-label={text.longer}
        onClick={() => onChange(nextRange(rangeMs, 'longer'))}
        size={30}
        title={text.longer}
        variant="default"
      >
        <Icon name="plus" />
      </ActionIcon>
    </fieldset>
  );
}

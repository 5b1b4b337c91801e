/** How much time a graph shows: shorter, longer, or typed. */
import { parsePrometheusDuration, printDuration } from '../../../src/model/duration.ts';
import { useText } from '../text/use-text.ts';
import styles from './explore.module.css';
import { JoinedButton } from './joined-button.tsx';
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
      <JoinedButton
        icon="minus"
        label={text.shorter}
        onClick={() => onChange(nextRange(rangeMs, 'shorter'))}
      />
      <TypedField
        className={styles.rangeInput}
        faulty={text.faulty}
        label={text.label}
        onTake={take}
        value={printDuration(rangeMs)}
      />
      <JoinedButton
        icon="plus"
        label={text.longer}
        onClick={() => onChange(nextRange(rangeMs, 'longer'))}
      />
    </fieldset>
  );
}

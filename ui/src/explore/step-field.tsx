/** How far the samples of a graph are apart: chosen by range and width, from a list, or typed. */
import { Button } from '@mantine/core';
import { parsePrometheusDuration, printDuration } from '../../../src/model/duration.ts';
import { Dropdown, DropdownDivider, DropdownItem } from '../parts/dropdown.tsx';
import { useFormats, useText } from '../text/use-text.ts';
import styles from './explore.module.css';
import { Icon } from './icons.tsx';
import { type Density, type Panel, STEPS_LIMIT } from './panel.ts';
import { TypedField } from './typed-field.tsx';

interface StepFieldProps {
  readonly panel: Panel;
  /** The step that is used. */
  readonly stepMs: number;
  readonly onChange: (panel: Panel) => void;
}

const DENSITIES: readonly Density[] = ['low', 'medium', 'high'];
const STEPS_MS = [1000, 5000, 15_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 86_400_000];

export function StepField({ panel, stepMs, onChange }: StepFieldProps): React.ReactNode {
  const text = useText().explore.step;
  const formats = useFormats();
  const steps = Math.floor(panel.rangeMs / stepMs) + 1;
  const isTooFine = (otherMs: number) => panel.rangeMs / otherMs > STEPS_LIMIT;
  const shown = printDuration(stepMs);
  const take = (typed: string): boolean => {
    const seconds = Number(typed);
    const parsed = Number.isFinite(seconds) ? seconds * 1000 : parsePrometheusDuration(typed);
    if (parsed === undefined || parsed < 1) return false;
    onChange({ ...panel, stepMs: Math.round(parsed) });
    return true;
  };
  return (
    <div className={styles.stepField}>
      <Dropdown
        label={text.choose}
        trigger={(properties) => (
          <Button
            data-faulty={isTooFine(stepMs) || undefined}
            rightSection={<Icon name="down" size={14} />}
            size="xs"
            title={isTooFine(stepMs) ? text.tooMany(formats.count(steps)) : text.choose}
            variant="default"
            {...properties}
          >
            {text.label} {panel.stepMs === undefined ? text.automatic(shown) : shown}
          </Button>
        )}
      >
        {DENSITIES.map((density) => (
          <DropdownItem
            isCurrent={panel.stepMs === undefined && panel.density === density}
            key={density}
            onClick={() => onChange({ ...panel, stepMs: undefined, density })}
          >
            {text.densities[density]}
          </DropdownItem>
        ))}
        <DropdownDivider />
        <div className={styles.stepChips}>
          {STEPS_MS.map((otherMs) => (
            <DropdownItem
              isCurrent={panel.stepMs === otherMs}
              isDisabled={isTooFine(otherMs)}
              key={otherMs}
              onClick={() => onChange({ ...panel, stepMs: otherMs })}
            >
              {printDuration(otherMs)}
            </DropdownItem>
          ))}
        </div>
        <DropdownDivider />
        <div className={styles.menuField}>
          <TypedField
            faulty={text.faulty}
            label={text.typed}
            onTake={take}
            placeholder={text.typed}
            value={panel.stepMs === undefined ? '' : printDuration(panel.stepMs)}
          />
        </div>
      </Dropdown>
    </div>
  );
}

/** What of Thanos a query may be told: deduplication, partial answers, resolution, stores; and to be measured. */
import { Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import { useApi } from '../data/use-api.ts';
import { Dropdown } from '../parts/dropdown.tsx';
import { useText } from '../text/use-text.ts';
import styles from './explore.module.css';
import { Icon } from './icons.tsx';
import { NEW_PANEL, type Panel } from './panel.ts';

interface OptionsFieldProps {
  readonly panel: Panel;
  /** A plain Prometheus can only measure. */
  readonly isThanos: boolean;
  readonly onChange: (panel: Panel) => void;
}

export function OptionsField({ panel, isThanos, onChange }: OptionsFieldProps): React.ReactNode {
  const text = useText().explore.options;
  const told = useTold(panel, isThanos);
  return (
    <Dropdown
      label={text.label}
      trigger={(properties) => (
        <Button
          className={styles.optionsButton}
          leftSection={<Icon name="options" size={14} />}
          size="xs"
          variant="default"
          {...properties}
        >
          {told.length === 0 ? text.label : told.join(', ')}
        </Button>
      )}
      width={340}
    >
      <div className={styles.choice}>
        {isThanos ? <ThanosOptions onChange={onChange} panel={panel} /> : null}
        <Switch
          checked={panel.isAnalyzed}
          description={text.analyzeHint}
          label={text.analyze}
          onChange={(event) => onChange({ ...panel, isAnalyzed: event.currentTarget.checked })}
        />
        <Button
          disabled={told.length === 0}
          onClick={() => onChange(withoutOptions(panel))}
          size="compact-xs"
          variant="subtle"
        >
          {text.reset}
        </Button>
      </div>
    </Dropdown>
  );
}

function withoutOptions(panel: Panel): Panel {
  const { isDeduplicated, isPartialAllowed, maxSourceResolution, stores, isAnalyzed, tenant } =
    NEW_PANEL;
  return {
    ...panel,
    isDeduplicated,
    isPartialAllowed,
    maxSourceResolution,
    stores,
    isAnalyzed,
    tenant,
  };
}

/** What differs from the usual, in a few words. */
function useTold(panel: Panel, isThanos: boolean): readonly string[] {
  const text = useText().explore.options;
  const { maxSourceResolution: resolution, stores, tenant } = panel;
  const measured = panel.isAnalyzed ? [text.analyzed] : [];
  if (!isThanos) return measured;
  return [
    ...(panel.isDeduplicated ? [] : [text.noDedup]),
    ...(panel.isPartialAllowed ? [] : [text.noPartial]),
    ...(resolution === '0s' ? [] : [resolution]),
    ...(stores.length === 0 ? [] : [text.chosenStores(stores.length)]),
    ...(tenant === '' ? [] : [text.tenantIs(tenant)]),
    ...measured,
  ];
}

function ThanosOptions({
  panel,
  onChange,
}: Pick<OptionsFieldProps, 'panel' | 'onChange'>): React.ReactNode {
  const text = useText().explore.options;
  const { raw, auto, five, hour } = text.resolutions;
  const known = ['0s', 'auto', '5m', '1h'];
  const { maxSourceResolution: resolution } = panel;
  return (
    <>
      <Switch
        checked={panel.isDeduplicated}
        description={text.deduplicateHint}
        label={text.deduplicate}
        onChange={(event) => onChange({ ...panel, isDeduplicated: event.currentTarget.checked })}
      />
      <Switch
        checked={panel.isPartialAllowed}
        description={text.partialHint}
        label={text.partial}
        onChange={(event) => onChange({ ...panel, isPartialAllowed: event.currentTarget.checked })}
      />
      <NativeSelect
        data={[
          { value: '0s', label: raw },
          { value: 'auto', label: auto },
          { value: '5m', label: five },
          { value: '1h', label: hour },
          ...(known.includes(resolution) ? [] : [resolution]),
        ]}
        label={text.resolution}
        onChange={(event) => onChange({ ...panel, maxSourceResolution: event.currentTarget.value })}
        size="xs"
        value={resolution}
      />
      <StoreChoice onChange={onChange} panel={panel} />
      {panel.tenant === '' ? null : (
        <TextInput label={text.tenant} readOnly size="xs" value={panel.tenant} />
      )}
    </>
  );
}

interface ListedStore {
  readonly name: string;
}

function StoreChoice({
  panel,
  onChange,
}: Pick<OptionsFieldProps, 'panel' | 'onChange'>): React.ReactNode {
  const text = useText().explore.options;
  const { data, error } = useApi<Readonly<Record<string, readonly ListedStore[]>>>(
    '/api/v1/stores',
    {},
    { freshMs: 15_000 },
  );
  const listed = Object.values(data?.data ?? {})
    .flat()
    .map(({ name }) => name);
  const names = [...new Set([...listed, ...panel.stores])].sort();
  const state =
    error !== null ? text.storesFailed : names.length === 0 ? text.storesNone : undefined;
  const toggle = (name: string, isChosen: boolean) => {
    const others = panel.stores.filter((other) => other !== name);
    onChange({ ...panel, stores: isChosen ? [...others, name] : others });
  };
  return (
    <fieldset className={styles.stores}>
      <legend>{text.stores}</legend>
      <p className={styles.note}>
        {data === undefined && error === null ? ' ' : (state ?? text.storesHint)}
      </p>
      <div className={styles.storeList}>
        {names.map((name) => (
          <label className={styles.check} key={name}>
            <input
              checked={panel.stores.includes(name)}
              onChange={(event) => toggle(name, event.currentTarget.checked)}
              type="checkbox"
            />
            {name}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

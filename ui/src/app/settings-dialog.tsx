/** What a user can choose; each choice holds at once and is kept in the browser. */
import { NativeSelect, SegmentedControl, Switch } from '@mantine/core';
import { useId } from 'react';
import { serverSettings } from '../data/server-settings.ts';
import { type UserSettings, useUserSettings } from '../data/user-settings.ts';
import { Dialog } from '../parts/dialog.tsx';
import { useText } from '../text/use-text.ts';
import styles from './settings-dialog.module.css';

export interface SettingsDialogProps {
  readonly onClose: () => void;
}

export function SettingsDialog({ onClose }: SettingsDialogProps): React.ReactNode {
  const { settings: text } = useText().app;
  const hasReplicas = serverSettings().component !== 'prometheus';
  return (
    <Dialog onClose={onClose} title={text.title}>
      <div className={styles.settings}>
        <Choice
          label={text.theme}
          name="theme"
          options={[
            ['auto', text.themes.auto],
            ['light', text.themes.light],
            ['dark', text.themes.dark],
          ]}
        />
        <Choice
          label={text.language}
          name="language"
          options={[
            ['auto', text.languages.auto],
            ['en', text.languages.en],
            ['ko', text.languages.ko],
          ]}
        />
        <TimeZone />
        <fieldset className={styles.group}>
          <legend className={styles.label}>{text.queries}</legend>
          <Toggle label={text.completion} name="completion" />
          <Toggle label={text.highlighting} name="highlighting" />
          <Toggle label={text.linting} name="linting" />
          <Toggle label={text.rememberHistory} name="rememberHistory" />
          <Toggle label={text.statistics} name="queryStatistics" />
          {hasReplicas && <Toggle label={text.deduplicate} name="deduplicate" />}
          {hasReplicas && <Toggle label={text.partialResponse} name="partialResponse" />}
        </fieldset>
        <p className={styles.note}>{text.kept}</p>
      </div>
    </Dialog>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly name: 'theme' | 'language';
  readonly options: readonly (readonly [value: string, label: string])[];
}

function Choice({ label, name, options }: ChoiceProps): React.ReactNode {
  const [settings, change] = useUserSettings();
  const id = useId();
  return (
    <div>
      <span className={styles.label} id={id}>
        {label}
      </span>
      <SegmentedControl
        aria-labelledby={id}
        data={options.map(([value, label]) => ({ value, label }))}
        fullWidth
        onChange={(value) => change({ [name]: value } as Partial<UserSettings>)}
        value={settings[name]}
      />
    </div>
  );
}

function TimeZone(): React.ReactNode {
  const { settings: text } = useText().app;
  const [{ timeZone }, change] = useUserSettings();
  const local = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const first = [
    { value: 'local', label: text.zoneLocal(local) },
    { value: 'UTC', label: text.zoneUtc },
  ];
  const named = Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC');
  return (
    <NativeSelect
      data={[...first, { group: text.zones, items: named }]}
      label={text.timeZone}
      onChange={(event) => change({ timeZone: event.currentTarget.value })}
      value={timeZone}
    />
  );
}

type ToggleName = {
  [K in keyof UserSettings]: UserSettings[K] extends boolean ? K : never;
}[keyof UserSettings];

interface ToggleProps {
  readonly label: string;
  readonly name: ToggleName;
}

function Toggle({ label, name }: ToggleProps): React.ReactNode {
  const [settings, change] = useUserSettings();
  return (
    <Switch
      checked={settings[name]}
      label={label}
      onChange={(event) => change({ [name]: event.currentTarget.checked })}
      withThumbIndicator={false}
    />
  );
}

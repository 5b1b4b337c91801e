/** What a user can choose, in a panel under its button. */
import { ActionIcon, Popover, SegmentedControl, Stack, Switch, Text } from '@mantine/core';
import { type UserSettings, useUserSettings } from '../data/user-settings.ts';
import { SettingsIcon } from '../parts/icons.tsx';
import { useText } from '../text/use-text.ts';

export function SettingsButton(): React.ReactNode {
  const { settings: text } = useText().app;
  return (
    <Popover position="bottom-end" shadow="md" trapFocus withRoles>
      <Popover.Target>
        <ActionIcon
          aria-label={text.title}
          color="gray"
          size="lg"
          title={text.title}
          variant="subtle"
        >
          <SettingsIcon />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={text.title}>
        <Stack gap="sm">
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
          <Choice
            label={text.timeZone}
            name="timeZone"
            options={[
              ['local', text.zoneLocal(Intl.DateTimeFormat().resolvedOptions().timeZone)],
              ['UTC', text.zoneUtc],
            ]}
          />
          <Toggle label={text.rememberHistory} name="rememberHistory" />
          <Toggle label={text.completion} name="completion" />
          <Toggle label={text.highlighting} name="highlighting" />
          <Toggle label={text.linting} name="linting" />
          <Toggle label={text.statistics} name="queryStatistics" />
          <Toggle label={text.deduplicate} name="deduplicate" />
          <Toggle label={text.partialResponse} name="partialResponse" />
          <Text c="dimmed" size="xs">
            {text.kept}
          </Text>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly name: 'theme' | 'language' | 'timeZone';
  readonly options: readonly (readonly [value: string, label: string])[];
}

function Choice({ label, name, options }: ChoiceProps): React.ReactNode {
  const [settings, change] = useUserSettings();
  return (
    <div>
      <Text fw={600} mb={4} size="sm">
        {label}
      </Text>
      <SegmentedControl
        aria-label={label}
        data={options.map(([value, label]) => ({ value, label }))}
        fullWidth
        onChange={(value) => change({ [name]: value } as Partial<UserSettings>)}
        size="xs"
        value={settings[name]}
      />
    </div>
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
      size="sm"
    />
  );
}

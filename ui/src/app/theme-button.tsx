/** One press to the other theme. */
import { ActionIcon, useComputedColorScheme } from '@mantine/core';
import { useUserSettings } from '../data/user-settings.ts';
import { MoonIcon, SunIcon } from '../parts/icons.tsx';
import { useText } from '../text/use-text.ts';

export function ThemeButton(): React.ReactNode {
  const { settings: text } = useText().app;
  const [, change] = useUserSettings();
  const next = useComputedColorScheme('light') === 'dark' ? 'light' : 'dark';
  const label = text.switchTheme(text.themes[next]);
  return (
    <ActionIcon
      aria-label={label}
      color="gray"
      onClick={() => change({ theme: next })}
      size="lg"
      title={label}
      variant="subtle"
    >
      {next === 'dark' ? <MoonIcon /> : <SunIcon />}
    </ActionIcon>
  );
}

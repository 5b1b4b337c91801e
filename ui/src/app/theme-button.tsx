/** One press to the other theme. */
import { useComputedColorScheme } from '@mantine/core';
import { useUserSettings } from '../data/user-settings.ts';
import { MoonIcon, SunIcon } from '../parts/icons.tsx';
import { useText } from '../text/use-text.ts';
import { HeaderButton } from './header-button.tsx';

export function ThemeButton(): React.ReactNode {
  const { settings: text } = useText().app;
  const toggle = useToggleTheme();
  const next = useNextTheme();
  return (
    <HeaderButton label={text.switchTheme[next]} onClick={toggle}>
      {next === 'dark' ? <MoonIcon /> : <SunIcon />}
    </HeaderButton>
  );
}

function useNextTheme(): 'light' | 'dark' {
  return useComputedColorScheme('light') === 'dark' ? 'light' : 'dark';
}

export function useToggleTheme(): () => void {
  const [, change] = useUserSettings();
  const next = useNextTheme();
  return () => change({ theme: next });
}

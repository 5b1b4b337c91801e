/** Everything that pages find around them: theme, language, settings, questions to the server, the address. */
import { MantineProvider } from '@mantine/core';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import {
  UserSettingsContext,
  type UserSettingsStore,
  useUserSettings,
} from '../data/user-settings.ts';
import { NoticeContext, NoticeStore } from '../parts/notices.ts';
import type { FormatSettings } from '../text/format.ts';
import { preferredLanguage } from '../text/language.ts';
import { FormatContext } from '../text/use-text.ts';
import { NoticeList } from './notice-list.tsx';
import type { AppRouter } from './router.tsx';
import { resolveVariables, theme } from './theme.ts';

export interface AppProps {
  readonly nonce: string;
  readonly queries: QueryClient;
  readonly router: AppRouter;
  readonly settings: UserSettingsStore;
}

export function App({ settings, ...rest }: AppProps): React.ReactNode {
  return (
    <UserSettingsContext value={settings}>
      <Surroundings {...rest} />
    </UserSettingsContext>
  );
}

function Surroundings({ nonce, queries, router }: Omit<AppProps, 'settings'>): React.ReactNode {
  const [{ theme: scheme, language, timeZone }] = useUserSettings();
  const format: FormatSettings = useMemo(
    () => ({
      language: language === 'auto' ? preferredLanguage(navigator.languages) : language,
      timeZone: timeZone === 'local' ? undefined : timeZone,
    }),
    [language, timeZone],
  );
  const [notices] = useState(() => new NoticeStore());
  useEffect(() => {
    document.documentElement.lang = format.language;
  }, [format]);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolveVariables}
      deduplicateCssVariables={false}
      defaultColorScheme="auto"
      {...(scheme === 'auto' ? {} : { forceColorScheme: scheme })}
      getStyleNonce={() => nonce}
    >
      <FormatContext value={format}>
        <NoticeContext value={notices}>
          <QueryClientProvider client={queries}>
            <RouterProvider router={router} />
            <NoticeList />
          </QueryClientProvider>
        </NoticeContext>
      </FormatContext>
    </MantineProvider>
  );
}

/** The frame of every page: the way past the menu, the header with the menu, the page, the keys. */
import { Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { serverSettings } from '../data/server-settings.ts';
import { useText } from '../text/use-text.ts';
import { Header } from './header.tsx';
import type { KeyAction } from './keys.ts';
import { type MenuItem, menuOf } from './menu.ts';
import styles from './shell.module.css';
import { useToggleTheme } from './theme-button.tsx';
import { useKeys } from './use-keys.ts';

const KeysDialog = lazy(async () => ({ default: (await import('./keys-dialog.tsx')).KeysDialog }));
const SettingsDialog = lazy(async () => ({
  default: (await import('./settings-dialog.tsx')).SettingsDialog,
}));

export function Shell(): React.ReactNode {
  const text = useText();
  const menu = useMemo(() => menuOf(serverSettings().component), []);
  const items = useMemo(() => [...menu.main, ...menu.status], [menu]);
  const [open, setOpen] = useState<'keys' | 'settings'>();
  useShellKeys(items, setOpen);
  useTitleOfMenu(items);
  const close = (): void => setOpen(undefined);
  return (
    <>
      <a className={styles.skip} href="#content">
        {text.app.skip}
      </a>
      <Header menu={menu} onKeys={() => setOpen('keys')} onSettings={() => setOpen('settings')} />
      <main className={styles.page} id="content" tabIndex={-1}>
        <Outlet />
      </main>
      <Suspense>
        {open === 'keys' && <KeysDialog items={items} onClose={close} />}
        {open === 'settings' && <SettingsDialog onClose={close} />}
      </Suspense>
    </>
  );
}

function useShellKeys(
  items: readonly MenuItem[],
  setOpen: (dialog: 'keys' | 'settings') => void,
): void {
  const navigate = useNavigate();
  const toggleTheme = useToggleTheme();
  useKeys(items, (action: KeyAction) => {
    switch (action.kind) {
      case 'go':
        return void navigate({ to: action.path });
      case 'help':
        return setOpen('keys');
      case 'settings':
        return setOpen('settings');
      case 'theme':
        return toggleTheme();
      case 'search':
        return document
          .querySelector<HTMLElement>('main input[type=search], main .cm-content')
          ?.focus();
      case 'lead':
        return;
    }
  });
}

/** Pages name the window by their title; until one does, its name in the menu stands there. */
function useTitleOfMenu(items: readonly MenuItem[]): void {
  const { menu, product } = useText().app;
  const { pathname } = useLocation();
  const page = items.find(({ path }) => path === pathname)?.page;
  useEffect(() => {
    document.title = page === undefined ? product : `${menu[page]} · ${serverSettings().title}`;
  }, [page, menu, product]);
}

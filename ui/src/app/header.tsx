/** Product name, menu, and what a user can set. */
import { Burger } from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { ChevronIcon, KeyboardIcon, SettingsIcon } from '../parts/icons.tsx';
import { useText } from '../text/use-text.ts';
import { HeaderButton } from './header-button.tsx';
import type { Menu, MenuItem } from './menu.ts';
import styles from './shell.module.css';
import { ThemeButton } from './theme-button.tsx';

export interface HeaderProps {
  readonly menu: Menu;
  readonly onKeys: () => void;
  readonly onSettings: () => void;
}

export function Header({ menu, onKeys, onSettings }: HeaderProps): React.ReactNode {
  const text = useText().app;
  const frame = useRef<HTMLElement>(null);
  const [isOpen, setOpen] = useOpenOnPage(frame);
  return (
    <header className={styles.header} ref={frame}>
      <Link className={styles.name} to="/">
        {text.product}
      </Link>
      <nav
        aria-label={text.menu.label}
        className={styles.menu}
        data-open={isOpen || undefined}
        id="menu"
      >
        {menu.main.map((item) => (
          <PageLink item={item} key={item.page} />
        ))}
        {menu.status.length > 0 && <StatusMenu items={menu.status} />}
      </nav>
      <div className={styles.controls}>
        <span className={styles.forKeyboards}>
          <HeaderButton label={text.keys.open} onClick={onKeys}>
            <KeyboardIcon />
          </HeaderButton>
        </span>
        <ThemeButton />
        <HeaderButton label={text.settings.title} onClick={onSettings}>
          <SettingsIcon />
        </HeaderButton>
        <Burger
          aria-controls="menu"
          aria-expanded={isOpen}
          aria-label={isOpen ? text.menu.close : text.menu.open}
          className={styles.burger}
          onClick={() => setOpen(!isOpen)}
          opened={isOpen}
          size="sm"
        />
      </div>
    </header>
  );
}

/** Choosing another page closes what was open, and so do Escape and whatever happens outside of its frame. */
function useOpenOnPage(
  frame: React.RefObject<HTMLElement | null>,
): readonly [isOpen: boolean, setOpen: (isOpen: boolean) => void] {
  const { pathname } = useLocation();
  const [openOn, setOpenOn] = useState<string>();
  const isOpen = openOn === pathname;
  useEffect(() => {
    if (!isOpen) return;
    const close = (event: Event): void => {
      const isInside = event.target instanceof Node && frame.current?.contains(event.target);
      const isEscape = event instanceof KeyboardEvent && event.key === 'Escape';
      if (isEscape || (!(event instanceof KeyboardEvent) && isInside !== true))
        setOpenOn(undefined);
    };
    const kinds = ['keydown', 'pointerdown', 'focusin'] as const;
    for (const kind of kinds) window.addEventListener(kind, close);
    return () => {
      for (const kind of kinds) window.removeEventListener(kind, close);
    };
  }, [isOpen, frame]);
  return [isOpen, (next) => setOpenOn(next ? pathname : undefined)];
}

function PageLink({ item }: { readonly item: MenuItem }): React.ReactNode {
  const { menu } = useText().app;
  return (
    <Link
      activeOptions={{ exact: item.path === '/', includeSearch: false }}
      className={styles.link}
      to={item.path}
    >
      {menu[item.page]}
    </Link>
  );
}

/** In a wide window a list that opens; in a narrow one its pages follow the others. */
function StatusMenu({ items }: { readonly items: readonly MenuItem[] }): React.ReactNode {
  const { menu } = useText().app;
  const { pathname } = useLocation();
  const frame = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useOpenOnPage(frame);
  const isHere = items.some(({ path }) => pathname.endsWith(path));
  return (
    <div className={styles.status} ref={frame}>
      <button
        aria-controls="status-menu"
        aria-expanded={isOpen}
        className={styles.statusButton}
        data-status={isHere ? 'active' : undefined}
        onClick={() => setOpen(!isOpen)}
        type="button"
      >
        {menu.status}
        <ChevronIcon />
      </button>
      <div className={styles.statusPages} data-open={isOpen || undefined} id="status-menu">
        {items.map((item) => (
          <PageLink item={item} key={item.page} />
        ))}
      </div>
    </div>
  );
}

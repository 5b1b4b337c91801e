/** Product name, menu, and what a user can set. */
import { Burger, Menu, UnstyledButton } from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
import { useState } from 'react';
import { serverSettings } from '../data/server-settings.ts';
import { useText } from '../text/use-text.ts';
import { type MenuItem, menuOf } from './menu.ts';
import { SettingsButton } from './settings.tsx';
import styles from './shell.module.css';
import { ThemeButton } from './theme-button.tsx';

export function Header(): React.ReactNode {
  const text = useText();
  const { pathname } = useLocation();
  // On the page where it was opened: choosing another closes it.
  const [openOn, setOpenOn] = useState<string>();
  const isOpen = openOn === pathname;
  const { component, title } = serverSettings();
  const { main, status } = menuOf(component);
  return (
    <header className={styles.header}>
      <Link className={styles.name} to="/">
        {title}
      </Link>
      <nav
        aria-label={text.app.menu.label}
        className={styles.menu}
        data-open={isOpen || undefined}
        id="menu"
      >
        {main.map((item) => (
          <PageLink item={item} key={item.page} />
        ))}
        <StatusMenu items={status} />
      </nav>
      <div className={styles.controls}>
        <ThemeButton />
        <SettingsButton />
        <Burger
          aria-controls="menu"
          aria-expanded={isOpen}
          aria-label={isOpen ? text.app.menu.close : text.app.menu.open}
          className={styles.burger}
          onClick={() => setOpenOn(isOpen ? undefined : pathname)}
          opened={isOpen}
          size="sm"
        />
      </div>
    </header>
  );
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

/** In a wide window a menu that opens; in a narrow one its pages follow the others. */
function StatusMenu({ items }: { readonly items: readonly MenuItem[] }): React.ReactNode {
  const { menu } = useText().app;
  const { pathname } = useLocation();
  const isHere = items.some(({ path }) => pathname.endsWith(path));
  return (
    <>
      <div className={styles.wide}>
        <Menu position="bottom-start" shadow="md">
          <Menu.Target>
            <UnstyledButton className={styles.link} data-status={isHere ? 'active' : undefined}>
              {menu.status} <span aria-hidden="true">▾</span>
            </UnstyledButton>
          </Menu.Target>
          <Menu.Dropdown>
            {items.map(({ page, path }) => (
              <Menu.Item component={Link} key={page} to={path}>
                {menu[page]}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
      <div className={styles.narrow}>
        {items.map((item) => (
          <PageLink item={item} key={item.page} />
        ))}
      </div>
    </>
  );
}

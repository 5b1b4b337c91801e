/** The frame of every page: the way past the menu, the header with the menu, the page. */
import { Outlet } from '@tanstack/react-router';
import { useText } from '../text/use-text.ts';
import { Header } from './header.tsx';
import styles from './shell.module.css';

export function Shell(): React.ReactNode {
  const text = useText();
  return (
    <>
      <a className={styles.skip} href="#content">
        {text.app.skip}
      </a>
      <Header />
      <main className={styles.page} id="content" tabIndex={-1}>
        <Outlet />
      </main>
    </>
  );
}

/** Every key, and what it does. */
import { Dialog } from '../parts/dialog.tsx';
import { useText } from '../text/use-text.ts';
import { KEYS } from './keys.ts';
import styles from './keys-dialog.module.css';
import type { MenuItem } from './menu.ts';

export interface KeysDialogProps {
  readonly items: readonly MenuItem[];
  readonly onClose: () => void;
}

export function KeysDialog({ items, onClose }: KeysDialogProps): React.ReactNode {
  const { app, explore } = useText();
  const { keys: text, menu } = app;
  const hasQueries = items.some(({ page }) => page === 'explore');
  const rows: readonly (readonly [label: string, ...keys: string[]])[] = [
    [text.help, KEYS.help],
    [text.search, KEYS.search],
    [text.settings, KEYS.settings],
    [text.theme, KEYS.theme],
    [text.close, 'Esc'],
    ...(hasQueries ? [[explore.keys.focus, 'e'] as const] : []),
    ...items.map(({ page, key }) => [text.goTo(menu[page]), KEYS.lead, key] as const),
  ];
  return (
    <Dialog onClose={onClose} title={text.title}>
      <dl className={styles.keys}>
        {rows.map(([label, ...keys]) => (
          <div className={styles.row} key={label}>
            <dt>{label}</dt>
            <dd>
              {keys.map((key, i) => (
                <span key={key}>
                  {i > 0 && <span className={styles.between}>{text.between}</span>}
                  <kbd className={styles.key}>{key}</kbd>
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

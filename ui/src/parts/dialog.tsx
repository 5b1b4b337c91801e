/** A window above the page, by the browser's own means: focus stays inside, Escape closes, the page below is inert. */
import { useEffect, useId, useRef } from 'react';
import { useText } from '../text/use-text.ts';
import styles from './dialog.module.css';
import { CloseIcon } from './icons.tsx';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: React.ReactNode;
}

/** Open as long as it is drawn. */
export function Dialog({ title, onClose, children }: DialogProps): React.ReactNode {
  const text = useText().parts;
  const titleId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>('[data-autofocus="true"]')?.focus();
  }, []);
  return (
    <dialog
      aria-labelledby={titleId}
      className={styles.dialog}
      closedby="any"
      onClose={onClose}
      ref={dialog}
    >
      <header className={styles.head}>
        <h2 id={titleId}>{title}</h2>
        <button
          aria-label={text.close}
          className={styles.close}
          onClick={() => dialog.current?.close()}
          title={text.close}
          type="button"
        >
          <CloseIcon />
        </button>
      </header>
      {children}
    </dialog>
  );
}

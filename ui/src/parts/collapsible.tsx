/** A part of a page that is open or closed; what is closed does not exist. */
import { useId, useState } from 'react';
import styles from './collapsible.module.css';
import { ChevronIcon } from './icons.tsx';

export interface CollapsibleProps {
  readonly title: React.ReactNode;
  /** Beside the title, in sight when closed too. */
  readonly summary?: React.ReactNode;
  readonly isInitiallyOpen?: boolean;
  readonly children: React.ReactNode;
}

export function Collapsible(props: CollapsibleProps): React.ReactNode {
  const { title, summary, isInitiallyOpen = false, children } = props;
  const [isOpen, setOpen] = useState(isInitiallyOpen);
  const id = useId();
  return (
    <section className={styles.frame}>
      <div className={styles.head}>
        <button
          aria-controls={isOpen ? id : undefined}
          aria-expanded={isOpen}
          className={styles.toggle}
          onClick={() => setOpen(!isOpen)}
          type="button"
        >
          <ChevronIcon />
          {title}
        </button>
        {summary !== undefined && <div className={styles.summary}>{summary}</div>}
      </div>
      {isOpen && (
        <div className={styles.content} id={id}>
          {children}
        </div>
      )}
    </section>
  );
}

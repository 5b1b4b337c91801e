/** Says that there is nothing, and what would bring something. */
import styles from './notes.module.css';

export interface EmptyNoteProps {
  readonly title: string;
  /** What to do. */
  readonly children?: React.ReactNode;
}

export function EmptyNote({ title, children }: EmptyNoteProps): React.ReactNode {
  return (
    <div className={styles.empty} role="status">
      <p className={styles.title}>{title}</p>
      {children !== undefined && <div className={styles.hint}>{children}</div>}
    </div>
  );
}

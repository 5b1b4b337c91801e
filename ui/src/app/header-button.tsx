/** A sign in the header that can be pressed. */
import styles from './shell.module.css';

export interface HeaderButtonProps {
  readonly label: string;
  readonly onClick: () => void;
  readonly children: React.ReactNode;
}

export function HeaderButton({ label, onClick, children }: HeaderButtonProps): React.ReactNode {
  return (
    <button
      aria-label={label}
      className={styles.button}
      onClick={onClick}
      title={label}
      type="button"
    >
      {children}
    </button>
  );
}

/** A state by colour, sign and word: no one of them alone carries it. */
import type { State } from './state.ts';
import styles from './state-badge.module.css';

const SIGNS: Readonly<Record<State, string>> = { good: '●', warn: '▲', bad: '✕', unknown: '○' };

export interface StateBadgeProps {
  readonly state: State;
  /** The word, such as `up`. */
  readonly children: React.ReactNode;
  readonly title?: string;
}

export function StateBadge({ state, children, title }: StateBadgeProps): React.ReactNode {
  return (
    <span className={styles.badge} data-state={state} title={title}>
      <span aria-hidden="true" className={styles.sign}>
        {SIGNS[state]}
      </span>
      {children}
    </span>
  );
}

/** Warnings and notes of an answer, each with the part of the query that it is about. */
import { UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { useText } from '../text/use-text.ts';
import styles from './explore.module.css';
import { Icon } from './icons.tsx';

export interface Remark {
  readonly severity: 'warning' | 'info';
  readonly text: string;
  /** Of the query; undefined where a remark names no place. */
  readonly part: string | undefined;
}

const SHOWN_AT_FIRST = 3;

export function RemarksView({ remarks }: { readonly remarks: readonly Remark[] }): React.ReactNode {
  const text = useText().explore.remarks;
  const [isOpen, setOpen] = useState(false);
  if (remarks.length === 0) return null;
  const shown = isOpen ? remarks : remarks.slice(0, SHOWN_AT_FIRST);
  return (
    <ul className={styles.remarks}>
      {shown.map((remark) => (
        <li className={styles.remark} data-severity={remark.severity} key={remark.text}>
          <span className={styles.remarkSign}>
            <Icon name={remark.severity} />
          </span>
          <span className={styles.remarkText}>
            <span className={styles.hidden}>
              {remark.severity === 'warning' ? text.warnings : text.infos}
            </span>
            {remark.text}
            {remark.part === undefined ? null : <code className={styles.part}>{remark.part}</code>}
          </span>
        </li>
      ))}
      {remarks.length > SHOWN_AT_FIRST ? (
        <li>
          <UnstyledButton className={styles.quietButton} onClick={() => setOpen(!isOpen)}>
            {isOpen ? text.less : text.more(remarks.length - SHOWN_AT_FIRST)}
          </UnstyledButton>
        </li>
      ) : null}
    </ul>
  );
}

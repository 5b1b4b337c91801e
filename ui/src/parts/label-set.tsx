/** Labels as badges, in the order of their names; the whole set can be copied as a selector. */
import { useState } from 'react';
import { useText } from '../text/use-text.ts';
import { CopyButton } from './copy-button.tsx';
import styles from './label-set.module.css';
import { printSelector } from './print-selector.ts';

export interface LabelSetProps {
  readonly labels: Readonly<Record<string, string>>;
  /** Names that are shown elsewhere. */
  readonly omit?: readonly string[];
  /** Shows so many, and the rest when asked. */
  readonly max?: number;
  /** Makes badges buttons, such as for a filter. */
  readonly onPick?: (name: string, value: string) => void;
  readonly isCopyable?: boolean;
}

export function LabelSet(props: LabelSetProps): React.ReactNode {
  const { labels, omit = [], max = 50, onPick, isCopyable = true } = props;
  const text = useText().parts;
  const [isWhole, setWhole] = useState(false);
  const names = Object.keys(labels)
    .filter((name) => !omit.includes(name))
    .sort();
  const shown = isWhole ? names : names.slice(0, max);
  if (names.length === 0) return <span className={styles.none}>{'{}'}</span>;
  return (
    <ul className={styles.labels}>
      {shown.map((name) => (
        <li key={name}>
          <LabelBadge
            name={name}
            value={labels[name] ?? ''}
            {...(onPick === undefined ? {} : { onPick })}
          />
        </li>
      ))}
      {names.length > max && (
        <li>
          <button className={styles.more} onClick={() => setWhole(!isWhole)} type="button">
            {isWhole ? text.fewer : text.more(names.length - max)}
          </button>
        </li>
      )}
      {isCopyable && (
        <li className={styles.copy}>
          <CopyButton label={text.copyLabels} text={printSelector(labels)} />
        </li>
      )}
    </ul>
  );
}

interface LabelBadgeProps extends Pick<LabelSetProps, 'onPick'> {
  readonly name: string;
  readonly value: string;
}

function LabelBadge({ name, value, onPick }: LabelBadgeProps): React.ReactNode {
  const content = (
    <>
      <span className={styles.labelName}>{name}=</span>
      {JSON.stringify(value)}
    </>
  );
  if (onPick === undefined) return <span className={styles.label}>{content}</span>;
  return (
    <button className={styles.label} onClick={() => onPick(name, value)} type="button">
      {content}
    </button>
  );
}

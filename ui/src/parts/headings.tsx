/** Titles of pages and sections. */
import { useEffect } from 'react';
import { serverSettings } from '../data/server-settings.ts';
import styles from './headings.module.css';

export interface HeaderProps {
  readonly title: string;
  /** One sentence under the title. */
  readonly description?: React.ReactNode;
  /** How many there are, beside the title. */
  readonly count?: string | undefined;
  /** What can be done, at the right. */
  readonly children?: React.ReactNode;
}

/** The first heading of a page, which names its window too. */
export function PageTitle(props: HeaderProps): React.ReactNode {
  const { title } = props;
  useEffect(() => {
    document.title = `${title} · ${serverSettings().title}`;
  }, [title]);
  return <Heading {...props} level="h1" />;
}

export function SectionHeader(props: HeaderProps): React.ReactNode {
  return <Heading {...props} level="h2" />;
}

interface HeadingProps extends HeaderProps {
  readonly level: 'h1' | 'h2';
}

function Heading({
  level: Level,
  title,
  description,
  count,
  children,
}: HeadingProps): React.ReactNode {
  return (
    <div className={styles.header} data-level={Level}>
      <div className={styles.words}>
        <Level className={styles.title}>
          {title}
          {count !== undefined && ' '}
          {count !== undefined && <span className={styles.count}>{count}</span>}
        </Level>
        {description !== undefined && <p className={styles.description}>{description}</p>}
      </div>
      {children !== undefined && <div className={styles.actions}>{children}</div>}
    </div>
  );
}

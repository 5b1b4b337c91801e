/** The notices of the moment, in a corner where they hide nothing that is being read. */
import { useContext, useEffect, useSyncExternalStore } from 'react';
import { CloseIcon } from '../parts/icons.tsx';
import { type Notice, NoticeContext } from '../parts/notices.ts';
import { useText } from '../text/use-text.ts';
import styles from './notice-list.module.css';

/** Good news goes by itself; what failed stays until it has been seen. */
const GOOD_MS = 6000;

export function NoticeList(): React.ReactNode {
  const store = useContext(NoticeContext);
  const notices = useSyncExternalStore(store.subscribe, store.current);
  const text = useText().parts;
  return (
    <section aria-label={text.notices} aria-live="polite" className={styles.list}>
      {notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} onClose={() => store.remove(notice.id)} />
      ))}
    </section>
  );
}

interface NoticeCardProps {
  readonly notice: Notice;
  readonly onClose: () => void;
}

function NoticeCard({ notice, onClose }: NoticeCardProps): React.ReactNode {
  const words = useText().parts;
  const { state, title, text } = notice;
  useEffect(() => {
    if (state !== 'good') return;
    const timer = setTimeout(onClose, GOOD_MS);
    return () => clearTimeout(timer);
  });
  return (
    <div className={styles.notice} data-state={state}>
      <div className={styles.words}>
        <p className={styles.title}>{title}</p>
        {text !== undefined && <p className={styles.text}>{text}</p>}
      </div>
      <button aria-label={words.close} className={styles.close} onClick={onClose} type="button">
        <CloseIcon />
      </button>
    </div>
  );
}

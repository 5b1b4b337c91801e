/** While a query runs: nothing at first, then for how long, a way to end it, and at last what makes it faster. */
import { Button, Loader } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useFormats, useText } from '../text/use-text.ts';
import styles from './explore.module.css';

const QUIET_MS = 400;
const SLOW_MS = 8000;
const TICK_MS = 100;

interface RunningNoteProps {
  readonly onCancel: () => void;
  /** What stands there at first: quick queries change nothing. */
  readonly children: React.ReactNode;
}

export function RunningNote({ onCancel, children }: RunningNoteProps): React.ReactNode {
  const text = useText().explore;
  const formats = useFormats();
  const elapsedMs = useElapsed();
  if (elapsedMs < QUIET_MS) return children;
  const shownMs =
    elapsedMs < 10_000 ? Math.floor(elapsedMs / 100) * 100 : Math.floor(elapsedMs / 1000) * 1000;
  return (
    <div className={styles.running} role="status">
      <Loader size={14} />
      <span>{text.running.since(formats.duration(shownMs))}</span>
      <Button onClick={onCancel} size="compact-xs" variant="default">
        {text.cancel}
      </Button>
      {elapsedMs > SLOW_MS ? <span className={styles.slow}>{text.running.slow}</span> : null}
    </div>
  );
}

function useElapsed(): number {
  const [elapsedMs, setElapsed] = useState(0);
  useEffect(() => {
    const startedMs = performance.now();
    const timer = setInterval(() => setElapsed(performance.now() - startedMs), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return elapsedMs;
}

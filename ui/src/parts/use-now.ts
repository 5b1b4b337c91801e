/** The time, for what is shown relative to it. */
import { useEffect, useState } from 'react';

/** Unix milliseconds, renewed so often while the component is shown. */
export function useNow(everyMs = 1000): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return nowMs;
}

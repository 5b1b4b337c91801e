/** Times and durations in the text of a page, with their exact value on hover. */
import { formatTime } from '../text/format.ts';
import { useFormats, useText } from '../text/use-text.ts';
import { useNow } from './use-now.ts';

export interface TimeTextProps {
  /** Unix milliseconds; what is not finite or not after 1970 was never. */
  readonly timeMs: number;
  /** As `12s ago`, renewed by itself. */
  readonly isRelative?: boolean;
}

export function TimeText({ timeMs, isRelative = false }: TimeTextProps): React.ReactNode {
  const text = useText().parts;
  const formats = useFormats();
  if (!Number.isFinite(timeMs) || timeMs <= 0 || timeMs > 8.64e15) return <span>{text.never}</span>;
  const exact = `${formats.time(timeMs)} · ${formatTime(timeMs, { timeZone: 'UTC' })} UTC`;
  return (
    <time dateTime={new Date(timeMs).toISOString()} title={exact}>
      {isRelative ? <RelativeTime timeMs={timeMs} /> : formats.time(timeMs)}
    </time>
  );
}

function RelativeTime({ timeMs }: Pick<TimeTextProps, 'timeMs'>): React.ReactNode {
  const text = useText().parts;
  const formats = useFormats();
  const passedMs = useNow() - timeMs;
  const seconds = formats.duration(Math.round(Math.abs(passedMs) / 1000) * 1000);
  return passedMs < -1000 ? text.ahead(seconds) : text.ago(passedMs < 500 ? '0s' : seconds);
}

export interface DurationTextProps {
  readonly durationMs: number;
}

export function DurationText({ durationMs }: DurationTextProps): React.ReactNode {
  const formats = useFormats();
  return <span title={`${durationMs} ms`}>{formats.duration(durationMs)}</span>;
}

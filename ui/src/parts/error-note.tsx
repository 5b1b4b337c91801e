/** A failure, calmly and exactly: what, in the server's own words, where in the query, and what to do. */
import { Button } from '@mantine/core';
import { ApiFailure } from '../data/api-failure.ts';
import { useText } from '../text/use-text.ts';
import { markFault } from './mark-fault.ts';
import styles from './notes.module.css';

export interface ErrorNoteProps {
  readonly failure: Error;
  /** Shown with the fault underlined, where the failure names a position. */
  readonly query?: string;
  readonly onRetry?: () => void;
}

export function ErrorNote({ failure, query, onRetry }: ErrorNoteProps): React.ReactNode {
  const { parts } = useText();
  const text = parts.failure;
  const isApi = failure instanceof ApiFailure;
  const hint = isApi ? text.hints[failure.kind] : '';
  const isPassing = isApi && failure.isPassing;
  return (
    <div className={styles.failure} data-passing={isPassing || undefined} role="alert">
      <p className={styles.title}>{isApi ? text.titles[failure.kind] : text.page}</p>
      <p className={styles.exact}>{useExactText(failure)}</p>
      {isApi && query !== undefined && <FaultyQuery failure={failure} query={query} />}
      {hint !== '' && <p className={styles.hint}>{hint}</p>}
      {onRetry !== undefined && (
        <div className={styles.actions}>
          <Button onClick={onRetry} size="xs" variant="default">
            {parts.retry}
          </Button>
        </div>
      )}
    </div>
  );
}

function useExactText(failure: Error): string {
  const text = useText().parts.failure;
  if (!(failure instanceof ApiFailure)) return failure.message;
  if (failure.kind === 'network') return text.unreached(location.host);
  if (failure.kind === 'proxy') return text.proxyStatus(failure.status);
  return failure.text;
}

interface FaultyQueryProps {
  readonly failure: ApiFailure;
  readonly query: string;
}

function FaultyQuery({ failure, query }: FaultyQueryProps): React.ReactNode {
  const text = useText().parts.failure;
  const { position } = failure;
  if (position === undefined) return null;
  const fault = markFault(query, position);
  if (fault === undefined) return null;
  return (
    <pre className={styles.query}>
      {fault.before}
      <mark title={text.at(position.line, position.column)}>{fault.marked}</mark>
      {fault.after}
    </pre>
  );
}

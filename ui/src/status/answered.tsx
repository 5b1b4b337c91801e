/** An answer of the API with what may stand in its place: a skeleton, a failure, and warnings above. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ApiAnswer } from '../data/api.ts';
import type { ApiFailure } from '../data/api-failure.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { TableSkeleton } from '../parts/skeletons.tsx';
import styles from './status.module.css';

export interface AnsweredProps<T> {
  readonly query: UseQueryResult<ApiAnswer<T>, ApiFailure>;
  readonly skeleton?: React.ReactNode;
  readonly children: (data: T) => React.ReactNode;
}

/** The last answer stays under a failure that came after it. */
export function Answered<T>({ query, skeleton, children }: AnsweredProps<T>): React.ReactNode {
  const { data: answer, error, refetch } = query;
  return (
    <>
      {error !== null && <ErrorNote failure={error} onRetry={() => void refetch()} />}
      {answer === undefined && error === null && (skeleton ?? <TableSkeleton />)}
      {answer !== undefined && (
        <>
          <Warnings warnings={answer.warnings} />
          {children(answer.data)}
        </>
      )}
    </>
  );
}

export function Warnings({ warnings }: { readonly warnings: readonly string[] }): React.ReactNode {
  if (warnings.length === 0) return null;
  return (
    <ul className={styles.warnings} role="status">
      {warnings.map((warning) => (
        <li key={warning}>{warning}</li>
      ))}
    </ul>
  );
}

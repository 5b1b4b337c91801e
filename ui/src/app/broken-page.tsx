/** What is shown in place of a page that threw. */
import type { ErrorComponentProps } from '@tanstack/react-router';
import { ErrorNote } from '../parts/error-note.tsx';
import { PageTitle } from '../parts/headings.tsx';
import { useText } from '../text/use-text.ts';

export function BrokenPage({ error }: ErrorComponentProps): React.ReactNode {
  const { broken } = useText().app;
  const failure = error instanceof Error ? error : new Error(String(error));
  return (
    <>
      <PageTitle description={broken.text} title={broken.title} />
      <ErrorNote failure={failure} onRetry={() => location.reload()} />
    </>
  );
}
